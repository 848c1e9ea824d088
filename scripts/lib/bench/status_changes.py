"""Run as a module: fills a catalogue for `bulk_status`, or changes the state of cars in it, at once or one by one.

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

WARM_UP = 5
SETS = 4
"""At once, one by one, by Wagtail, and the cars that warm the process up."""
BATCH = 500
SINGLES = 100
"""So many cars one by one say what one car costs; it does not depend on how many follow."""


def fill(count: str) -> dict[str, Any]:
    """Drafts: `count` for each way that is measured."""
    from django.core.management import call_command
    from django.db import connection

    from listings.bulk import create_listings
    from listings.management.commands.fill_catalogue import GeneratedStock, dealer

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    stock = GeneratedStock(dealer(), seed=5)
    for _number in range(0, int(count) * SETS, BATCH):
        create_listings([stock.listing() for _ in range(BATCH)], user=None, publish=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def change(count: str) -> dict[str, Any]:
    """Seconds and queries a car, by act and way."""
    from listings.models import Listing

    number = int(count)
    cars = list(Listing.objects.order_by("pk"))
    ready, at_once, single, wagtail = (cars[place * number : (place + 1) * number] for place in range(SETS))
    user, found = _moderator(), {}
    single, wagtail = single[:SINGLES], wagtail[:SINGLES]
    ways = {"at once": (_at_once, at_once), "one by one": (_one_by_one, single)}
    for act in ("publish", "reserve", "sell"):
        for way, (work, listings) in ways.items():
            # Connections, content types and plans are there before the clock runs.
            half = ready[:WARM_UP] if way == "at once" else ready[WARM_UP : 2 * WARM_UP]
            work(half, act, user)
            found[f"{act} {way}"] = _measured(work, listings, act, user)
    _by_wagtail(ready[2 * WARM_UP : 3 * WARM_UP], "publish", user)
    found["publish by Wagtail"] = _measured(_by_wagtail, wagtail, "publish", user)
    return found


def _at_once(listings: Sequence[Any], act: str, user: Any) -> None:
    """As the bulk action of the admin and `POST /listings/bulk` do."""
    from listings.mass import Act, Wish, carry_out

    wish = Wish(act=Act(act))
    _expect_none(carry_out({listing.pk: wish for listing in listings}, user))


def _one_by_one(listings: Sequence[Any], act: str, user: Any) -> None:
    """The same verbs, as the buttons of a car's page do."""
    from listings import lifecycle
    from listings.vocabulary import SaleState

    for listing in listings:
        if act == "publish":
            _expect_none(lifecycle.publish([listing], user))
        else:
            state = SaleState.RESERVED if act == "reserve" else SaleState.SOLD
            _expect_none(lifecycle.set_sale_state([listing], state, user))


def _by_wagtail(listings: Sequence[Any], act: str, user: Any) -> None:
    """What a bulk action of Wagtail's kind does: publish() of each car's newest revision."""
    for listing in listings:
        listing.latest_revision.publish(user=user)


def _expect_none(refused: dict[int, str]) -> None:
    if refused:
        raise SystemExit(f"Refused: {next(iter(refused.values()))}")


def _measured(work: Callable[..., None], listings: Sequence[Any], act: str, user: Any) -> dict[str, float]:
    """Seconds and queries a car; the queries are counted as they pass, without keeping their texts."""
    from django.db import connection

    queries = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    start = time.perf_counter()
    with connection.execute_wrapper(count):
        work(listings, act, user)
    seconds = time.perf_counter() - start
    return {"seconds": seconds / len(listings), "queries": queries / len(listings)}


def _moderator() -> Any:
    from cms.users.models import User

    return User.objects.create(username="bench-moderator", is_superuser=True)


STEPS: dict[str, Callable[..., dict[str, Any]]] = {step.__name__: step for step in (fill, change)}


def main(answer: str, step: str, *words: str) -> None:
    django.setup()
    Path(answer).write_text(json.dumps(STEPS[step](*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
