"""Photos of a car: uploaded into the dealer's collection, put in order, taken off."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File
from ninja.files import UploadedFile

from cms.images.models import CustomImage
from cms.images.services import add_image
from listings import lifecycle
from listings.bulk import newest_drafts
from listings.exchange.photos import MAX_PHOTOS
from listings.models import ApiToken, Listing, ListingPhoto
from listings.schemas import Problem
from listings.vocabulary import Scope

from .auth import Bearer, token_of
from .common import REFUSED, invalid, own_car, refused, reply
from .idempotency import HEADER, idempotent
from .own import own_listing
from .routes import router
from .schemas import OwnListing, PhotoOrder

MAX_FILES = 10
"""In one request: each takes a second or two to be turned, scaled and stored."""
ADDRESS = "/dealer/listings/{key}/photos"


class PhotoError(ValueError):
    """What is wrong, and where in the request."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer, self.message = pointer, message


@router.post(
    ADDRESS,
    auth=Bearer(Scope.PHOTOS_WRITE),
    response={200: OwnListing, 404: Problem, 409: Problem, 413: Problem, 422: Problem, **REFUSED},
    openapi_extra={"parameters": [HEADER]},
    summary="Upload photos of a car",
)
@idempotent
def upload(request: HttpRequest, key: str, files: list[UploadedFile] = File(...)) -> HttpResponse:  # noqa: B008
    """Up to 10 files a request (multipart, field `files`), behind the photos that are there. JPEG, PNG, WebP, AVIF,
    HEIC. All of them are taken, or none.
    """
    listing, token = own_car(request, key), token_of(request)
    if len(files) > MAX_FILES:
        return invalid([{"pointer": "/files", "message": _("At most %d files a request.") % MAX_FILES}])
    stored: list[CustomImage] = []
    try:
        with transaction.atomic():
            _store(files, token, stored)
            reason = _change_photos(listing, token, lambda photos: [*photos, *[image.pk for image in stored]])
            if reason:
                raise PhotoError("", reason)
    except PhotoError as error:
        _forget(stored)
        return _problem(error)
    except BaseException:
        _forget(stored)
        raise
    return reply(OwnListing, own_listing(listing.pk))


@router.put(
    ADDRESS,
    auth=Bearer(Scope.PHOTOS_WRITE),
    response={200: OwnListing, 404: Problem, 409: Problem, 422: Problem, **REFUSED},
    summary="Put the photos of a car in order",
)
def arrange(request: HttpRequest, key: str, body: PhotoOrder) -> HttpResponse:
    """The first photo is shown in lists. What you leave out is taken off the car."""
    listing = own_car(request, key)

    def ordered(photos: Sequence[int]) -> list[int]:
        for index, photo in enumerate(body.photos):
            if photo not in photos:
                raise PhotoError(f"/photos/{index}", _("The car has no such photo."))
            if photo in body.photos[:index]:
                raise PhotoError(f"/photos/{index}", _("This photo is named twice."))
        return body.photos

    try:
        reason = _change_photos(listing, token_of(request), ordered)
    except PhotoError as error:
        return _problem(error)
    return refused(reason) if reason else reply(OwnListing, own_listing(listing.pk))


def _store(files: Sequence[UploadedFile], token: ApiToken, stored: list[CustomImage]) -> None:
    """Adds the files to `stored` as pictures of the dealer's collection. Raises PhotoError at the first wrong one."""
    limit = settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
    for index, file in enumerate(files):
        if (file.size or 0) > limit:
            message = _("The file is larger than %d MB: save it smaller.") % (limit // 1024**2)
            raise PhotoError(f"/files/{index}", message)
        title = (file.name or "").rsplit(".", 1)[0][:255] or token.dealer.name
        try:
            stored.append(
                add_image(file, file.name or "photo", title=title, collection=token.dealer.collection, user=token.user)
            )
        except ValidationError as error:
            raise PhotoError(f"/files/{index}", " ".join(error.messages)) from error


def _forget(images: Sequence[CustomImage]) -> None:
    """The rows went with the transaction; their files have to be removed."""
    for image in images:
        image.file.storage.delete(image.file.name)


@transaction.atomic
def _change_photos(listing: Listing, token: ApiToken, change: Callable[[Sequence[int]], Sequence[int]]) -> str:
    """Gives the car the photos that `change` makes of those it has (ids). Answers why not, empty if all is well."""
    # Two who add photos to the same car stand in line: otherwise one would forget the other's.
    Listing.objects.select_for_update().filter(pk=listing.pk).first()
    draft = newest_drafts([listing.pk])[listing.pk]
    before = [photo.image_id for photo in draft.photos.all()]
    after = list(change(before))
    if len(after) > MAX_PHOTOS:
        return _("A car has at most %d photos.") % MAX_PHOTOS
    if after == before:
        return ""
    draft.photos = [ListingPhoto(image_id=pk, sort_order=place) for place, pk in enumerate(after)]
    return next(iter(lifecycle.save_changes([draft], token.user).values()), "")


def _problem(error: PhotoError) -> HttpResponse:
    if not error.pointer:
        return refused(error.message)
    return invalid([{"pointer": error.pointer, "message": error.message}])
