"""A dealer's text on its photos: in the renditions, never in the stored picture, and never a stale one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow
from PIL import ImageChops
from wagtail.models import Collection

from cms.images.models import CustomImage
from cms.images.renditions import photo_document
from cms.images.services import add_image
from cms.images.tasks import KEPT, make_image_renditions, purge_renditions
from cms.images.watermarks import set_watermark, write_text
from cms.users.models import User
from listings.models import ListingPhoto, PublishedListing
from tests.factories import DealerFactory, ListingFactory, picture_bytes

pytestmark = pytest.mark.django_db


def photo_of(collection: Collection) -> CustomImage:
    image = add_image(picture_bytes("navy"), "car.jpg", title="car", collection=collection)
    make_image_renditions(image.pk)
    return CustomImage.objects.get(pk=image.pk)


def files(image: CustomImage) -> dict[str, str]:
    """Stored names of the site's card by format."""
    sources = photo_document(CustomImage.objects.get(pk=image.pk))["sources"]
    return {kind: found[-1]["url"].split("/media/")[-1] for kind, found in sources.items()}


def light_spots(name: str) -> bool:
    """Whether anything light stands in the lower right quarter of a dark picture."""
    with default_storage.open(name) as file:
        picture = Pillow.open(file).convert("L")
        quarter = picture.crop((picture.width // 2, picture.height // 2, *picture.size))
        return bool(quarter.getextrema()[1] > 150)


def test_a_dealers_text_stands_on_its_renditions_in_every_format_and_not_in_the_picture() -> None:
    image = photo_of(DealerFactory(watermark="Авто Минск").collection)

    made = files(image)

    assert set(made) == {"avif", "webp", "jpeg"}
    assert [light_spots(name) for name in made.values()] == [True, True, True]
    assert not light_spots(image.file.name)


def test_another_text_makes_other_files_and_documents_follow(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    dealer = DealerFactory(watermark="Авто Минск")
    image = photo_of(dealer.collection)
    listing = ListingFactory(dealer=dealer)
    listing.photos = [ListingPhoto(image=image)]
    listing.save()
    listing.save_revision().publish()
    before, shown = files(image), PublishedListing.objects.get().card

    dealer.watermark = "Авто Брест"
    with django_capture_on_commit_callbacks() as told:
        dealer.save()
    assert CustomImage.objects.get().renditions_at is None
    assert any("images.sweep_renditions" in str(getattr(call, "args", "")) for call in told)
    make_image_renditions(image.pk)

    assert not set(before.values()) & set(files(image).values())
    assert PublishedListing.objects.get().card != shown
    assert files(image)["jpeg"] in PublishedListing.objects.get().card


def test_no_text_means_the_picture_as_it_is_and_former_renditions_go_after_a_day() -> None:
    dealer = DealerFactory(watermark="Авто Минск")
    image = photo_of(dealer.collection)
    before = files(image)

    dealer.watermark = ""
    dealer.save()
    make_image_renditions(image.pk)
    assert not light_spots(files(image)["jpeg"])

    purge_renditions()
    assert default_storage.exists(before["jpeg"])
    CustomImage.objects.update(renditions_at=timezone.now() - KEPT * 1.5)
    purge_renditions()
    assert not any(image.renditions.filter(file=name).exists() for name in before.values())
    assert set(files(image)) == {"avif", "webp", "jpeg"}


def test_a_saved_dealer_leaves_renditions_with_its_text_alone() -> None:
    dealer = DealerFactory(watermark="Авто Минск")
    image = photo_of(dealer.collection)

    dealer.save()

    assert CustomImage.objects.get(pk=image.pk).renditions_at is not None


def test_a_photo_gets_the_text_of_the_collection_that_it_is_moved_to(client: Client) -> None:
    marked, other = (Collection.get_first_root_node().add_child(name=name) for name in "ab")
    set_watermark(marked, "Авто Минск")
    saved, moved = photo_of(other), photo_of(other)

    saved.collection = marked
    saved.save()
    client.force_login(User.objects.create_superuser("admin"))
    answer = client.post(
        reverse("wagtail_bulk_action", args=["images", "customimage", "add_to_collection"]) + f"?id={moved.pk}",
        {"collection": marked.pk},
    )

    assert answer.status_code == 302
    assert list(CustomImage.objects.values_list("watermark", "renditions_at")) == [("Авто Минск", None)] * 2


def test_any_number_of_photos_is_marked_in_the_same_number_of_queries(django_assert_max_num_queries: Any) -> None:
    collection = DealerFactory().collection
    for _ in range(12):
        photo_of(collection)

    with django_assert_max_num_queries(10):
        set_watermark(collection, "Авто Минск")

    assert CustomImage.objects.filter(watermark="Авто Минск", renditions_at=None).count() == 12


@pytest.mark.parametrize("size", [(40, 30), (1, 1), (30, 2000)])
def test_a_text_that_does_not_fit_is_left_out(size: tuple[int, int]) -> None:
    picture = Pillow.new("RGB", size, "navy")

    marked = write_text(picture, "Автоцентр на Независимости")

    assert marked.size == size
    assert ImageChops.difference(marked, picture).getbbox() is None


def test_a_transparent_picture_stays_transparent() -> None:
    assert write_text(Pillow.new("RGBA", (900, 600), (0, 0, 0, 0)), "Авто").getpixel((0, 0)) == (0, 0, 0, 0)
