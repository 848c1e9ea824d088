"""A text in a corner of all photos of a collection: drawn into their renditions, never into the stored picture."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from wagtail.images.image_operations import FilterOperation
from wagtail.models import Collection
from willow.plugins.pillow import PillowImage

from cms.celery import send

from .models import CollectionWatermark, CustomImage

FONT = Path(__file__).parent / "fonts" / "Manrope-SemiBold.ttf"
HEIGHT = 1 / 26
"""Of the letters, as a part of the picture's shorter side."""
WIDEST = 0.6
"""Of the text, as a part of the picture's width."""
SMALLEST = 9
OPACITY = 200
CHUNK = 1000


@transaction.atomic
def set_watermark(collection: Collection, text: str) -> None:
    """Gives the photos of a collection this text, or none. Their renditions are made anew by a worker."""
    if text:
        CollectionWatermark.objects.update_or_create(collection=collection, defaults={"text": text})
    else:
        CollectionWatermark.objects.filter(collection=collection).delete()
    follow_collections(CustomImage.objects.filter(collection=collection))


def follow_collections(images: QuerySet[CustomImage]) -> None:
    """For photos whose collection, or its text, has changed without their own `save`."""
    own = CollectionWatermark.objects.filter(collection=OuterRef("collection")).values("text")
    differing = images.annotate(wanted=Coalesce(Subquery(own), Value(""))).exclude(watermark=F("wanted"))
    ids = list(differing.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = CustomImage.objects.filter(pk__in=ids[start : start + CHUNK])
        chunk.update(watermark=Coalesce(Subquery(own), Value("")), renditions_at=None)
    if ids:
        transaction.on_commit(partial(send, "images.sweep_renditions"))


class WatermarkOperation(FilterOperation):
    """`mark` in a rendition's specification: the image's text. Another text makes another rendition."""

    vary_fields = ("watermark",)

    def construct(self) -> None:
        pass

    def run(self, willow: Any, image: CustomImage, env: dict[str, Any]) -> Any:
        return PillowImage(write_text(willow.get_pillow_image(), image.watermark))


def write_text(picture: Pillow.Image, text: str) -> Pillow.Image:
    """The picture with a light text on a soft shadow in the lower right corner; as it is where no text fits."""
    font, box = _fitting(text, picture.width, picture.height)
    if not text or font is None:
        return picture
    layer = Pillow.new("RGBA", picture.size, (0, 0, 0, 0))
    margin = round(min(picture.size) * HEIGHT)
    place = (picture.width - margin - box[2], picture.height - margin - box[3])
    shadow = max(1, round(font.size / 14))
    ImageDraw.Draw(layer).text(
        place, text, font=font, fill=(255, 255, 255, OPACITY), stroke_width=shadow, stroke_fill=(0, 0, 0, OPACITY // 2)
    )
    marked = Pillow.alpha_composite(picture.convert("RGBA"), layer)
    return marked if picture.mode in {"RGBA", "LA", "PA"} else marked.convert("RGB")


def _fitting(
    text: str, width: int, height: int
) -> tuple[ImageFont.FreeTypeFont | None, tuple[float, float, float, float]]:
    size = max(SMALLEST, round(min(width, height) * HEIGHT))
    while size >= SMALLEST:
        font = _font(size)
        box = font.getbbox(text)
        if box[2] <= width * WIDEST:
            return font, box
        size -= 1
    return None, (0, 0, 0, 0)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)
