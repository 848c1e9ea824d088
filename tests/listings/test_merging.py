"""Doubles in the reference data become one, and nothing that pointed to them is lost."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from wagtail.models import Revision

from cms.users.models import User
from listings.merging import merge
from listings.models import CarModel, Listing, Make, PublishedListing
from listings.tasks import rebuild_documents
from tests.factories import CarModelFactory, CityFactory, EquipmentFactory, ListingFactory, MakeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubles() -> tuple[Make, Make]:
    return MakeFactory(slug="bmw", name="BMW"), MakeFactory(slug="bmv", name="БМВ")


def test_listings_models_and_drafts_follow_and_the_name_stays_as_alias(
    doubles: tuple[Make, Make], django_capture_on_commit_callbacks: object
) -> None:
    keep, other = doubles
    same, moving = CarModelFactory(make=other, name="X5"), CarModelFactory(make=other, name="X7")
    kept = CarModelFactory(make=keep, name="X5")
    live = ListingFactory(make=other, model=same, published=True)
    live.year = 2019
    live.save_revision()
    draft = ListingFactory(make=other, model=moving)

    merge(keep, [other])

    live.refresh_from_db()
    draft.refresh_from_db()
    assert (live.make, live.model) == (keep, kept)
    assert (draft.make, draft.model) == (keep, moving)
    edited = live.get_latest_revision_as_object()
    assert (edited.make, edited.model, edited.year) == (keep, kept, 2019)
    edited.save_revision().publish()
    keep.refresh_from_db()
    assert "БМВ" in keep.aliases.splitlines()
    assert not Make.objects.filter(pk=other.pk).exists()
    assert CarModel.objects.filter(make=keep).count() == 2


def test_the_published_document_is_written_again(doubles: tuple[Make, Make]) -> None:
    keep, other = doubles
    listing = ListingFactory(make=other, published=True)
    merge(keep, [other])
    rebuild_documents("make", keep.pk)
    assert PublishedListing.objects.get(listing=listing).make == "bmw"


def test_a_car_with_both_items_keeps_one_in_rows_and_drafts() -> None:
    keep, other = EquipmentFactory(code="abs"), EquipmentFactory(code="abs-2")
    both = ListingFactory(equipment=["abs", "abs-2"], published=True)
    one = ListingFactory(equipment=["abs-2"])
    one.save_revision()
    merge(keep, [other])
    assert [item.code for item in Listing.objects.get(pk=both.pk).equipment.all()] == ["abs"]
    assert [item.code for item in Listing.objects.get(pk=one.pk).equipment.all()] == ["abs"]
    contents = [revision.content["equipment"] for revision in Revision.objects.filter(object_id__in=[both.pk, one.pk])]
    assert contents == [[keep.pk], [keep.pk]]


def test_a_dealers_city_follows() -> None:
    keep, other = CityFactory(slug="minsk"), CityFactory(slug="mensk", name="Менск")
    listing = ListingFactory(city=other)
    listing.dealer.city = other
    listing.dealer.save()
    merge(keep, [other])
    listing.dealer.refresh_from_db()
    assert listing.dealer.city == keep


def test_what_cannot_mean_one_thing_is_refused(doubles: tuple[Make, Make]) -> None:
    keep, other = doubles
    with pytest.raises(ValidationError):
        merge(CarModelFactory(make=keep, name="X5"), [CarModelFactory(make=other, name="X5")])
    with pytest.raises(ValidationError):
        merge(keep, [keep])
    assert Make.objects.count() == 2


def test_who_may_not_delete_does_not_merge(doubles: tuple[Make, Make]) -> None:
    keep, other = doubles
    with pytest.raises(PermissionDenied):
        merge(keep, [other], User.objects.create_user("nobody"))
    assert Make.objects.count() == 2
