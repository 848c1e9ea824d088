"""Photos by address: public, JPEG, within the shape that a platform takes."""

import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from PIL import Image

from cms.images.models import CustomImage
from cms.images.services import add_image
from integrations.marketplaces.base import PhotoShape, PhotoUnavailable
from integrations.publications.photos import photo_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folders")]

SHAPE = PhotoShape(max_width=1440, min_ratio=0.8, max_ratio=1.91)


def picture(width: int, height: int, kind: str = "JPEG") -> CustomImage:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, kind)
    buffer.seek(0)
    image: CustomImage = add_image(buffer, f"car.{kind.lower()}", title="Фото")
    return image


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 1200), (1440, 1080)),
        ((800, 600), (800, 600)),
        ((900, 1600), (900, 1125)),
        ((2000, 800), (1440, 754)),
        ((1000, 400), (764, 400)),
        ((333, 1000), (333, 416)),
        ((1001, 99), (189, 99)),
    ],
)
def test_a_photo_is_cropped_only_as_far_as_the_platform_demands(
    size: tuple[int, int], expected: tuple[int, int], folders: Path
) -> None:
    image = picture(*size)

    address = photo_address(image.pk, SHAPE)

    assert address.startswith(f"{settings.SITE_URL}/media/")
    name = urlsplit(address).path.removeprefix("/media/")
    with Image.open(Path(settings.MEDIA_ROOT) / name) as made:
        assert made.format == "JPEG"
        assert all(abs(side - wanted) <= 2 for side, wanted in zip(made.size, expected, strict=True))
        assert SHAPE.min_ratio <= made.width / made.height <= SHAPE.max_ratio


def test_a_png_becomes_a_jpeg_and_is_made_once() -> None:
    image = picture(800, 600, "PNG")

    assert photo_address(image.pk, SHAPE) == photo_address(image.pk, SHAPE)
    assert image.renditions.filter(filter_spec="width-800|format-jpeg|bgcolor-ffffff").count() == 1


def test_a_photo_that_is_gone_is_told_as_a_file_that_is_missing() -> None:
    with pytest.raises(PhotoUnavailable):
        photo_address(999, SHAPE)
