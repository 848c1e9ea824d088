"""The two axes of a listing: every verb, who may, from where; whole and in a constant number of queries."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry, TaskState, WorkflowState

from cms.users.models import User
from cms.users.roles import role_group, set_up_roles
from listings import bulk, lifecycle
from listings.lifecycle import single
from listings.models import (
    ChangeLogEntry,
    DealerMember,
    InventorySettings,
    Listing,
    ListingPhoto,
    PricePoint,
    PublishedListing,
)
from listings.signals import moderation_began, moderation_ended
from listings.vocabulary import MemberRole, PublicationState, SaleState
from tests.factories import CityFactory, DealerFactory, EquipmentFactory, ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles() -> None:
    set_up_roles()


@pytest.fixture
def moderator() -> User:
    user = User.objects.create_user("moderator", password="x")
    user.groups.add(role_group("moderator"))
    return user


@pytest.fixture
def dealer_user() -> User:
    """Manager of the dealer whose cars the factory makes."""
    user = User.objects.create_user("dealer", password="x")
    DealerMember.objects.create(dealer=DealerFactory(), user=user, role=MemberRole.MANAGER)
    return user


@pytest.fixture
def other_dealer_user() -> User:
    user = User.objects.create_user("other", password="x")
    dealer = DealerFactory(name="Другой", slug="drugoj")
    DealerMember.objects.create(dealer=dealer, user=user, role=MemberRole.MANAGER)
    return user


def draft(**values: object) -> Listing:
    listing = ListingFactory(**values)
    listing.save_revision()
    return Listing.objects.get(pk=listing.pk)


def edited(listing: Listing, **values: object) -> Listing:
    """The newest content with new values, unsaved."""
    found = bulk.newest_drafts([listing.pk])[listing.pk]
    for name, value in values.items():
        setattr(found, name, value)
    return found


def actions(listing: Listing) -> list[str]:
    return list(ChangeLogEntry.objects.filter(listing=listing.pk).order_by("pk").values_list("action", flat=True))


def state(listing: Listing) -> PublicationState:
    return lifecycle.publication_state(Listing.objects.get(pk=listing.pk))


def public_price(listing: Listing) -> int | None:
    document = PublishedListing.objects.filter(listing=listing.pk, is_public=True).first()
    return document.price_byn if document else None


def test_a_car_goes_from_the_dealer_past_the_moderator_to_the_public(moderator: User, dealer_user: User) -> None:
    car = draft()
    assert lifecycle.submit([car], dealer_user) == {}
    assert state(car) == PublicationState.IN_MODERATION
    assert public_price(car) is None

    assert lifecycle.return_to_dealer([car], moderator, "Добавьте фотографии") == {}
    assert state(car) == PublicationState.DRAFT
    assert TaskState.objects.get().comment == "Добавьте фотографии"

    assert lifecycle.submit([car], dealer_user) == {}
    assert lifecycle.approve([car], moderator) == {}
    assert state(car) == PublicationState.PUBLISHED
    assert public_price(car) == 90_000
    assert actions(car) == ["create", "submit", "return", "submit", "approve"]
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_APPROVED


def test_a_dealer_does_not_get_past_the_moderator(dealer_user: User) -> None:
    car = draft()
    for verb in (lifecycle.publish, lifecycle.approve):
        refused = verb([car], dealer_user)
        assert "модератор" in refused[car.pk]
    assert state(car) == PublicationState.DRAFT


def test_a_foreign_car_does_not_exist(other_dealer_user: User) -> None:
    car = draft(title="Тайная")
    for refused in (
        lifecycle.submit([car], other_dealer_user),
        lifecycle.archive([car], other_dealer_user),
        lifecycle.set_sale_state([car], SaleState.SOLD, other_dealer_user),
        lifecycle.change_prices([car], {car.pk: 50_000}, other_dealer_user),
        lifecycle.save_changes([edited(car, price=1_000)], other_dealer_user),
    ):
        assert refused == {car.pk: "Такого автомобиля нет."}
    assert Listing.objects.get(pk=car.pk).price == 90_000


def test_an_agent_moves_his_own_cars_only(dealer_user: User) -> None:
    agent = User.objects.create_user("agent", password="x")
    mine = draft(agent=agent)
    DealerMember.objects.create(dealer=mine.dealer, user=agent, role=MemberRole.AGENT)
    colleagues = draft(agent=dealer_user)
    assert lifecycle.submit([mine, colleagues], agent) == {colleagues.pk: "Такого автомобиля нет."}
    assert "руководителя" in lifecycle.archive([mine], agent)[mine.pk]


def test_a_refusal_names_state_and_wish(moderator: User) -> None:
    car = ListingFactory(published=True)
    reason = lifecycle.approve([car], moderator)[car.pk]
    assert "Опубликовано" in reason
    assert "одобрить" in reason
    with pytest.raises(ValidationError):
        single(lifecycle.restore([car], moderator))


def test_returning_takes_a_comment(moderator: User, dealer_user: User) -> None:
    car = draft()
    lifecycle.submit([car], dealer_user)
    assert car.pk in lifecycle.return_to_dealer([car], moderator, "  ")
    assert state(car) == PublicationState.IN_MODERATION


def test_what_was_not_seen_is_not_approved(moderator: User, dealer_user: User) -> None:
    car = draft()
    lifecycle.submit([car], dealer_user)
    seen = {car.pk: Listing.objects.get(pk=car.pk).latest_revision_id}
    lifecycle.save_changes([edited(car, price=10_000)], dealer_user)
    refused = lifecycle.approve([car], moderator, seen=seen)  # type: ignore[arg-type]
    assert "изменил" in refused[car.pk]
    assert state(car) == PublicationState.IN_MODERATION
    seen = {car.pk: Listing.objects.get(pk=car.pk).latest_revision_id}
    assert TaskState.objects.get().revision_id == seen[car.pk]
    assert lifecycle.approve([car], moderator, seen=seen) == {}  # type: ignore[arg-type]
    assert public_price(car) == 10_000


def test_a_dealers_edit_of_a_public_car_waits_while_the_public_version_stays(
    moderator: User, dealer_user: User
) -> None:
    car = ListingFactory(published=True, equipment=["abs"])
    change = edited(car, price=80_000, equipment=[EquipmentFactory(code="esp")])
    assert lifecycle.save_changes([change], dealer_user) == {}
    assert public_price(car) == 90_000
    assert state(car) == PublicationState.PUBLISHED
    assert {item.code for item in Listing.objects.get(pk=car.pk).equipment.all()} == {"abs"}
    assert lifecycle.approve([car], moderator) == {}
    assert public_price(car) == 80_000
    assert {item.code for item in Listing.objects.get(pk=car.pk).equipment.all()} == {"esp"}
    prices = list(PricePoint.objects.filter(listing=car).values_list("price", flat=True))
    assert prices == [90_000, 80_000]


@pytest.mark.parametrize(
    ("values", "at_once"),
    [
        ({"price": 87_000}, True),
        ({"price": 80_000}, False),
        ({"price": 89_000, "mileage_km": 101_000}, True),
        ({"price": 89_000, "mileage_km": 150_000}, False),
        ({"price": 89_000, "text": "<p>Торг</p>"}, False),
    ],
)
def test_the_settings_trust_small_changes_of_price_and_mileage(
    dealer_user: User, values: dict[str, object], at_once: bool
) -> None:
    rules = InventorySettings.load()
    rules.auto_approve_price_percent = rules.auto_approve_mileage_percent = 5
    rules.save()
    car = ListingFactory(published=True)
    lifecycle.save_changes([edited(car, **values)], dealer_user)
    assert (public_price(car) == values["price"]) is at_once
    in_moderation = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS).exists()
    assert in_moderation is not at_once


def test_what_somebody_left_in_a_draft_is_not_published_along(moderator: User, dealer_user: User) -> None:
    car = ListingFactory(published=True)
    lifecycle.save_changes([edited(car, color="red")], dealer_user)
    assert lifecycle.change_prices([car], {car.pk: 70_000}, moderator) == {}
    row = Listing.objects.get(pk=car.pk)
    assert (row.price, row.color, row.has_unpublished_changes) == (70_000, "black", True)
    assert public_price(car) == 70_000
    newest = bulk.newest_drafts([car.pk])[car.pk]
    assert (newest.price, newest.color) == (70_000, "red")
    lifecycle.approve([car], moderator)
    assert Listing.objects.get(pk=car.pk).color == "red"


def test_archived_cars_leave_the_site_and_come_back_as_drafts(moderator: User, dealer_user: User) -> None:
    car = ListingFactory(published=True)
    assert lifecycle.archive([car], dealer_user) == {}
    assert state(car) == PublicationState.ARCHIVED
    assert public_price(car) is None
    assert "архив" in lifecycle.change_prices([car], {car.pk: 1_000}, dealer_user)[car.pk]
    assert "архив" in lifecycle.set_sale_state([car], SaleState.SOLD, dealer_user)[car.pk]
    assert lifecycle.restore([car], dealer_user) == {}
    assert state(car) == PublicationState.DRAFT
    assert lifecycle.publish([car], moderator) == {}
    assert public_price(car) == 90_000


def test_one_vin_stands_on_sale_once(moderator: User) -> None:
    vin = "WBAFG810X0L123456"
    old = ListingFactory(published=True, vin=vin)
    lifecycle.archive([old], moderator)
    ListingFactory(published=True, vin=vin)
    assert vin in lifecycle.restore([old], moderator)[old.pk]
    assert state(old) == PublicationState.ARCHIVED


def test_the_sale_moves_by_its_table(dealer_user: User) -> None:
    car = ListingFactory(published=True)
    assert lifecycle.set_sale_state([car], SaleState.SOLD, dealer_user) == {}
    assert PublishedListing.objects.get(listing=car).sale_state == "sold"
    refused = lifecycle.set_sale_state([car], SaleState.RESERVED, dealer_user)
    assert "Продан" in refused[car.pk]
    entry = ChangeLogEntry.objects.filter(listing=car, action="sale_state").get()
    assert entry.fields == {"sale_state": ["available", "sold"]}
    assert ModelLogEntry.objects.filter(object_id=str(car.pk), action="listings.sale_state").count() == 1


def test_the_sale_is_no_part_of_the_content(moderator: User) -> None:
    """A draft from before the sale must not put the car back on sale when it is published."""
    car = ListingFactory(published=True)
    change = Listing.objects.get(pk=car.pk)
    change.price = 85_000
    change.save_revision()
    lifecycle.set_sale_state([car], SaleState.RESERVED, moderator)
    lifecycle.publish([car], moderator)
    assert Listing.objects.get(pk=car.pk).sale_state == SaleState.RESERVED


def test_an_unfit_draft_is_refused_with_the_field_that_is_wrong(dealer_user: User) -> None:
    car = draft()
    Listing.objects.filter(pk=car.pk).update(fuel="")
    car = Listing.objects.get(pk=car.pk)
    car.save_revision(clean=False)
    assert "топливо" in lifecycle.submit([car], dealer_user)[car.pk].lower()


def test_those_who_are_not_refused_are_done(moderator: User, dealer_user: User) -> None:
    cars = [draft(), draft(), ListingFactory(published=True)]
    lifecycle.submit(cars[:2], dealer_user)
    refused = lifecycle.return_to_dealer(cars, moderator, "Нет фотографий")
    assert list(refused) == [cars[2].pk]
    assert [state(car) for car in cars[:2]] == [PublicationState.DRAFT] * 2


def test_moderation_is_told_once_for_many(moderator: User, dealer_user: User) -> None:
    told: list[tuple[str, int]] = []

    def began(listings: list[Listing], **kwargs: object) -> None:
        told.append(("began", len(listings)))

    def ended(listings: list[Listing], approved: bool, comment: str, **kwargs: object) -> None:
        told.append((f"ended {approved} {comment}", len(listings)))

    moderation_began.connect(began)
    moderation_ended.connect(ended)
    try:
        cars = [draft() for _ in range(3)]
        lifecycle.submit(cars, dealer_user)
        lifecycle.approve(cars, moderator, "Спасибо")
    finally:
        moderation_began.disconnect(began)
        moderation_ended.disconnect(ended)
    assert told == [("began", 3), ("ended True Спасибо", 3)]


VERBS: dict[str, Callable[[list[Listing], User, User], object]] = {
    "submit": lambda cars, moderator, dealer: lifecycle.submit(cars, dealer),
    "approve": lambda cars, moderator, dealer: lifecycle.approve(cars, moderator),
    "publish": lambda cars, moderator, dealer: lifecycle.publish(cars, moderator),
    "return": lambda cars, moderator, dealer: lifecycle.return_to_dealer(cars, moderator, "Нет"),
    "archive": lambda cars, moderator, dealer: lifecycle.archive(cars, dealer),
    "sell": lambda cars, moderator, dealer: lifecycle.set_sale_state(cars, SaleState.SOLD, dealer),
    "price": lambda cars, moderator, dealer: lifecycle.change_prices(cars, {car.pk: 70_000 for car in cars}, moderator),
    "dealer's price": lambda cars, moderator, dealer: lifecycle.change_prices(
        cars, {car.pk: 70_000 for car in cars}, dealer
    ),
    "city": lambda cars, moderator, dealer: lifecycle.move_to_city(cars, CityFactory(slug="brest"), moderator),
    "save": lambda cars, moderator, dealer: lifecycle.save_changes(
        list(bulk.newest_drafts([car.pk for car in cars]).values()), dealer
    ),
}
BEFORE = {"submit": "draft", "approve": "waiting", "return": "waiting", "publish": "draft"}


@pytest.mark.parametrize("name", VERBS)
def test_many_cost_as_many_queries_as_few(name: str, moderator: User, dealer_user: User) -> None:
    counts = []
    CityFactory(slug="brest")
    InventorySettings.load()
    # Its renditions are drawn once.
    photo = ListingFactory(published=True, photos=1).photos.get().image
    for number in (2, 9):
        cars = [draft(equipment=["abs"]) for _ in range(number)]
        for car in cars:
            car.photos.add(ListingPhoto(image=photo))
            car.save_revision()
        if BEFORE.get(name) == "waiting":
            lifecycle.submit(cars, dealer_user)
        elif name not in BEFORE:
            lifecycle.publish(cars, moderator)
        users = User.objects.get(pk=moderator.pk), User.objects.get(pk=dealer_user.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            refused = VERBS[name](cars, *users)
        assert refused == {}
        counts.append(len(queries))
    assert counts[0] == counts[1]
