"""One VIN, one car on sale: who has it already is said to those who may know."""

import pytest

from listings import lifecycle
from listings.models import Dealer
from listings.vin import taken_by
from listings.vocabulary import SaleState
from tests.factories import DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db

VIN = "WBAFG810X0L123456"


def test_the_car_that_has_the_vin_is_named_with_a_link() -> None:
    car = ListingFactory(published=True, vin=VIN, title="Первая")
    words = str(taken_by(VIN, staff("moderator"), None))
    assert "Первая" in words
    assert f"/edit/{car.pk}/" in words
    assert taken_by(VIN, staff("editor"), car.pk) is None
    assert taken_by("", staff("marketer"), None) is None


def test_a_car_of_another_dealer_is_not_named() -> None:
    other: Dealer = DealerFactory(name="Другой", slug="drugoj")
    ListingFactory(published=True, vin=VIN, title="Чужая", dealer=other)
    words = str(taken_by(VIN, member(DealerFactory()), None))
    assert "Чужая" not in words
    assert "VIN" in words


def test_a_sold_or_archived_car_frees_its_vin() -> None:
    user = staff("moderator")
    sold, archived = ListingFactory(published=True, vin=VIN), ListingFactory(published=True, vin="WBAFG810X0L123457")
    lifecycle.set_sale_state([sold], SaleState.SOLD, user)
    lifecycle.archive([archived], user)
    assert taken_by(VIN, user, None) is None
    assert taken_by("WBAFG810X0L123457", user, None) is None
