"""What people do with many ticked cars in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.users.models import User
from listings.admin import bulk_actions
from listings.lifecycle import archive, publication_state, submit
from listings.models import ChangeLogEntry, Dealer, Listing
from listings.vocabulary import MemberRole, PublicationState, SaleState, Way
from tests.factories import CityFactory, DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def dealer() -> Dealer:
    return DealerFactory()


def admin(user: User) -> Client:
    client = Client(headers={"accept-language": "ru"})
    client.force_login(user)
    return client


def address(action: str, *listings: Listing | str, **query: Any) -> str:
    path = reverse("wagtail_bulk_action", args=["listings", "listing", action])
    ids = "&".join(f"id={getattr(listing, 'pk', listing)}" for listing in listings)
    return f"{path}?{ids}" + "".join(f"&{name}={value}" for name, value in query.items())


def said(client: Client) -> str:
    """The messages that the next page shows."""
    return client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_page_says_what_will_happen_and_changes_nothing(dealer: Dealer) -> None:
    draft, archived = ListingFactory(dealer=dealer), ListingFactory(dealer=dealer)
    archive([archived], None)
    client = admin(member(dealer))

    page = client.get(address("submit", draft, archived)).content.decode()

    assert publication_state(draft) == PublicationState.DRAFT
    assert ChangeLogEntry.objects.filter(action="submit").count() == 0
    assert 'name="confirmed"' in page
    assert page.count("В архиве") + page.count("Archived") >= 1


def test_confirmed_it_is_done_and_refusals_are_named(dealer: Dealer) -> None:
    draft, archived = ListingFactory(dealer=dealer), ListingFactory(dealer=dealer, year=2011)
    archive([archived], None)
    user = member(dealer)
    client = admin(user)

    answer = client.post(address("submit", draft, archived), {"confirmed": "1"})

    assert answer.status_code == 302
    assert publication_state(draft) == PublicationState.IN_MODERATION
    assert publication_state(Listing.objects.get(pk=archived.pk)) == PublicationState.ARCHIVED
    entry = ChangeLogEntry.objects.get(action="submit")
    assert (entry.listing_id, entry.user, entry.way) == (draft.pk, user, Way.ADMIN)
    assert str(archived) in said(client)


@pytest.mark.parametrize(
    ("action", "state"), [("reserve", SaleState.RESERVED), ("sell", SaleState.SOLD), ("available", SaleState.AVAILABLE)]
)
def test_the_sale_axis(dealer: Dealer, action: str, state: SaleState) -> None:
    car = ListingFactory(dealer=dealer, sale_state=SaleState.RESERVED if action == "available" else "available")

    admin(member(dealer, MemberRole.MANAGER)).post(address(action, car), {"confirmed": "1"})

    assert Listing.objects.get().sale_state == state


def test_archive_and_restore(dealer: Dealer) -> None:
    car = ListingFactory(dealer=dealer, published=True)
    client = admin(member(dealer))

    client.post(address("archive", car), {"confirmed": "1"})
    assert publication_state(Listing.objects.get()) == PublicationState.ARCHIVED
    client.post(address("restore", car), {"confirmed": "1"})
    assert publication_state(Listing.objects.get()) == PublicationState.DRAFT


def test_a_moderator_approves_returns_and_publishes(dealer: Dealer) -> None:
    one, two, three = (ListingFactory(dealer=dealer) for _ in range(3))
    submit([one, two], None)
    client = admin(staff("moderator"))

    client.post(address("approve", one), {"confirmed": "1"})
    asked = client.post(address("return", two), {"comment": ""}).content.decode()
    client.post(address("return", two), {"comment": "Нет фото", "confirmed": "1"})
    client.post(address("publish", three), {"confirmed": "1"})

    assert 'name="confirmed"' not in asked
    assert ChangeLogEntry.objects.get(action="return").comment == "Нет фото"
    states = [publication_state(Listing.objects.get(pk=car.pk)) for car in (one, two, three)]
    assert states == [PublicationState.PUBLISHED, PublicationState.DRAFT, PublicationState.PUBLISHED]


def test_a_dealer_cannot_publish(dealer: Dealer) -> None:
    car = ListingFactory(dealer=dealer)
    client = admin(member(dealer))

    page = client.get(address("publish", car)).content.decode()
    client.post(address("publish", car), {"confirmed": "1"})

    assert 'name="confirmed"' not in page
    assert not Listing.objects.get().live


def test_prices_are_shown_before_they_are_written(dealer: Dealer) -> None:
    cars = [ListingFactory(dealer=dealer, price=price) for price in (10_000, 20_001)]
    client = admin(member(dealer))

    asked = client.get(address("price", *cars)).content.decode()
    shown = client.post(address("price", *cars), {"percent": "-5", "amount": ""}).content.decode()
    assert 'name="confirmed"' not in asked
    assert "10000 → 9500 BYN" in shown
    assert set(Listing.objects.values_list("price", flat=True)) == {10_000, 20_001}

    client.post(address("price", *cars), {"percent": "-5", "amount": "", "confirmed": "1"})
    assert set(Listing.objects.values_list("price", flat=True)) == {9_500, 19_001}
    client.post(address("price", *cars), {"percent": "", "amount": "-500", "confirmed": "1"})
    assert set(Listing.objects.values_list("price", flat=True)) == {9_000, 18_501}
    both = client.post(address("price", *cars), {"percent": "1", "amount": "1", "confirmed": "1"})
    assert both.status_code == 200
    assert set(Listing.objects.values_list("price", flat=True)) == {9_000, 18_501}


def test_cars_move_to_another_city(dealer: Dealer) -> None:
    car = ListingFactory(dealer=dealer)
    brest = CityFactory(slug="brest", name="Брест")

    admin(member(dealer)).post(address("city", car), {"city": brest.pk, "confirmed": "1"})

    assert Listing.objects.get().city == brest


def test_all_means_what_the_filtered_list_shows_over_all_its_pages(dealer: Dealer) -> None:
    diesel = [ListingFactory(dealer=dealer, fuel="diesel") for _ in range(35)]
    petrol = ListingFactory(dealer=dealer, fuel="petrol")
    other = ListingFactory(dealer=dealer, fuel="diesel", external_id="FIND-ME")
    foreign = ListingFactory(dealer=DealerFactory(slug="other"), fuel="diesel")
    client = admin(member(dealer))

    client.post(address("sell", "all", q="find-me"), {"confirmed": "1"})
    assert list(Listing.objects.filter(sale_state="sold")) == [other]

    client.post(address("sell", "all", fuel="diesel"), {"confirmed": "1"})
    sold = set(Listing.objects.filter(sale_state="sold").values_list("pk", flat=True))
    assert sold == {car.pk for car in [*diesel, other]}
    assert not {petrol.pk, foreign.pk} & sold


def test_a_foreign_car_is_not_there(dealer: Dealer) -> None:
    mine, foreign = ListingFactory(dealer=dealer), ListingFactory(dealer=DealerFactory(slug="other"), title="Чужая")
    client = admin(member(dealer))

    for action in bulk_actions.ACTIONS:
        assert "Чужая" not in client.get(address(action.action_type, mine, foreign)).content.decode()
        assert client.post(address(action.action_type, foreign), {"confirmed": "1"}).status_code == 404
    assert not ChangeLogEntry.objects.exists()


def test_an_agents_actions_reach_only_his_own_cars(dealer: Dealer) -> None:
    agent = member(dealer, MemberRole.AGENT)
    mine, colleagues = ListingFactory(dealer=dealer, agent=agent), ListingFactory(dealer=dealer)

    admin(agent).post(address("sell", "all"), {"confirmed": "1"})

    assert list(Listing.objects.filter(sale_state="sold")) == [mine]
    assert colleagues.sale_state == SaleState.AVAILABLE


def test_a_page_of_a_hundred_cars_takes_as_many_queries_as_one_of_ten(dealer: Dealer) -> None:
    client = admin(member(dealer))

    def queries(number: int) -> tuple[int, int]:
        cars = [ListingFactory(dealer=dealer) for _ in range(number)]
        with CaptureQueriesContext(connection) as shown:
            client.get(address("submit", *cars))
        with CaptureQueriesContext(connection) as done:
            client.post(address("submit", *cars), {"confirmed": "1"})
        return len(shown), len(done)

    queries(2)
    assert queries(10) == queries(100)


def test_too_many_cars_are_not_tried_out_before(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "FORETOLD", 1)
    monkeypatch.setattr(bulk_actions, "BATCH", 2)
    cars = [ListingFactory(dealer=dealer) for _ in range(3)]
    client = admin(member(dealer))

    assert 'name="confirmed"' in client.get(address("archive", *cars)).content.decode()
    client.post(address("archive", *cars), {"confirmed": "1"})

    assert Listing.objects.filter(archived_at__isnull=False).count() == 3


@pytest.mark.parametrize(
    ("role", "offered", "hidden"),
    [("manager", ["submit", "price", "sell", "archive"], ["approve", "publish"]), ("agent", ["submit"], ["archive"])],
)
def test_the_list_offers_only_what_the_user_may_do(
    dealer: Dealer, role: str, offered: list[str], hidden: list[str]
) -> None:
    user = member(dealer, role)
    ListingFactory(dealer=dealer, agent=user)

    page = admin(user).get(reverse("wagtailsnippets_listings_listing:list")).content.decode()

    paths = {name: reverse("wagtail_bulk_action", args=["listings", "listing", name]) for name in [*offered, *hidden]}
    assert [name for name in offered if paths[name] not in page] == []
    assert [name for name in hidden if paths[name] in page] == []
