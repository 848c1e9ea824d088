"""The change log: who, what, from which value to which, by which way in; and never less than it was."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cms.users.models import User
from listings.changes import Change, differences, made_through, record
from listings.lifecycle import publish_listing, unpublish_listing
from listings.models import ChangeLogEntry, Listing
from listings.models.change import AppendOnlyError
from listings.vocabulary import Way
from tests.factories import CarModelFactory, EquipmentFactory, ListingFactory, MakeFactory

pytestmark = pytest.mark.django_db


def actions(listing: Listing) -> list[tuple[str, str]]:
    return list(ChangeLogEntry.objects.filter(listing=listing.pk).order_by("pk").values_list("action", "way"))


def test_an_edit_is_told_by_field_in_words_with_its_author_and_way(admin_user: User) -> None:
    listing = ListingFactory(published=True)
    audi = CarModelFactory(make=MakeFactory(slug="audi", name="Audi"), name="A6")
    listing.make, listing.model, listing.price = audi.make, audi, 80_000
    listing.equipment = [EquipmentFactory(code="abs")]
    with made_through(Way.API):
        listing.save_revision(user=admin_user)
    entry = ChangeLogEntry.objects.filter(listing=listing).latest("pk")
    assert (entry.action, entry.way, entry.user, entry.user_name) == ("edit", "api", admin_user, "admin")
    assert entry.fields["make"] == ["BMW", "Audi"]
    assert entry.fields["price"] == [90_000, 80_000]
    assert entry.fields["equipment"] == [[], ["ABS"]]
    assert "price_byn" not in entry.fields


def test_a_decimal_is_the_same_in_memory_and_read_again() -> None:
    listing = ListingFactory(battery_kwh=Decimal("77.4"), published=True)
    before = ChangeLogEntry.objects.count()
    Listing.objects.get(pk=listing.pk).save_revision()
    assert ChangeLogEntry.objects.count() == before
    entry = ChangeLogEntry.objects.filter(listing=listing, action="create").get()
    assert entry.fields["battery_kwh"] == ["", "77.4"]


def test_publishing_withdrawing_and_deleting_are_told() -> None:
    listing = ListingFactory()
    publish_listing(listing)
    unpublish_listing(listing)
    pk = listing.pk
    listing.delete()
    told = list(ChangeLogEntry.objects.filter(listing=pk).order_by("pk").values_list("action", flat=True))
    assert told == ["create", "publish", "unpublish", "delete"]


def test_what_is_saved_unchanged_is_no_change() -> None:
    listing = ListingFactory(published=True)
    before = ChangeLogEntry.objects.count()
    listing.get_latest_revision_as_object().save_revision()
    assert ChangeLogEntry.objects.count() == before


def test_numbers_that_the_editor_gives_to_paragraphs_are_no_change() -> None:
    content = ListingFactory(text="<p>One owner</p>").serializable_data()
    opened = content | {"text": '<p data-block-key="k1x2z">One owner</p>'}
    assert differences(content, opened) == {}


def test_a_request_of_the_admin_says_so(admin_client: Client) -> None:
    listing = ListingFactory(published=True)
    url = reverse(Listing.snippet_viewset.get_url_name("unpublish"), args=[listing.pk])
    admin_client.post(url)
    assert actions(listing)[-1] == ("unpublish", "admin")


def test_many_changes_cost_as_many_queries_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    listings = [ListingFactory() for _ in range(5)]
    contents = [listing.serializable_data() for listing in listings]
    audi = CarModelFactory(make=MakeFactory(slug="audi", name="Audi"), name="A6")
    changes = [
        Change(listing, "edit", differences(content, content | {"make": audi.make_id, "model": audi.pk}))
        for listing, content in zip(listings, contents, strict=True)
    ]
    with django_assert_num_queries(7):
        record(changes, None)


def test_the_past_cannot_be_changed() -> None:
    listing = ListingFactory(published=True)
    entry = ChangeLogEntry.objects.filter(listing=listing).latest("pk")
    for attempt in (
        entry.save,
        entry.delete,
        ChangeLogEntry.objects.all().delete,
        lambda: ChangeLogEntry.objects.update(action="x"),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()


@pytest.mark.parametrize(
    "sql", ["UPDATE listings_changelogentry SET comment = 'x'", "DELETE FROM listings_changelogentry"]
)
def test_nor_by_hand_in_the_database(sql: str) -> None:
    ListingFactory(published=True)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
