"""What is marked for which change."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cms.pages.models import HomePage, PublishedPage, SiteSettings
from cms.pages.signals import PageChange, page_changed, site_changed
from cms.storefront.models import DirtyRoute, Priority
from cms.storefront.queue import WHOLE_SITE
from cms.storefront.signal_handlers import listings_changed
from listings.models import City, Equipment, EquipmentGroup, PublishedListing
from listings.signals import ListingChange, listing_changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> PublishedPage:
    """A published home page that shows the newest cars."""
    root = Page.objects.get(depth=1)
    page = root.add_child(instance=HomePage(title="Home", slug="site-home"))
    site, _ = Site.objects.update_or_create(
        is_default_site=True, defaults={"root_page": page, "hostname": "localhost", "port": 80}
    )
    now = timezone.now()
    document, _ = PublishedPage.objects.update_or_create(
        page=page,
        defaults={
            "site": site, "path": "/", "type": "home", "title": "Home", "is_public": True, "document": "{}",
            "shows": "cars", "published_at": now, "updated_at": now,
        },
    )  # fmt: skip
    DirtyRoute.objects.all().delete()
    return document


def marks() -> set[tuple[str, int]]:
    return set(DirtyRoute.objects.values_list("path", "priority"))


def cars(*slugs: str, bulk: bool = False) -> list[ListingChange]:
    return [ListingChange("updated", PublishedListing(slug=slug), bulk=bulk) for slug in slugs]


def test_changed_car_marks_its_page_the_catalogue_and_pages_with_new_cars(home: PublishedPage) -> None:
    listing_changed.send(sender=None, changes=cars("bmw-x5"))

    assert marks() == {("/cars/bmw-x5", 0), ("/catalog", 0), ("/", 0)}


def test_import_is_marked_as_bulk(home: PublishedPage) -> None:
    listing_changed.send(sender=None, changes=cars("a", "b", bulk=True))

    assert {priority for _, priority in marks()} == {Priority.BULK}


def test_marking_cars_costs_the_same_for_one_and_for_a_thousand(
    home: PublishedPage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (1, 1000):
        with transaction.atomic(), django_assert_num_queries(2):
            listings_changed(changes=cars(*(f"car-{index}" for index in range(number))))


def test_changed_page_marks_its_own_address_at_once(home: PublishedPage) -> None:
    page_changed.send(sender=None, changes=[PageChange("updated", PublishedPage(path="/о-нас", type="content"))])

    assert marks() == {("/о-нас", 0)}


def test_left_address_is_looked_at_when_its_redirect_is_there(home: PublishedPage) -> None:
    moved = PageChange("updated", PublishedPage(path="/new", type="content"), previous_path="/old")
    page_changed.send(sender=None, changes=[moved])

    assert {path for path, _ in marks()} == {"/new", "/old"}
    wait = DirtyRoute.objects.get(path="/old").next_attempt_at - timezone.now()
    assert timedelta(seconds=2) < wait <= timedelta(seconds=3)


def test_page_of_the_navigation_that_goes_changes_every_page(home: PublishedPage) -> None:
    SiteSettings.objects.create(
        site=home.site, navigation=[("item", {"title": "О нас", "link": {"page": home.page, "path": ""}})]
    )
    DirtyRoute.objects.all().delete()

    page_changed.send(sender=None, changes=[PageChange("updated", home)])
    assert (WHOLE_SITE, Priority.BULK) not in marks()

    page_changed.send(sender=None, changes=[PageChange("removed", home)])
    assert (WHOLE_SITE, Priority.BULK) in marks()


def test_site_settings_change_every_page() -> None:
    site_changed.send(sender=None)

    assert marks() == {(WHOLE_SITE, Priority.BULK)}


def test_renamed_equipment_changes_every_page() -> None:
    group = EquipmentGroup.objects.create(code="comfort", name="Комфорт", position=1)
    DirtyRoute.objects.all().delete()

    Equipment.objects.create(group=group, code="abs", name="ABS", position=1)

    assert marks() == {(WHOLE_SITE, Priority.BULK)}


def test_new_city_changes_the_filters_of_the_catalogue() -> None:
    City.objects.create(name="Орша", slug="orsha", oblast="vitebsk")

    assert marks() == {("/catalog", Priority.BULK)}


def test_redirect_is_published_and_taken_back() -> None:
    redirect = Redirect.objects.create(old_path="/old-car", redirect_link="/catalog")
    assert marks() == {("/old-car", 0)}
    DirtyRoute.objects.all().delete()

    redirect.delete()

    assert marks() == {("/old-car", 0)}
