"""Uploaded pictures: what phones send, and what hostile or unlucky people send."""

import io

import pytest
from django.core.exceptions import ValidationError
from PIL import Image as Pillow

from cms.images.models import CustomImage
from cms.images.normalise import MAX_SIDE, normalise_upload
from cms.images.renditions import photo_document
from cms.images.services import add_image
from cms.images.tasks import make_image_renditions, sweep_renditions

ORIENTATION, GPS = 0x0112, 0x8825


def picture(
    size: tuple[int, int] = (400, 300), format: str = "JPEG", *, orientation: int = 1, gps: bool = False
) -> io.BytesIO:
    image = Pillow.new("RGB", size, "red")
    exif = Pillow.Exif()
    exif[ORIENTATION] = orientation
    if gps:
        exif.get_ifd(GPS)[1] = "N"
        exif.get_ifd(GPS)[2] = (53.0, 54.0, 0.0)
    buffer = io.BytesIO()
    image.save(buffer, format, exif=exif)
    buffer.seek(0)
    return buffer


def test_a_picture_on_its_side_is_turned_and_loses_where_it_was_taken() -> None:
    source = picture(orientation=6, gps=True)
    assert Pillow.open(source).getexif().get_ifd(GPS)
    source.seek(0)

    stored = Pillow.open(normalise_upload(source, "IMG_1.jpg"))

    assert stored.size == (300, 400)
    assert dict(stored.getexif()) == {}
    assert "exif" not in stored.info


@pytest.mark.parametrize(("format", "name"), [("HEIF", "IMG_2.HEIC"), ("WEBP", "a.webp"), ("AVIF", "a.avif")])
def test_what_phones_send_is_stored_as_jpeg(format: str, name: str) -> None:
    stored = normalise_upload(picture(format=format), name)

    assert (stored.name or "").endswith(".jpg")
    assert Pillow.open(stored).format == "JPEG"


def test_a_transparent_logo_stays_transparent() -> None:
    buffer = io.BytesIO()
    Pillow.new("RGBA", (50, 50), (0, 0, 0, 0)).save(buffer, "PNG")
    buffer.seek(0)

    assert Pillow.open(normalise_upload(buffer, "logo.png")).mode == "RGBA"


def test_a_phones_large_picture_is_made_smaller() -> None:
    assert max(Pillow.open(normalise_upload(picture((4000, 3000)), "a.jpg")).size) == MAX_SIDE


@pytest.mark.parametrize("content", [b"", b"not a picture", picture().getvalue()[:200]])
def test_a_broken_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ValidationError) as caught:
        normalise_upload(io.BytesIO(content), "a.jpg")
    assert caught.value.code == "broken_image"


def test_sixty_megapixels_are_refused_in_words() -> None:
    with pytest.raises(ValidationError) as caught:
        normalise_upload(picture((10_000, 6_000)), "a.jpg")
    assert caught.value.code == "too_many_pixels"


@pytest.mark.django_db
def test_the_document_has_what_exists_and_later_everything() -> None:
    image = add_image(picture((1000, 750)), "a.jpg", title="a")

    at_once = photo_document(image)
    make_image_renditions(image.pk)
    later = photo_document(CustomImage.objects.get(pk=image.pk))

    assert {kind: [found["width"] for found in sources] for kind, sources in at_once["sources"].items()} == {
        "jpeg": [960], "webp": [960],
    }  # fmt: skip
    assert {kind: [found["width"] for found in sources] for kind, sources in later["sources"].items()} == {
        "avif": [480, 960], "webp": [480, 960], "jpeg": [480, 960],
    }  # fmt: skip
    assert at_once["color"] == "#fe0000"


@pytest.mark.django_db
def test_a_lost_message_is_made_good_by_the_sweep() -> None:
    image = add_image(picture(), "a.jpg", title="a")
    assert CustomImage.objects.get().renditions_at is None

    sweep_renditions()

    assert CustomImage.objects.get().renditions_at is not None
    assert image.renditions.count() == 3
