"""What happens to every uploaded picture before it is stored.

Phones write HEIC, lay pictures on their side and note where they were taken. A stored picture is upright,
in a format that every browser shows, in sRGB, at most MAX_SIDE pixels long, and carries no metadata.
"""

import io
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

MAX_SIDE = 2560
"""Twice the widest rendition's half: enough for a full screen, a tenth of a phone's original."""
JPEG_QUALITY = 88


def normalise_upload(file: IO[bytes], name: str) -> ContentFile:
    """Returns the picture as it is stored: JPEG, or PNG where it is transparent.

    Raises ValidationError in the user's words for a file that is no picture or is too large.
    """
    try:
        picture: Pillow.Image = Pillow.open(file)
        _refuse_too_many_pixels(picture)
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise ValidationError(
            _("This file is damaged or is not a picture. Open it on your device and save it again as JPEG."),
            code="broken_image",
        ) from error
    picture = _in_srgb(ImageOps.exif_transpose(picture))
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
    transparent = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    buffer = io.BytesIO()
    if transparent:
        picture.convert("RGBA").save(buffer, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return ContentFile(buffer.getvalue(), name=f"{PurePath(name).stem or 'photo'}{'.png' if transparent else '.jpg'}")


def average_colour(file: IO[bytes]) -> str:
    """The picture's average colour as "#rrggbb", shown while it loads; empty if it cannot be read."""
    try:
        file.seek(0)
        with Pillow.open(file) as picture:
            picture.draft("RGB", (64, 64))
            red, green, blue = picture.convert("RGB").resize((1, 1), Pillow.Resampling.BOX).tobytes()
    except (UnidentifiedImageError, OSError, ValueError):
        return ""
    finally:
        file.seek(0)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _refuse_too_many_pixels(picture: Pillow.Image) -> None:
    limit = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    if picture.width * picture.height > limit:
        raise ValidationError(
            _("This picture has %(megapixels)d megapixels, the limit is %(limit)d. Save it smaller and try again."),
            code="too_many_pixels",
            params={"megapixels": picture.width * picture.height // 1_000_000, "limit": limit // 1_000_000},
        )


def _in_srgb(picture: Pillow.Image) -> Pillow.Image:
    """Converts wide-gamut pictures (iPhone's Display P3), because the profile is not stored."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode != "RGB":
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture
