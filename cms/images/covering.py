"""Makes parts of a photo unreadable for good: number plates, faces, papers.

The stored picture itself is replaced. Neither the one before nor any rendition of it can be reached afterwards.
"""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image as Pillow
from PIL import ImageFilter
from wagtail.log_actions import log

from .models import CustomImage
from .normalise import JPEG_QUALITY
from .signals import picture_replaced

CELLS = (4, 2)
"""Colours that are left of an area: fewer than a plate has characters, so that none can be guessed back."""


@dataclass(frozen=True)
class Area:
    """A rectangle in fractions of the picture's width and height."""

    x: float
    y: float
    width: float
    height: float

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """In pixels, rounded outwards, at least one, inside the picture."""
        left, top = (min(int(self.x * width), width - 1), min(int(self.y * height), height - 1))
        right = min(max(int((self.x + self.width) * width) + 1, left + 1), width)
        bottom = min(max(int((self.y + self.height) * height) + 1, top + 1), height)
        return left, top, right, bottom


def cover(image: CustomImage, areas: Sequence[Area], *, user: Any = None) -> CustomImage:
    """Covers the areas in the stored picture. Returns the image as it is now. Raises OSError for a lost file."""
    with transaction.atomic():
        image = CustomImage.objects.select_for_update().get(pk=image.pk)
        storage, before = image.file.storage, image.file.name
        with image.file.open("rb") as file:
            content, ending = _covered(file, areas)
        stem = PurePath(before).stem[:40]
        # Another name, so that no cache between us and the visitors answers with the picture of before.
        image.file = ContentFile(content, name=f"{stem}-{sha1(content, usedforsecurity=False).hexdigest()[:8]}{ending}")
        image._set_image_file_metadata()
        try:
            image.save()
            image.renditions.all().delete()
            log(instance=image, action="images.cover", user=user)
            picture_replaced.send(sender=CustomImage, image=image)
        except BaseException:
            with suppress(OSError):
                storage.delete(image.file.name)
            raise
        transaction.on_commit(lambda: storage.delete(before))
    return image


def _covered(file: Any, areas: Sequence[Area]) -> tuple[bytes, str]:
    picture: Pillow.Image = Pillow.open(file)
    picture.load()
    transparent = picture.format == "PNG"
    picture = picture.convert("RGBA" if transparent else "RGB")
    for area in areas:
        box = area.box(*picture.size)
        picture.paste(_unreadable(picture.crop(box)), box[:2])
    buffer = io.BytesIO()
    if transparent:
        picture.save(buffer, "PNG", optimize=True)
    else:
        picture.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return buffer.getvalue(), ".png" if transparent else ".jpg"


def _unreadable(part: Pillow.Image) -> Pillow.Image:
    """A handful of average colours, blurred so that no hard edges catch the eye."""
    few = part.resize(CELLS, Pillow.Resampling.BOX).resize(part.size, Pillow.Resampling.NEAREST)
    return few.filter(ImageFilter.GaussianBlur(max(part.size) / 12))
