"""What is covered in a photo is gone: from the stored picture, from renditions, from documents, from any address."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from PIL import ImageDraw
from wagtail.models import ModelLogEntry

from cms.images import tasks
from cms.images.covering import Area, cover
from cms.images.models import CustomImage
from cms.images.renditions import make_renditions
from cms.images.services import add_image
from cms.images.tasks import make_image_renditions
from listings.models import ListingPhoto, PublishedListing
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db

PLATE = Area(0.4, 0.6, 0.2, 0.1)


def car_with_plate() -> CustomImage:
    """A grey picture with black strokes on white in the middle, 1000 x 800."""
    picture = Pillow.new("RGB", (1000, 800), "#778899")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((400, 480, 600, 560), fill="white")
    for left in range(405, 600, 12):
        draw.rectangle((left, 490, left + 5, 550), fill="black")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    buffer.seek(0)
    image = add_image(buffer, "car.jpg", title="car")
    make_image_renditions(image.pk)
    return CustomImage.objects.get(pk=image.pk)


def contrast(name: str, area: Area = PLATE) -> int:
    with default_storage.open(name) as file:
        picture = Pillow.open(file).convert("L")
        low, high = picture.crop(area.box(*picture.size)).getextrema()
        return int(high - low)


def test_a_plate_is_gone_for_good(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    image = car_with_plate()
    before = [image.file.name, *image.renditions.values_list("file", flat=True)]
    assert contrast(image.file.name) > 200

    with django_capture_on_commit_callbacks(execute=True):
        covered = cover(image, [PLATE])
    make_image_renditions(image.pk)

    assert [name for name in before if default_storage.exists(name)] == []
    after = [covered.file.name, *covered.renditions.values_list("file", flat=True)]
    assert len(after) == 7
    assert not set(after) & set(before)
    assert max(contrast(name) for name in after) < 120
    assert ModelLogEntry.objects.filter(action="images.cover", object_id=image.pk).count() == 1


def test_the_rest_of_the_picture_stays_and_what_is_known_of_it_follows() -> None:
    image = car_with_plate()

    covered = cover(image, [Area(0, 0, 0.5, 0.5), Area(0.99, 0.99, 0.5, 0.5)])

    assert contrast(covered.file.name) > 200
    assert (covered.width, covered.height) == (1000, 800)
    assert covered.file_hash != image.file_hash


def test_documents_never_show_the_picture_of_before() -> None:
    image = car_with_plate()
    listing = ListingFactory()
    listing.photos = [ListingPhoto(image=image)]
    listing.save()
    listing.save_revision().publish()
    before = image.renditions.get(filter_spec="width-960|format-webp").url
    assert before in PublishedListing.objects.get().card

    covered = cover(image, [PLATE])

    assert before not in PublishedListing.objects.get().detail
    assert covered.renditions.get(filter_spec="width-960|format-webp").url in PublishedListing.objects.get().card


def test_a_worker_that_draws_the_picture_of_before_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    image = car_with_plate()
    CustomImage.objects.update(renditions_at=None)

    def covered_meanwhile(drawn: CustomImage) -> None:
        drawn.renditions.all().delete()
        make_renditions(drawn)
        cover(drawn, [PLATE])
        make_renditions(CustomImage.objects.get(pk=drawn.pk))
        drawn.renditions.filter(filter_spec="width-480|format-avif").update(file=f"{drawn.rendition_prefix}old.avif")

    monkeypatch.setattr(tasks, "make_renditions", covered_meanwhile)
    make_image_renditions(image.pk)

    current = CustomImage.objects.get(pk=image.pk)
    assert current.renditions_at is None
    assert current.renditions.exists()
    assert not current.renditions.filter(file__startswith=image.rendition_prefix).exists()


def test_what_fails_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    image = car_with_plate()
    known = set(default_storage.listdir("original_images")[1])

    def broken(**kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("cms.images.covering.log", broken)
    with pytest.raises(RuntimeError):
        cover(image, [PLATE])

    assert set(default_storage.listdir("original_images")[1]) == known
    assert CustomImage.objects.get().file.name == image.file.name
    assert image.renditions.count() == 6
