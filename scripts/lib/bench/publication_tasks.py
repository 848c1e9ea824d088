"""What publishing costs with nothing around it: one message, one call, no account of it. For `publication_overhead`."""

import httpx
from celery import shared_task


@shared_task(name="bench.bare_call")
def bare_call(url: str, chat_id: str, text: str) -> None:
    httpx.post(url, data={"chat_id": chat_id, "text": text, "parse_mode": "HTML"}, timeout=90).raise_for_status()
