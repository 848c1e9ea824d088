"""What moderators and dealers see of moderation: checks, market, queue, decision, notices."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from wagtail.models import TaskState

from cms.users.models import User
from listings import bulk, lifecycle
from listings.completeness import completeness
from listings.models import Dealer, Listing, ReturnReason
from listings.moderation.checks import check_digit_fits, checks
from listings.moderation.market import market_price
from listings.moderation.notices import send_notices
from tests.factories import DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db

QUEUE = "listing_moderation"


@pytest.fixture
def moderator() -> User:
    return staff("moderator")


@pytest.fixture
def dealer_user() -> User:
    return member(DealerFactory(), email="dealer@example.com")


@pytest.fixture
def desk(client: Client, moderator: User) -> Client:
    client.force_login(moderator)
    return client


def submitted(user: User, **values: object) -> Listing:
    car = ListingFactory(**values)
    car.save_revision(user=user)
    assert lifecycle.submit([car], user) == {}
    return car


def codes(listing: Listing) -> set[str]:
    return {check.code for check in checks(listing, market_price(listing))}


def decide(desk: Client, car: Listing, verb: str, comment: str = "") -> str:
    revision = Listing.objects.get(pk=car.pk).latest_revision_id
    body = {"verb": verb, "comment": comment, "revision": revision}
    return desk.post(reverse("listing_review", args=[car.pk]), body, follow=True).content.decode()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Звоните +375 29 123-45-67", {"phone"}),
        ("тел. 8 (029) 123 45 67", {"phone"}),
        ("80291234567", {"phone"}),
        ("пишите t.me/avto", {"link"}),
        ("смотрите на avtodom.by", {"link"}),
        ("Пробег 123 456 км, 2018 год, 2 993 см3, цена 90 000", set()),
        ("Объём 2.0 TDI, 190 л.с. Один хозяин.", set()),
    ],
)
def test_phones_and_links_in_the_text_are_found(text: str, found: set[str]) -> None:
    assert codes(ListingFactory(text=f"<p>{text}</p>")) & {"phone", "link"} == found


def test_a_price_is_compared_with_eight_similar_cars() -> None:
    for step in range(7):
        ListingFactory(published=True, price=90_000 + step * 1_000)
    car = ListingFactory(price=50_000)
    assert market_price(car) is None
    assert "price" not in codes(car)
    ListingFactory(published=True, price=97_000)
    ListingFactory(published=True, price=10_000, year=2008)
    market = market_price(car)
    assert market is not None
    assert (market.median, len(market.comparables), market.deviation(50_000)) == (93_500, 8, -47)
    assert "price" in codes(car)
    car.price = car.price_byn = 90_000
    assert "price" not in codes(car)


def test_no_photos_and_photos_of_another_car_are_told() -> None:
    assert "no_photos" in codes(ListingFactory())
    first = ListingFactory(photos=1)
    second = ListingFactory()
    second.photos.add(first.photos.get().__class__(image=first.photos.get().image))
    second.save()
    assert "photo" in codes(second)


def test_the_check_digit_is_a_warning() -> None:
    assert check_digit_fits("1M8GDM9AXKP042788")
    assert not check_digit_fits("1M8GDM9A1KP042788")
    assert "vin_digit" in codes(ListingFactory(vin="WBAFG810X0L123456"))


def test_a_complete_car_needs_no_advice() -> None:
    bare = completeness(ListingFactory())
    assert "фотограф" in str(bare.advice[0]).lower()
    assert bare.score < completeness(ListingFactory(photos=3, vin="WBAFG810X0L123456")).score


def test_the_oldest_comes_first_and_overdue_ones_are_marked(desk: Client, dealer_user: User) -> None:
    new, old = submitted(dealer_user, title="Новая"), submitted(dealer_user, title="Старая")
    TaskState.objects.filter(workflow_state__object_id=str(old.pk)).update(
        started_at=timezone.now() - timedelta(hours=30)
    )
    page = desk.get(reverse(QUEUE)).content.decode()
    assert page.index("Старая") < page.index("Новая")
    assert page.count("moderation-overdue") == 1
    decide(desk, old, "approve")
    assert "Старая" not in desk.get(reverse(QUEUE)).content.decode()
    assert new.title == "Новая"


def test_the_queue_costs_the_same_for_more_cars(
    desk: Client, dealer_user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    desk.get(reverse(QUEUE))
    for _ in range(2):
        for _car in range(4):
            submitted(dealer_user, photos=1)
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse(QUEUE))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_home_page_counts_what_waits_and_costs_the_same_for_more_cars(
    client: Client, moderator: User, dealer_user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    home = reverse("wagtailadmin_home")
    submitted(dealer_user, title="Первая")
    for user, words in ((moderator, "Ждёт 1 автомобиль"), (dealer_user, "На проверке")):
        client.force_login(user)
        client.get(home)
        with CaptureQueriesContext(connection) as once:
            page = client.get(home).content.decode()
        assert words in page
        assert "Первая" not in page
        for _number in range(3):
            submitted(dealer_user)
        with django_assert_num_queries(len(once)):
            client.get(home)
        Listing.objects.exclude(title="Первая").delete()


def test_a_change_is_shown_beside_what_the_public_sees(desk: Client, dealer_user: User) -> None:
    car = ListingFactory(published=True)
    draft = bulk.newest_drafts([car.pk])[car.pk]
    draft.price, draft.color = 70_000, "red"
    lifecycle.save_changes([draft], dealer_user)
    page = desk.get(reverse("listing_review", args=[car.pk])).content.decode()
    for text in ("90000", "70000", "Чёрный", "Красный"):
        assert text in page


def test_approving_leads_to_the_next_car(desk: Client, dealer_user: User) -> None:
    first, second = submitted(dealer_user, title="Первая"), submitted(dealer_user, title="Вторая")
    assert "Вторая" in decide(desk, first, "approve")
    assert Listing.objects.get(pk=first.pk).live
    assert "Очередь пуста" in decide(desk, second, "approve")


def test_a_car_is_returned_with_a_comment_and_the_dealer_is_told(
    desk: Client,
    client: Client,
    dealer_user: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ReturnReason.objects.create(text="Добавьте фотографии салона.")
    car = submitted(dealer_user)
    assert "Добавьте фотографии салона." in desk.get(reverse("listing_review", args=[car.pk])).content.decode()
    decide(desk, car, "return")
    assert not TaskState.objects.filter(status=TaskState.STATUS_REJECTED).exists()
    decide(desk, car, "return", "Нет салона")
    send_notices(list(TaskState.objects.values_list("pk", flat=True)))
    (message,) = mail.outbox
    assert message.to == ["dealer@example.com"]
    assert "Нет салона" in message.body
    assert f"/edit/{car.pk}/" in message.body

    client.force_login(dealer_user)
    assert "Нет салона" in client.get(reverse("wagtailadmin_home")).content.decode()
    edit = client.get(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[car.pk]))
    assert "Нет салона" in edit.content.decode()


def test_the_second_moderator_is_told_that_it_is_decided(desk: Client, moderator: User, dealer_user: User) -> None:
    car = submitted(dealer_user)
    lifecycle.approve([car], moderator)
    page = desk.get(reverse("listing_review", args=[car.pk]), follow=True).content.decode()
    assert "уже" in page


def test_dealers_have_no_queue(client: Client, dealer_user: User) -> None:
    car = submitted(dealer_user)
    client.force_login(dealer_user)
    for url in (reverse(QUEUE), reverse("listing_review", args=[car.pk])):
        assert client.get(url).status_code in (302, 403, 404)
    assert not Listing.objects.get(pk=car.pk).live


def test_another_dealers_car_is_not_named_by_the_checks(client: Client, dealer_user: User) -> None:
    other: Dealer = DealerFactory(name="Другой", slug="drugoj")
    theirs = ListingFactory(dealer=other, photos=1, title="Тайная машина")
    mine = ListingFactory()
    mine.photos.add(theirs.photos.get().__class__(image=theirs.photos.get().image))
    mine.save()
    mine.save_revision()
    client.force_login(dealer_user)
    page = client.get(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[mine.pk])).content.decode()
    assert "Тайная машина" not in page
    assert "другого дилера" in page


def test_the_list_is_narrowed_to_where_cars_stand(desk: Client, dealer_user: User, moderator: User) -> None:
    """The links of the panel of the stock lead here."""
    cars = {
        "live": ListingFactory(published=True),
        "moderation": submitted(dealer_user),
        "returned": submitted(dealer_user),
        "archived": ListingFactory(),
        "draft": ListingFactory(),
    }
    assert lifecycle.return_to_dealer([cars["returned"]], moderator, "Photos, please") == {}
    assert lifecycle.archive([cars["archived"]], moderator) == {}

    def shown(place: str) -> set[str]:
        page = desk.get(reverse("wagtailsnippets_listings_listing:list"), {"live": place}).content.decode()
        return {name for name, car in cars.items() if f"/edit/{car.pk}/" in page}

    expected = {place: {place} for place in cars} | {"draft": {"draft", "moderation", "returned"}}
    assert {place: shown(place) for place in cars} == expected


def test_a_dealer_sees_where_his_stock_stands(client: Client, dealer_user: User) -> None:
    for dealer in (DealerFactory(), DealerFactory(), DealerFactory(slug="other", name="Other")):
        ListingFactory(dealer=dealer, published=True)
    client.force_login(dealer_user)

    counts = re.findall(r"\?live=(\w+).*?<dd>(\d+)</dd>", client.get("/admin/").content.decode(), re.DOTALL)
    assert counts == [("live", "2")]
