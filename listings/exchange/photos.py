"""Photos that a file names by address: wanted when the row is written, fetched by a worker, put into the car.

The photos of the file are the car's photos in that order; those that somebody added by hand stay behind them, and
one that somebody removed by hand does not come back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from listings import lifecycle
from listings.bulk import newest_drafts
from listings.changes import made_through
from listings.models import Import, Listing, ListingPhoto, PhotoDownload
from listings.vocabulary import PublicationState, Way

from .states import PHOTO_DUE, PhotoState

MAX_PHOTOS = 40
"""Of one car. More are noted as failed."""
NOTICED = timedelta(minutes=10)
"""A message that was not answered in this time is lost."""
SWEEP = 40
"""Cars of one sweep, so that photos do not keep imports waiting."""
WRITTEN = ("state", "position", "job", "user", "submit", "attempts", "next_attempt_at", "error", "member")


def want_photos(job: Import, wanted: Mapping[int, Sequence[str]], new: Collection[int] = ()) -> None:
    """`wanted`: all addresses by listing id. A constant number of queries; nothing that is here is fetched again.

    Of these listings the `new` ones wait for their photos to be submitted, if the import submits new cars.
    """
    if not wanted:
        return
    known: dict[int, dict[str, PhotoDownload]] = {}
    for download in PhotoDownload.objects.filter(listing__in=wanted, member=""):
        known.setdefault(download.listing_id, {})[download.source] = download
    fresh: list[PhotoDownload] = []
    changed: list[PhotoDownload] = []
    for listing_id, addresses in wanted.items():
        has = known.get(listing_id, {})
        for position, address in enumerate(addresses):
            if address in has:
                if _again(has[address], position, job):
                    changed.append(has[address])
            else:
                fresh.append(_fresh(job, listing_id, address, position, listing_id in new))
        for address in has.keys() - set(addresses):
            if has[address].state != PhotoState.DROPPED:
                claim(has[address], job, PhotoState.DROPPED)
                changed.append(has[address])
    write(fresh, changed)


def write(fresh: Sequence[PhotoDownload], changed: Sequence[PhotoDownload]) -> None:
    PhotoDownload.objects.bulk_create(fresh, ignore_conflicts=True)
    PhotoDownload.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN)


def _fresh(job: Import, listing_id: int, address: str, position: int, is_new: bool) -> PhotoDownload:
    submit = is_new and job.submit
    download = PhotoDownload(listing_id=listing_id, source=address, position=position, submit=submit)
    claim(download, job, PhotoState.WAITING)
    if position >= MAX_PHOTOS:
        download.state, download.error = PhotoState.FAILED, _("A car has at most %d photos.") % MAX_PHOTOS
    return download


def _again(download: PhotoDownload, position: int, job: Import) -> bool:
    """Whether the file says something new of a photo that is known."""
    moved = download.position != position
    download.position = position
    # A feed comes every hour; a person who loads the file again wants it to be tried again.
    # What is here and could not be put in is tried again by anybody.
    worth_it = bool(download.image_id) or not job.feed_id
    retry = download.state == PhotoState.FAILED and worth_it and position < MAX_PHOTOS
    if download.state == PhotoState.DROPPED or retry or (moved and download.image_id):
        claim(download, job, PhotoState.STORED if download.image_id else PhotoState.WAITING)
        return True
    return moved


def claim(download: PhotoDownload, job: Import, state: PhotoState) -> None:
    """What follows is done in the name of this import."""
    download.state, download.attempts, download.error = state, 0, ""
    download.next_attempt_at = timezone.now()
    download.job = job if job.pk else None
    download.user = job.user


def due_listings() -> list[int]:
    """Cars for whose photos something is to be done now; each is named once in NOTICED."""
    now = timezone.now()
    due = PhotoDownload.objects.filter(state__in=PHOTO_DUE).filter(
        Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)
    )
    ids = list(due.order_by("listing").values_list("listing", flat=True).distinct()[:SWEEP])
    due.filter(listing__in=ids).update(next_attempt_at=now + NOTICED)
    return ids


def put_in(listing_id: int) -> None:
    """Puts fetched photos into the car's newest content, by the rules of every other change; submits it if wished."""
    with transaction.atomic():
        found = PhotoDownload.objects.select_for_update(of=("self",)).filter(listing=listing_id)
        downloads = list(found.order_by("position", "pk").select_related("job", "user", "listing__dealer"))
        news = [item for item in downloads if item.state in (PhotoState.STORED, PhotoState.DROPPED)]
        untried = any(item.state == PhotoState.WAITING and not item.attempts for item in downloads)
        if untried or not downloads:
            return
        newest = max(news or downloads, key=lambda item: (item.job_id or 0, item.pk))
        with made_through(Way.IMPORT, newest.user):
            refused = _save(listing_id, downloads, newest) if news else ""
            for item in news:
                _settle(item, refused)
            wished = any(item.submit for item in downloads)
            if wished and not refused and not any(item.state == PhotoState.WAITING for item in downloads):
                _submit(listing_id, downloads, newest)


def _save(listing_id: int, downloads: Sequence[PhotoDownload], newest: PhotoDownload) -> str:
    """Why the car was not changed, in words; empty if it was, or had nothing to change."""
    if not _has_actor(newest):
        return _("Who loaded the photo does not work here any more.")
    draft = newest_drafts([listing_id]).get(listing_id)
    if draft is None:
        return _("There is no such car.")
    before = [photo.image_id for photo in draft.photos.all()]
    after = arranged(before, downloads)
    if after == before:
        return ""
    draft.photos = [ListingPhoto(image_id=image_id, sort_order=place) for place, image_id in enumerate(after)]
    return str(lifecycle.save_changes([draft], newest.user).get(listing_id, ""))


def arranged(before: Sequence[int], downloads: Iterable[PhotoDownload]) -> list[int]:
    """Ids of the car's images: the file's in its order, then those that came otherwise."""
    downloads = list(downloads)
    ours = {item.image_id for item in downloads if item.image_id}
    kept = [
        item.image_id
        for item in downloads
        if item.image_id
        and (item.state == PhotoState.STORED or (item.state == PhotoState.DONE and item.image_id in before))
    ]
    return list(dict.fromkeys([*kept, *(image_id for image_id in before if image_id not in ours)]))


def _settle(item: PhotoDownload, refused: str) -> None:
    if item.state == PhotoState.DROPPED and not refused:
        item.delete()
        return
    item.state, item.error, item.next_attempt_at = PhotoState.FAILED if refused else PhotoState.DONE, refused, None
    item.save()


def _submit(listing_id: int, downloads: Sequence[PhotoDownload], newest: PhotoDownload) -> None:
    """A new car waited for its photos. Whether a moderator takes it is seen there."""
    listing = Listing.objects.get(pk=listing_id)
    if _has_actor(newest) and lifecycle.publication_state(listing) == PublicationState.DRAFT:
        lifecycle.submit([listing], newest.user)
    PhotoDownload.objects.filter(pk__in=[item.pk for item in downloads]).update(submit=False)


def _has_actor(download: PhotoDownload) -> bool:
    """Nobody is the system, whom no moderator checks: only its own imports may be that."""
    return bool(download.user_id or (download.job and download.job.by_system))
