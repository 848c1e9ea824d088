"""What dealers' people do with photos on the listing's edit page, and what they cannot do with others' photos."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from cms.images.models import CustomImage
from cms.images.services import add_image
from cms.images.tasks import make_image_renditions
from listings.models import Dealer, Listing, ListingPhoto, PublishedListing
from listings.vocabulary import MemberRole
from tests.factories import DealerFactory, ListingFactory, member, picture_bytes

pytestmark = pytest.mark.django_db

MARK = "Mark from 1 to %(limit)d places to cover."
OUTSIDE = "A marked place lies outside the photo. Mark it anew."


def car(dealer: Dealer, **options: Any) -> Listing:
    """A published car with one photo in the dealer's collection."""
    photo = add_image(picture_bytes("navy"), "car.jpg", title="car", collection=dealer.collection)
    listing: Listing = ListingFactory(dealer=dealer, **options)
    listing.photos = [ListingPhoto(image=photo)]
    listing.save()
    listing.save_revision().publish()
    return listing


def send(client: Client, name: str, image: CustomImage, body: Any) -> Any:
    return client.post(reverse(name, args=[image.pk]), json.dumps(body), content_type="application/json")


@pytest.fixture
def dealer() -> Dealer:
    made: Dealer = DealerFactory()
    return made


@pytest.fixture
def manager(client: Client, dealer: Dealer) -> Client:
    client.force_login(member(dealer))
    return client


def test_a_manager_covers_a_plate_and_everything_follows(
    manager: Client, dealer: Dealer, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    image = car(dealer).photos.get().image
    shown = PublishedListing.objects.get().card

    with django_capture_on_commit_callbacks(execute=True):
        answer = send(manager, "listing_photo_cover", image, {"areas": [[0.1, 0.2, 0.3, 0.1], [0.5, 0.5, 0.1, 0.1]]})

    assert answer.status_code == 200
    covered = CustomImage.objects.get()
    assert covered.file.name != image.file.name
    assert not default_storage.exists(image.file.name)
    assert PublishedListing.objects.get().card != shown
    assert default_storage.exists(answer.json()["preview"]["url"].split("/media/")[-1])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, MARK),
        ({"areas": []}, MARK),
        ({"areas": "all"}, MARK),
        ([[0, 0, 1, 1]], MARK),
        ({"areas": [[0, 0, 1, 1]] * 21}, MARK),
        ({"areas": [[0, 0, 1, 1], [0, 0, 2, 1]]}, OUTSIDE),
        ({"areas": [[0, 0, 0, 1]]}, OUTSIDE),
        ({"areas": [[-0.1, 0, 1, 1]]}, OUTSIDE),
        ({"areas": [[0, 0, float("nan"), 1]]}, OUTSIDE),
        ({"areas": [[0, 0, True, "1"]]}, OUTSIDE),
        ({"areas": [None]}, OUTSIDE),
    ],
)
def test_a_wrong_area_is_refused_in_words_and_changes_nothing(
    manager: Client, dealer: Dealer, body: Any, words: str
) -> None:
    image = car(dealer).photos.get().image

    answer = send(manager, "listing_photo_cover", image, body)

    assert answer.status_code == 422
    assert answer.json()["error"] == gettext(words) % {"limit": 20}
    assert CustomImage.objects.get().file.name == image.file.name


def test_a_photo_whose_file_is_lost_is_refused_in_words(manager: Client, dealer: Dealer) -> None:
    image = car(dealer).photos.get().image
    default_storage.delete(image.file.name)

    answer = send(manager, "listing_photo_cover", image, {"areas": [[0, 0, 1, 1]]})

    assert answer.status_code == 422
    assert CustomImage.objects.get().renditions.exists()


def test_the_chosen_point_reaches_the_site_and_can_be_taken_back(manager: Client, dealer: Dealer) -> None:
    image = car(dealer).photos.get().image
    make_image_renditions(image.pk)

    assert send(manager, "listing_photo_focus", image, {"focus": [0.25, 0.8]}).json() == {"focus": [0.25, 0.8]}
    make_image_renditions(image.pk)
    assert PublishedListing.objects.get().card_data["photo"]["focus"] == {"x": 0.25, "y": 0.8}
    assert manager.get(reverse("listing_photo", args=[image.pk])).json()["focus"] == [0.25, 0.8]

    assert send(manager, "listing_photo_focus", image, {"focus": None}).json() == {"focus": None}
    make_image_renditions(image.pk)
    assert PublishedListing.objects.get().card_data["photo"]["focus"] is None


@pytest.mark.parametrize("body", [{}, {"focus": [2, 0]}, {"focus": [0.5]}, {"focus": "middle"}, "x"])
def test_a_point_outside_of_the_photo_is_refused(manager: Client, dealer: Dealer, body: Any) -> None:
    image = car(dealer).photos.get().image

    assert send(manager, "listing_photo_focus", image, body).status_code == 422
    assert CustomImage.objects.get().focus is None


@pytest.mark.parametrize("role", [MemberRole.MANAGER, MemberRole.AGENT])
def test_another_dealers_photo_does_not_exist(client: Client, role: str) -> None:
    image = car(DealerFactory(slug="other")).photos.get().image
    client.force_login(member(DealerFactory(), role))

    answers = [
        client.get(reverse("listing_photo", args=[image.pk])),
        send(client, "listing_photo_cover", image, {"areas": [[0, 0, 1, 1]]}),
        send(client, "listing_photo_focus", image, {"focus": [0.1, 0.1]}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    after = CustomImage.objects.get()
    assert (after.file.name, after.focus) == (image.file.name, None)


def test_an_agent_covers_plates_on_his_own_cars_only(client: Client, dealer: Dealer) -> None:
    agent, colleague = member(dealer, MemberRole.AGENT), member(dealer, MemberRole.AGENT)
    own = car(dealer, agent=agent).photos.get().image
    foreign = car(dealer, agent=colleague).photos.get().image
    client.force_login(agent)

    answers = [send(client, "listing_photo_cover", image, {"areas": [[0, 0, 1, 1]]}) for image in (own, foreign)]

    assert [answer.status_code for answer in answers] == [200, 404]


def test_nobody_without_logging_in(client: Client, dealer: Dealer) -> None:
    image = car(dealer).photos.get().image

    assert send(client, "listing_photo_cover", image, {"areas": [[0, 0, 1, 1]]}).status_code == 302
    assert CustomImage.objects.get().file.name == image.file.name


def test_every_photo_of_the_edit_page_has_its_buttons(manager: Client, dealer: Dealer) -> None:
    page = manager.get(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[car(dealer).pk])).content.decode()

    # The photo's own, and those in the pattern from which the page makes a new photo's.
    assert page.count('data-photo-tool="cover"') == page.count('data-photo-tool="focus"') == 2
    assert page.count("data-photo-dialog=") == 1


def test_the_photos_are_set_up_once_so_that_a_press_moves_a_photo_by_one_place(manager: Client, dealer: Dealer) -> None:
    page = manager.get(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[car(dealer).pk])).content.decode()

    assert page.count("new MultipleChooserPanel(") == 1
    assert "wagtail.panels.MultipleChooserPanel" not in page
