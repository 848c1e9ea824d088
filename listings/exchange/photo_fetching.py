"""Brings the photos of one car: from their addresses, or out of the archive that came with the file."""

import io
import tempfile
import time
from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.images.models import CustomImage
from cms.images.services import add_image
from listings.models import PhotoDownload

from .fetching import FetchError, fetch
from .photo_archive import ARCHIVE_PROBLEMS, MAX_PHOTO_BYTES
from .photos import put_in
from .states import PhotoState

TOTAL_SECONDS = 180.0
"""For one car in one turn; what is left waits for the next."""
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Before the second, third and fourth attempt; after that the photo has failed."""


def fetch_photos(listing_id: int) -> None:
    """Fetches what is waiting, then puts in what is there. Rows are locked one by one: two workers do no harm."""
    deadline = time.monotonic() + TOTAL_SECONDS
    waiting = PhotoDownload.objects.filter(listing=listing_id, state=PhotoState.WAITING)
    ids = list(waiting.order_by("position", "pk").values_list("pk", flat=True))
    for pk in ids:
        if time.monotonic() > deadline:
            # Another turn goes on with the rest.
            PhotoDownload.objects.filter(pk__in=ids, state=PhotoState.WAITING).update(next_attempt_at=timezone.now())
            break
        _bring(pk)
    put_in(listing_id)


def _bring(pk: int) -> None:
    with transaction.atomic():
        locked = PhotoDownload.objects.select_for_update(of=("self",), skip_locked=True)
        download = locked.select_related("listing__dealer__collection", "job").filter(pk=pk).first()
        if download is None or download.state != PhotoState.WAITING:
            return
        try:
            with _opened(download) as file:
                download.image = _stored(download, file)
            download.state, download.error = PhotoState.STORED, ""
        except FetchError as error:
            _note_failure(download, error)
        download.save()


def _opened(download: PhotoDownload) -> IO[bytes]:
    if download.member:
        return _from_archive(download)
    file = tempfile.SpooledTemporaryFile(MAX_PHOTO_BYTES // 4)  # noqa: SIM115  the caller closes it
    try:
        fetch(download.source, file, max_bytes=MAX_PHOTO_BYTES)
    except FetchError:
        file.close()
        raise
    return file


def _from_archive(download: PhotoDownload) -> IO[bytes]:
    job = download.job
    if job is None or not job.archive:
        raise FetchError(_("The archive is not here any more."), final=True)
    try:
        with ZipFile(job.archive.path) as archive, archive.open(download.member) as member:
            content = member.read(MAX_PHOTO_BYTES + 1)
    except (KeyError, *ARCHIVE_PROBLEMS) as error:
        raise FetchError(_("The photo in the archive is damaged."), final=True) from error
    if len(content) > MAX_PHOTO_BYTES:
        raise FetchError(_("It is larger than %d MB.") % (MAX_PHOTO_BYTES >> 20), final=True)
    return io.BytesIO(content)


def _stored(download: PhotoDownload, file: IO[bytes]) -> CustomImage:
    listing = download.listing
    path = download.member or unquote(urlsplit(download.source).path)
    try:
        with transaction.atomic():
            return add_image(
                file,
                PurePosixPath(path).name[:80] or "photo",
                title=str(listing)[:200],
                collection=listing.dealer.collection,
                user=download.user,
            )
    except ValidationError as error:
        raise FetchError(" ".join(error.messages), final=True) from error


def _note_failure(download: PhotoDownload, error: FetchError) -> None:
    download.attempts += 1
    download.error = error.reason
    if error.final or download.attempts > len(WAITS):
        download.state, download.next_attempt_at = PhotoState.FAILED, None
    else:
        download.next_attempt_at = timezone.now() + WAITS[download.attempts - 1]
