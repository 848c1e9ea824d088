"""Photos for platforms: their bytes, or a public address of them in the shape that a platform takes."""

import logging
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from wagtail.images.models import Filter

from cms.images.models import CustomImage
from integrations.marketplaces.base import PhotoShape, PhotoUnavailable

logger = logging.getLogger(__name__)


def read_photo(url: str) -> bytes:
    """Reads by the address that stands in a document. Raises PhotoUnavailable whatever the storage raises."""
    root = unquote(urlsplit(default_storage.url("")).path)
    path = unquote(urlsplit(url).path)
    if not path.startswith(root):
        raise PhotoUnavailable
    try:
        with default_storage.open(path.removeprefix(root)) as file:
            content: bytes = file.read()
    except Exception:
        # Each storage has its own kinds of failure; for us all of them mean "cannot be read now".
        logger.exception("Photo %s cannot be read", path)
        raise PhotoUnavailable from None
    return content


def photo_address(photo_id: int, shape: PhotoShape) -> str:
    """Of a JPEG within the shape, cropped around the photo's focus if need be. Makes it if missing: for workers.

    Raises PhotoUnavailable.
    """
    image = CustomImage.objects.filter(pk=photo_id).first()
    if image is None:
        raise PhotoUnavailable
    mark = "|mark" if image.watermark else ""
    spec = Filter(spec=f"{_operation(image, shape)}{mark}|format-jpeg|bgcolor-ffffff")
    try:
        return urljoin(settings.SITE_URL, image.get_rendition(spec).url)
    except Exception:
        logger.exception("Photo %s cannot be made in the shape that the platform takes", photo_id)
        raise PhotoUnavailable from None


def _operation(image: CustomImage, shape: PhotoShape) -> str:
    ratio = image.width / image.height
    wanted = min(max(ratio, shape.min_ratio), shape.max_ratio)
    # The largest part of the picture with that ratio, no wider than the platform shows.
    part = min(image.width, image.height * wanted)
    width = min(int(part), shape.max_width)
    if wanted == ratio:
        return f"width-{width}"
    # Wagtail rounds what it cuts out by a pixel to either side.
    height = int(width / wanted) - 1 if ratio < wanted else -int(-width // wanted) + 1
    return f"fill-{width}x{height}"
