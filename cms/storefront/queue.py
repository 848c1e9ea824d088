"""The queue of addresses to render. It lives in the database, so that a change and its mark commit together."""

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from cms.celery import send

from .models import DirtyRoute, Priority
from .paths import UnsafePath, normalise

logger = logging.getLogger(__name__)

PUBLISH_TASK = "storefront.publish_dirty_routes"

# A mark for everything: the worker spreads it out, so that the editor's transaction stays short.
WHOLE_SITE = "*"

# Rows per statement: far below PostgreSQL's 65,535 parameters and SQLite's limit.
ROWS_PER_STATEMENT = 2_000

# Longer than the slowest batch (renderer time-out included); a dead worker's rows wait this long.
LEASE = timedelta(seconds=60)

# The wait after the n-th failure doubles from two seconds up to this.
LONGEST_WAIT = timedelta(minutes=5)


def mark_dirty(paths: Iterable[str], priority: Priority = Priority.CLICK, wait: timedelta = timedelta()) -> None:
    """Marks addresses in the caller's transaction and wakes a worker once it has committed.

    Marking again gives a new token and takes the row from whoever renders it: that work was done
    on an older version. Bulk work never lowers the priority of what a person waits for. With `wait`,
    nobody looks at the addresses before.
    """
    safe = sorted(_safe(paths))
    if not safe:
        return
    now = timezone.now()
    token = secrets.randbits(62)
    rows = [
        DirtyRoute(path=path, token=token, priority=priority, marked_at=now, next_attempt_at=now + wait)
        for path in safe
    ]
    update = ["token", "next_attempt_at", "tries", "error", "lease_holder", "lease_until"]
    if priority == Priority.CLICK:
        update += ["priority", "marked_at"]
    DirtyRoute.objects.bulk_create(
        rows, batch_size=ROWS_PER_STATEMENT, update_conflicts=True, unique_fields=["path"], update_fields=update
    )
    transaction.on_commit(partial(send, PUBLISH_TASK))


def mark_whole_site() -> None:
    """Something that every page shows has changed. Costs one row now, the pages follow in bulk."""
    mark_dirty([WHOLE_SITE], Priority.BULK)


def _safe(paths: Iterable[str]) -> set[str]:
    """Leaves out what cannot be a file: one odd address must not stop a whole change."""
    result = set()
    for path in paths:
        try:
            result.add(path if path == WHOLE_SITE else normalise(path))
        except UnsafePath as error:
            logger.warning("Address left out: %s", error)
    return result


def claim(holder: str, limit: int) -> list[DirtyRoute]:
    """Takes the most urgent due rows for `holder`. Rows in somebody's open transaction are passed over."""
    with transaction.atomic():
        rows = DirtyRoute.objects.due().order_by("priority", "marked_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        claimed = list(rows[:limit])
        DirtyRoute.objects.filter(pk__in=[row.pk for row in claimed]).update(
            lease_holder=holder, lease_until=timezone.now() + LEASE
        )
    return claimed


def still_mine(row: DirtyRoute, holder: str) -> bool:
    """Locks the row, in the caller's transaction, if nothing has happened to it since it was claimed.

    A row locked by another transaction is about to be marked again: then it is not ours any more.
    """
    rows = DirtyRoute.objects.filter(pk=row.pk, token=row.token, lease_holder=holder)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows.first() is not None


def give_back(row: DirtyRoute, holder: str, error: str) -> None:
    """The page could not be made: it is tried again, later each time."""
    tries = row.tries + 1
    wait = min(timedelta(seconds=2 ** min(tries, 12)), LONGEST_WAIT)
    DirtyRoute.objects.filter(pk=row.pk, token=row.token, lease_holder=holder).update(
        tries=tries,
        error=error[:300],
        next_attempt_at=timezone.now() + wait,
        lease_holder="",
        lease_until=None,
    )
