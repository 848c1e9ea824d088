"""Run as a module: makes the cars for `publication_overhead`, or publishes them, in turns with bare calls.

Writes its answer as JSON into the file that is named first.
"""

import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import django

WARM_UP = 20
TURNS = 2
BATCH = 250
PER_MINUTE = 3000
PUBLICATIONS, BARE = "publications.telegram", "bench"
POLL = 0.01
PLATFORM_SECONDS = 0.1
"""What a platform on the internet takes for a short text, way there and back included."""


def fill(count: str) -> dict[str, Any]:
    """Public cars whose publications nobody has been told of."""
    from django.core.management import call_command
    from django.db import connection

    from integrations.demo.channels import ensure_demo_channel
    from listings.bulk import create_listings
    from listings.management.commands.fill_catalogue import GeneratedStock, dealer

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    channel = ensure_demo_channel()
    channel.settings |= {"per_minute": PER_MINUTE}
    channel.save(update_fields=["settings"])
    _tell_sandbox(telegram={"per_minute": 10**9})
    stock, left = GeneratedStock(dealer(), seed=7), int(count) + WARM_UP + 1
    while left > 0:
        create_listings([stock.listing() for _ in range(min(BATCH, left))], user=None, publish=True)
        left -= BATCH
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def measure(count: str) -> dict[str, Any]:
    """Publications and bare calls a second by the platform's time, and the queries of one publication."""
    from integrations.publications.models import Publication
    from integrations.publications.vocabulary import State

    rows = list(Publication.objects.order_by("pk").values_list("pk", flat=True))
    bare = _bare(_text(rows[0]))
    queries = _queries(rows[0])
    warm, rows = rows[1 : WARM_UP + 1], rows[WARM_UP + 1 :]
    _drained(_publishing, warm, PUBLICATIONS)
    _drained(bare, warm, BARE)
    half = len(rows) // 2
    rates = {"at_once": _rates(rows[:half], bare)}
    _answer_after(PLATFORM_SECONDS)
    rates["distant"] = _rates(rows[half:], bare)
    published = Publication.objects.filter(pk__in=rows, state=State.PUBLISHED).count()
    return rates | {"published": published, "queries": queries}


def _rates(rows: Sequence[int], bare: Callable[[int], None]) -> dict[str, float]:
    """Each row once published and once bare, in turns."""
    seconds = {"publications": 0.0, "bare": 0.0}
    size = -(-len(rows) // TURNS)
    for turn in range(TURNS):
        part = rows[turn * size : (turn + 1) * size]
        ways = [("publications", _publishing, PUBLICATIONS), ("bare", bare, BARE)]
        for name, send, queue in ways if turn % 2 == 0 else reversed(ways):
            seconds[name] += _drained(send, part, queue)
    return {name: len(rows) / value for name, value in seconds.items()}


def _answer_after(seconds: float) -> None:
    _tell_sandbox(faults=[{"platform": "telegram", "delay": seconds, "count": 10**9}])


def _tell_sandbox(**settings: Any) -> None:
    from django.conf import settings as product

    from cms import outgoing as http

    http.request("POST", f"{product.SANDBOX_URL}/__control", json=settings)


def _publishing(publication_id: int) -> None:
    from integrations.publications.queues import tell_worker

    tell_worker(publication_id, "telegram")


def _bare(text: str) -> Callable[[int], None]:
    from django.conf import settings

    from cms.celery import app
    from integrations.demo.channels import CHAT, TOKEN

    url = f"{settings.SANDBOX_URL}/telegram/bot{TOKEN}/sendMessage"

    def send(_number: int) -> None:
        app.send_task("bench.bare_call", args=(url, CHAT, text), queue=BARE, ignore_result=True, retry=False)

    return send


def _text(publication_id: int) -> str:
    """What the product posts of a car."""
    from integrations.marketplaces.registry import get_adapter
    from integrations.publications.accounts import open_account
    from integrations.publications.models import Publication
    from integrations.publications.steps import document_for_adapters

    row = Publication.objects.get(pk=publication_id)
    payload: Any = get_adapter("telegram").render(document_for_adapters(row), open_account(row.channel))
    return str(payload.text)


def _queries(publication_id: int) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from integrations.publications.engine import reconcile

    with CaptureQueriesContext(connection) as queries:
        reconcile(publication_id)
    return len(queries)


def _drained(send: Callable[[int], None], rows: Sequence[int], queue: str) -> float:
    """Seconds from the first message to the last acknowledgement: a task is acknowledged when it is done."""
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        start = time.perf_counter()
        for row in rows:
            send(row)
        while broker.llen(queue) or broker.hlen("unacked"):
            time.sleep(POLL)
        return time.perf_counter() - start


STEPS: dict[str, Callable[[str], dict[str, Any]]] = {step.__name__: step for step in (fill, measure)}


def main(answer: str, step: str, count: str) -> None:
    django.setup()
    Path(answer).write_text(json.dumps(STEPS[step](count)))


if __name__ == "__main__":
    main(*sys.argv[1:])
