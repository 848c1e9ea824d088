"""The demo's data: complete, valid, and written once."""

import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from wagtail.models import Page, Revision, Site
from wagtail.permissions import policy_registry

from blog.models import BlogPostPage
from cms.demo import cars as demo_cars
from cms.demo import photos as demo_photos
from cms.demo.people import LOGINS, PASSWORD
from cms.demo.source import DATA
from cms.images.models import CustomImage
from cms.pages.models import HomePage, PublishedPage, SiteSettings
from cms.users.models import User
from cms.users.roles import ROLES
from listings.models import Dealer, Listing, Make, PublishedListing
from listings.validators import VIN_FORM
from listings.vocabulary import Body, Condition, Fuel
from tests.factories import CityFactory, DealerFactory

TINY = (320, 240)
TOWNS = ("minsk", "grodno", "gomel")
ADDRESSES = {
    "new car": "/admin/snippets/listings/listing/add/",
    "new photo": "/admin/images/add/",
    "enquiries": "/admin/lead/",
    "channels": "/admin/channels/",
    "publications": "/admin/publications/",
    "dealers": "/admin/snippets/listings/dealer/",
    "users": "/admin/users/",
}
PLACEHOLDERS = re.compile(r"lorem|ipsum|dolor sit|todo|текст-рыба|placeholder", re.IGNORECASE)


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def reference_data(db: None) -> None:
    call_command("load_reference_data", stdout=StringIO())


@pytest.fixture
def few_cars(reference_data: None, folders: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A demo of five cars with a small photo each, the reserved and the sold among them."""

    def with_photos(items: Any) -> Iterator[Any]:
        for item, photos in items:
            yield item, [demo_photos.draw_photo(photo, TINY) for photo in photos[:1]]

    cars = demo_cars.read_cars()
    states = {car["sale_state"]: car for car in cars if "sale_state" in car}
    chosen = [*states.values(), *cars[:3]]
    monkeypatch.setattr(demo_cars, "with_photos", with_photos)
    monkeypatch.setattr(demo_cars, "read_cars", lambda: chosen)
    return chosen


def written() -> dict[str, Any]:
    """Whatever a second run could change."""
    kinds = (Listing, Page, Revision, CustomImage, User, Group, Dealer, Site, Make)
    return {
        "cars": sorted(PublishedListing.objects.values_list("slug", "version", "content_hash", "sale_state")),
        "pages": sorted(PublishedPage.objects.values_list("path", "version", "content_hash")),
        "counts": {kind.__name__: kind._default_manager.count() for kind in kinds},
        "settings": list(SiteSettings.objects.values()),
        "rights": {group.name: group.permissions.count() for group in Group.objects.all()},
    }


def test_every_car_passes_the_checks_of_the_edit_page(reference_data: None) -> None:
    dealers = {
        f"avtofamily-{town}": DealerFactory(slug=f"avtofamily-{town}", city=CityFactory(slug=town)) for town in TOWNS
    }
    cars = demo_cars.read_cars()
    reference = demo_cars.Reference(cars)
    # `car_listing` runs full_clean.
    listings = [demo_cars.car_listing(car, dealers[car["dealer"]], reference) for car in cars]
    assert len({listing.slug for listing in listings}) == 60


def test_cars_are_as_varied_as_a_real_stock() -> None:
    cars = demo_cars.read_cars()
    states = Counter(car.get("sale_state", "available") for car in cars)
    assert {car["body"] for car in cars} == set(Body.values)
    assert {car["fuel"] for car in cars} == set(Fuel.values)
    assert {car.get("condition", "used") for car in cars} == set(Condition.values)
    assert (min(car["year"] for car in cars), max(car["year"] for car in cars)) == (2005, 2026)
    assert states == {"available": 55, "reserved": 3, "sold": 2}
    assert {car["photos"] for car in cars} == {3, 4, 5}


def test_vins_and_stock_numbers_are_given_once() -> None:
    cars = demo_cars.read_cars()
    assert all(VIN_FORM.fullmatch(car["vin"]) for car in cars)
    assert len({car["vin"] for car in cars}) == len({car["stock_number"] for car in cars}) == len(cars)


def test_electric_cars_say_battery_and_range() -> None:
    electric = [car for car in demo_cars.read_cars() if car["fuel"] == "electric"]
    assert len(electric) >= 5
    assert all(car["battery_kwh"] > 20 and car["range_km"] > 100 and "engine_cc" not in car for car in electric)


def test_descriptions_are_texts_of_their_own() -> None:
    texts = [car["text"].strip() for car in demo_cars.read_cars()]
    paragraphs = Counter(paragraph for text in texts for paragraph in text.split("\n\n"))
    assert max(paragraphs.values()) == 1
    assert all(2 <= text.count("\n\n") + 1 <= 4 and len(text) > 150 for text in texts)


def test_no_placeholder_text_in_any_data_file() -> None:
    files = sorted(DATA.rglob("*.toml"))
    assert len(files) > 10
    assert [file.name for file in files if PLACEHOLDERS.search(file.read_text("utf-8"))] == []


def test_demo_has_a_site_with_cars_pages_and_posts(few_cars: list[dict[str, Any]]) -> None:
    load()
    site = Site.objects.get()
    paths = set(PublishedPage.objects.public().values_list("path", flat=True))
    assert site.root_page.specific_class is HomePage
    assert Page.objects.filter(depth=2).count() == 1
    assert {"/", "/about", "/contacts", "/privacy", "/blog"} <= paths
    assert BlogPostPage.objects.live().count() == 6
    assert all(
        post.cover and post.author and post.category and post.tags.count() for post in BlogPostPage.objects.all()
    )
    assert PublishedListing.objects.public().count() == len(few_cars)
    assert Counter(PublishedListing.objects.values_list("sale_state", flat=True)) == {
        "available": 3,
        "reserved": 1,
        "sold": 1,
    }
    assert [item["title"] for item in SiteSettings.objects.get().navigation_items()] == [
        "Каталог",
        "Блог",
        "О компании",
        "Контакты",
    ]


def test_photos_lie_in_the_collection_of_their_dealer(few_cars: list[dict[str, Any]]) -> None:
    load()
    for listing in Listing.objects.all():
        assert {photo.image.collection for photo in listing.photos.all()} == {listing.dealer.collection}


def test_second_run_changes_nothing(few_cars: list[dict[str, Any]]) -> None:
    load()
    before = written()
    assert "everything was there" in load()
    assert written() == before


def test_second_run_keeps_what_people_have_done(few_cars: list[dict[str, Any]]) -> None:
    load()
    deleted, edited = Listing.objects.order_by("pk")[:2]
    deleted.delete()
    edited.price = 12_345
    edited.save_revision().publish()
    BlogPostPage.objects.first().delete()
    SiteSettings.objects.update(tagline="Своя строка")
    before = written()
    load()
    assert written() == before


def test_interrupted_run_is_continued(few_cars: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    publish, calls = demo_cars.publish_listing, []

    def stop_at_third(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        publish(*args)

    monkeypatch.setattr(demo_cars, "publish_listing", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        load()
    assert PublishedListing.objects.public().count() == Listing.objects.count() == 2
    load()
    assert PublishedListing.objects.public().count() == Listing.objects.count() == len(few_cars)


def test_site_follows_the_address_of_the_demo(few_cars: list[dict[str, Any]], settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8081"
    load()
    settings.SITE_URL = "http://127.0.0.1:8082"
    load()
    assert Site.objects.values_list("hostname", "port").get() == ("127.0.0.1", 8082)


def test_refused_where_known_passwords_are_not_allowed(settings: Settings, db: None) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        load()
    assert User.objects.count() == 0


def test_missing_reference_row_is_named_before_anything_is_written(
    few_cars: list[dict[str, Any]],
) -> None:
    few_cars[-1]["equipment"] = ["flux-capacitor"]
    with pytest.raises(CommandError, match="Equipment flux-capacitor is missing"):
        load()
    assert Listing.objects.count() == 0


def test_logins_are_shown_as_they_work(few_cars: list[dict[str, Any]], client: Client) -> None:
    load()
    shown = load("--show-logins")
    for login in LOGINS:
        assert re.search(rf"{login.username} +{PASSWORD}", shown)
        assert client.login(username=login.username, password=PASSWORD)


def test_rights_on_cars(few_cars: list[dict[str, Any]]) -> None:
    load()
    policy, actions = policy_registry.get_by_type(Listing), ("add", "change", "publish", "delete")
    rights = {
        name: [action for action in actions if policy.user_has_permission(User.objects.get(username=name), action)]
        for name in ("editor", "moderator")
    }
    assert rights == {"editor": ["add", "change"], "moderator": ["add", "change", "publish", "delete"]}


def test_admin_opens_what_each_may_do(few_cars: list[dict[str, Any]], client: Client) -> None:
    load()
    opened = {}
    for login in LOGINS:
        client.force_login(User.objects.get(username=login.username))
        opened[login.username] = [name for name, address in ADDRESSES.items() if client.get(address).status_code == 200]
    assert opened == {
        "admin": list(ADDRESSES),
        "editor": ["new car", "new photo"],
        "moderator": ["new car", "new photo", "enquiries", "channels", "publications", "dealers"],
        "marketer": ["new photo", "publications"],
        "sales": ["enquiries", "publications", "dealers"],
        "dealer": ["new car", "new photo", "enquiries", "publications", "dealers"],
        "agent": ["new car", "new photo", "enquiries", "publications"],
        "agent2": ["new car", "new photo", "enquiries", "publications"],
    }


def test_groups_of_wagtail_are_taken_over(few_cars: list[dict[str, Any]]) -> None:
    load()
    names = set(Group.objects.values_list("name", flat=True))
    assert names - {role.group for role in ROLES.values()} == {
        f"Дилер: {dealer.name}{part}" for dealer in Dealer.objects.all() for part in ("", ", руководители")
    }
