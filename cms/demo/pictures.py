"""Drawn pictures of the site itself: the opening and the covers of posts."""

import io
import zlib

from wagtail.models import Collection

from cms.images.models import CustomImage
from cms.images.services import add_image

from .draw import draw_cover, draw_hero

HERO = "hero"
JPEG_QUALITY = 92


def site_picture(kind: str, title: str, collection: Collection) -> CustomImage:
    """Draws and stores the opening picture ("hero") or a cover of this kind."""
    seed = zlib.crc32(title.encode())
    picture = draw_hero(seed) if kind == HERO else draw_cover(seed, kind)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=JPEG_QUALITY)
    buffer.seek(0)
    return add_image(buffer, f"{kind}.jpg", title=title, collection=collection)
