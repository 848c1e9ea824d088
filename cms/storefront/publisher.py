"""Makes the site's files follow the CMS: takes marked addresses, renders them, writes them."""

import hashlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import DirtyRoute, Priority, PublishedRoute, RouteState
from .queue import WHOLE_SITE, claim, give_back, mark_dirty, still_mine
from .renderer import Rendered, RenderError, client, render
from .targets import FolderTarget, compress, site_target

logger = logging.getLogger(__name__)

# Few at a time: a click that comes in during a bulk rebuild waits for at most one batch.
BATCH = 12

# The renderer is fastest with two to three pages under way (measured).
RENDER_THREADS = 3


@dataclass
class BatchResult:
    """What became of the rows of one batch."""

    claimed: int = 0
    done: int = 0
    superseded: int = 0
    failed: int = 0

    @property
    def worth_going_on(self) -> bool:
        """Something was taken, and not all of it failed: the renderer is alive."""
        return self.claimed > 0 and self.failed < self.claimed


@dataclass(frozen=True)
class Outcome:
    """A page ready to be written. No `variants`: what is on the site is the same already."""

    rendered: Rendered
    content_hash: str = ""
    variants: dict[str, bytes] | None = None


def publish_batch(limit: int = BATCH) -> BatchResult:
    """Takes the most urgent addresses and brings the site in line with them.

    May be killed at any point: a row is deleted in the transaction that covers its file's writing,
    and whatever is left is taken by another worker when the lease has run out.
    """
    holder = f"{socket.gethostname()[:16]}:{os.getpid()}:{secrets.token_hex(4)}"
    rows = claim(holder, limit)
    result = BatchResult(claimed=len(rows))
    pages = [row for row in rows if row.path != WHOLE_SITE]
    for row in rows:
        if row.path == WHOLE_SITE:
            spread_out(row, holder)
            result.done += 1
    if pages:
        _publish_pages(pages, holder, result)
    return result


def publish_all(seconds: float) -> bool:
    """Publishes until nothing is due. False: time is up and there is more to do."""
    end = time.monotonic() + seconds
    while publish_batch().worth_going_on:
        if time.monotonic() > end:
            return False
    return True


def spread_out(row: DirtyRoute, holder: str) -> None:
    """Turns the mark for the whole site into a mark for each of its pages."""
    with transaction.atomic():
        if still_mine(row, holder):
            live = PublishedRoute.objects.filter(state=RouteState.LIVE).values_list("path", flat=True)
            mark_dirty(live.iterator(), Priority.BULK)
            DirtyRoute.objects.filter(pk=row.pk).delete()


def _publish_pages(rows: list[DirtyRoute], holder: str, result: BatchResult) -> None:
    target = site_target()
    known = {route.path: route for route in PublishedRoute.objects.filter(path__in=[row.path for row in rows])}
    http = client(settings.RENDERER_URL)
    with ThreadPoolExecutor(RENDER_THREADS) as pool:
        futures = {pool.submit(_prepare, http, target, row.path, known.get(row.path)): row for row in rows}
        for future in as_completed(futures):
            _finish(futures[future], holder, future, target, known, result)


def _prepare(http: httpx.Client, target: FolderTarget, path: str, known: PublishedRoute | None) -> Outcome:
    """Renders and compresses, in a thread of its own and without the database."""
    rendered = render(http, path)
    if rendered.kind != "page":
        return Outcome(rendered)
    content_hash = hashlib.sha256(rendered.body).hexdigest()
    if known and known.content_hash == content_hash and target.has(path):
        return Outcome(rendered, content_hash)
    return Outcome(rendered, content_hash, compress(rendered.body))


def _finish(
    row: DirtyRoute,
    holder: str,
    future: Future[Outcome],
    target: FolderTarget,
    known: dict[str, PublishedRoute],
    result: BatchResult,
) -> None:
    try:
        written = _write(row, holder, future.result(), target, known.get(row.path))
    except (RenderError, OSError, ValueError) as error:
        words = str(error) if isinstance(error, RenderError) else f"file not written: {error}"
        logger.warning("Page %s is not on the site yet: %s", row.path, words)
        give_back(row, holder, words)
        result.failed += 1
        return
    if written:
        result.done += 1
    else:
        result.superseded += 1


def _write(row: DirtyRoute, holder: str, outcome: Outcome, target: FolderTarget, known: PublishedRoute | None) -> bool:
    """Writes the file and forgets the row, unless the address has been marked again meanwhile.

    The row stays locked while the file is written: a later change cannot commit in between, and so
    an older page never lands on top of a newer one.
    """
    if known and outcome.variants:
        # If we die while the file is being replaced, nobody may believe that it has the old content.
        PublishedRoute.objects.filter(path=row.path).update(content_hash="")
    with transaction.atomic():
        if not still_mine(row, holder):
            return False
        if outcome.rendered.kind == "page":
            if outcome.variants:
                target.put(row.path, outcome.variants)
            _remember(row.path, RouteState.LIVE, outcome.content_hash, known)
        else:
            target.remove(row.path, gone=outcome.rendered.kind == "gone")
            if known or outcome.rendered.kind == "gone":
                _remember(row.path, RouteState.GONE, "", known)
        DirtyRoute.objects.filter(pk=row.pk).delete()
    return True


def _remember(path: str, state: RouteState, content_hash: str, known: PublishedRoute | None) -> None:
    now = timezone.now()
    since = known.since if known and known.state == state else now
    PublishedRoute.objects.bulk_create(
        [PublishedRoute(path=path, state=state, content_hash=content_hash, since=since, updated_at=now)],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["state", "content_hash", "since", "updated_at"],
    )


def mark_all_routes(paths: Iterable[str]) -> int:
    """Marks every address of the site and everything that is on the site without being one. Returns how many."""
    wanted = set(paths)
    stale = set(PublishedRoute.objects.filter(state=RouteState.LIVE).values_list("path", flat=True)) - wanted
    stale |= set(site_target().paths()) - wanted
    mark_dirty(wanted | stale, Priority.BULK)
    return len(wanted | stale)
