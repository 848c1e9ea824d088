"""What publishing costs with nothing around it: one message, one call, no account of it. For `publication_overhead`.

The same call on the wire: a connection of its own, as the product makes it. The client is made once, as whoever writes
such a task with care does.
"""

import httpx
from celery import shared_task

_client = httpx.Client(timeout=90, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)


@shared_task(name="bench.bare_call")
def bare_call(url: str, chat_id: str, text: str) -> None:
    _client.post(url, data={"chat_id": chat_id, "text": text, "parse_mode": "HTML"}).raise_for_status()
