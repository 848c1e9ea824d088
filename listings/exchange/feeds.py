"""Feeds: when an address is asked again, the conditional request, and the run that each answer begins."""

import logging
import tempfile
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from listings.models import Feed, Import

from . import staging
from .errors import FileError
from .fetching import FetchError, fetch
from .messages import tell_worker
from .readers.base import MAX_BYTES
from .states import AT_WORK, FeedSchedule, ImportState

logger = logging.getLogger(__name__)

UNFINISHED = (*AT_WORK, ImportState.PULLING, ImportState.WAITING, ImportState.MAPPING)
INSPECTED = ("kind", "encoding", "delimiter", "sheets", "sheet", "mapping", "built_in", "total")


def pull(feed: Feed) -> Import:
    """Begins a run. Raises FileError if the last one is not over, or waits for somebody's answer."""
    with transaction.atomic():
        feed = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
        last = feed.runs.filter(state__in=UNFINISHED).first()
        if last is not None:
            raise FileError(_("The last run is not over: %s.") % last.get_state_display())
        job = Import.objects.create(
            feed=feed,
            dealer=feed.dealer,
            user=feed.user,
            filename=feed.name,
            submit=feed.submit,
            publish=feed.publish,
            archive_vanished=feed.archive_vanished,
            state=ImportState.PULLING,
        )
        tell_worker(job)
    return job


def pull_due(now: datetime | None = None) -> int:
    """Begins the runs of all feeds whose time has come; a feed that still asks or works waits. Returns how many."""
    now = now or timezone.now()
    with transaction.atomic():
        due = Feed.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            Q(next_at__isnull=True) | Q(next_at__lte=now), enabled=True
        )
        feeds = list(due)
        for feed in feeds:
            feed.next_at = next_time(feed, now)
        Feed.objects.bulk_update(feeds, ["next_at"])
    count = 0
    for feed in feeds:
        try:
            pull(feed)
            count += 1
        except FileError as error:
            logger.info("Feed %s is left out: %s", feed.pk, error)
    return count


def next_time(feed: Feed, now: datetime) -> datetime:
    if feed.schedule == FeedSchedule.HOURLY or feed.at is None:
        return now + timedelta(hours=1)
    today = timezone.localtime(now)
    at = today.replace(hour=feed.at.hour, minute=feed.at.minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def fetch_file(job: Import) -> dict[str, Any]:
    """Brings the feed's file; the columns of the import that it fills. Raises FileError."""
    feed = job.feed
    if feed is None:
        raise FileError(_("The feed is not here any more."))
    headers = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    with tempfile.TemporaryFile() as file:
        try:
            status, found = fetch(
                feed.address, file, max_bytes=MAX_BYTES, headers={name: text for name, text in headers.items() if text}
            )
        except FetchError as error:
            raise FileError(error.reason) from error
        if status == 304:
            return {"state": ImportState.UNCHANGED, "finished_at": timezone.now()}
        job.file.save("", File(file), save=False)
    staging.inspect_file(job)
    etag, modified = found.get("etag", ""), found.get("last-modified", "")
    # What does not fit is left out: the next answer is then read whole.
    feed.etag, feed.last_modified = etag if len(etag) <= 200 else "", modified if len(modified) <= 100 else ""
    Feed.objects.filter(pk=feed.pk).update(etag=feed.etag, last_modified=feed.last_modified)
    values: dict[str, Any] = {name: getattr(job, name) for name in INSPECTED}
    return values | {
        "file": job.file.name,
        "state": ImportState.CHECKING if staging.is_understood(job) else ImportState.MAPPING,
    }


def forget_version(job: Import) -> None:
    """A run that did not end well: next time the file is loaded even if it is the same."""
    if job.feed_id:
        Feed.objects.filter(pk=job.feed_id).update(etag="", last_modified="")
