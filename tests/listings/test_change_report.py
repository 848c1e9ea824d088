"""The change log in the admin: filters, export, one car's history, nobody else's rows."""

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.users.models import User
from listings import lifecycle
from listings.changes import made_through
from listings.models import Dealer
from listings.vocabulary import Way
from tests.factories import DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db

REPORT = "listing_change_report"


@pytest.fixture
def moderator() -> User:
    return staff("moderator", first_name="Марина", last_name="Савчук")


def page(client: Client, user: User, **query: str) -> str:
    client.force_login(user)
    return client.get(reverse(REPORT), query).content.decode()


def test_a_change_is_told_with_old_and_new_value_way_and_person(client: Client, moderator: User) -> None:
    car = ListingFactory(published=True, title="Особая")
    with made_through(Way.API):
        lifecycle.change_prices([car], {car.pk: 80_000}, moderator)
    text = page(client, moderator)
    for part in ("Особая", "90000", "80000", "Марина Савчук", "API", "Цена"):
        assert part in text


def test_filters_narrow_the_report(client: Client, moderator: User) -> None:
    first, second = ListingFactory(published=True, title="Первая"), ListingFactory(published=True, title="Вторая")
    lifecycle.change_prices([first], {first.pk: 80_000}, moderator)
    lifecycle.archive([second], moderator)
    assert "Вторая" not in page(client, moderator, field="price", who="Савчук")
    only = page(client, moderator, action="archive")
    assert "Вторая" in only
    assert "Первая" not in only
    assert "Первая" not in page(client, moderator, q="Вторая")


def test_the_report_is_exported_without_formulas(client: Client, moderator: User) -> None:
    ListingFactory(published=True, title="=1+1")
    client.force_login(moderator)
    answer = client.get(reverse(REPORT), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=1+1" in text
    assert "Когда" in text


def test_the_report_is_exported_as_a_workbook_in_words_and_local_time(client: Client, moderator: User) -> None:
    car = ListingFactory(published=True, title="=1+1")
    entry = car.change_log.latest("at")
    client.force_login(moderator)
    answer = client.get(reverse(REPORT), {"export": "xlsx"})
    rows = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values  # type: ignore[attr-defined]
    assert next(rows)[0] == "Когда"
    first = next(rows)
    assert first[0].hour == timezone.localtime(entry.at).hour
    assert first[1] == "'=1+1, 2018"
    assert first[4] == "Опубликовано"


def test_the_history_of_a_deleted_car_stays(client: Client, moderator: User) -> None:
    car = ListingFactory(published=True, title="Бывшая")
    pk = car.pk
    car.delete()
    client.force_login(moderator)
    text = client.get(reverse("listing_changes", args=[pk])).content.decode()
    assert "Бывшая" in text
    assert "Удалено" in text


def test_a_dealer_sees_the_changes_of_his_own_cars(client: Client) -> None:
    other: Dealer = DealerFactory(name="Другой", slug="drugoj")
    theirs = ListingFactory(dealer=other, published=True, title="Чужая")
    ListingFactory(published=True, title="Своя")
    user = member(DealerFactory())
    text = page(client, user)
    assert "Своя" in text
    assert "Чужая" not in text
    assert client.get(reverse("listing_changes", args=[theirs.pk])).status_code == 404
