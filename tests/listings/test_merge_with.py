"""From the edit page of a reference row to its doubles."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from listings.admin.reference_rows import MERGEABLE
from listings.models import CarModel, EquipmentGroup, ExchangeRate, Generation, Make, Trim
from tests.factories import (
    CarModelFactory,
    CityFactory,
    DealerFactory,
    EquipmentFactory,
    ExchangeRateFactory,
    ListingFactory,
    MakeFactory,
    PaymentTypeFactory,
    UserFactory,
    member,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff("administrator"))
    return client


def url(view: str, row: Any) -> str:
    return reverse(type(row).snippet_viewset.get_url_name(view), args=[row.pk])


def one_of_each_kind() -> list[Any]:
    car = ListingFactory(equipment=["abs"], payment_types=["cash"])
    generation = Generation.objects.create(model=car.model, name="G05", slug="g05", year_from=2018)
    trim = Trim.objects.create(generation=generation, name="30d", slug="g05-30d")
    car.generation, car.trim = generation, trim
    car.save()
    equipment = EquipmentFactory(code="abs")
    return [car.make, car.model, generation, trim, CityFactory(), PaymentTypeFactory(), equipment.group, equipment]


def test_every_kind_leads_to_its_doubles_and_says_how_many_cars_use_it(administrator: Client) -> None:
    rows = one_of_each_kind()
    assert {type(row) for row in rows} == set(MERGEABLE)
    for row in rows:
        page = administrator.get(url("edit", row)).content.decode()
        assert f'href="{url("merge_with", row)}"' in page, row
        assert ("Merge with another… (1 car)" in page) == (type(row) is not EquipmentGroup), row
        assert administrator.get(url("merge_with", row)).status_code == 200


def test_what_cannot_be_merged_has_no_such_link(administrator: Client) -> None:
    ExchangeRateFactory()
    assert "Merge with" not in administrator.get(url("edit", ExchangeRate.objects.get())).content.decode()


def test_the_other_one_is_found_by_any_name_and_merged(administrator: Client) -> None:
    row, double = MakeFactory(slug="bmv", name="БМВ"), MakeFactory(slug="bmw", name="BMW", aliases="баварец")
    MakeFactory(slug="audi", name="Audi")
    car = ListingFactory(make=row)
    page = administrator.get(url("merge_with", row), {"q": "баварец"}).content.decode()
    links = re.findall(r'href="([^"]+/merge/\?[^"]+)"', page)
    assert len(links) == 1
    question = html.unescape(links[0])
    assert "BMW" in administrator.get(question).content.decode()
    administrator.post(question, {"keep": double.pk}, follow=True)
    car.refresh_from_db()
    assert car.make == double
    assert not Make.objects.filter(pk=row.pk).exists()


def test_only_doubles_of_the_same_parent_are_offered(administrator: Client) -> None:
    row = CarModelFactory(name="X5")
    CarModelFactory(make=row.make, name="X-5")
    CarModelFactory(make=MakeFactory(slug="audi", name="Audi"), name="A6")
    page = administrator.get(url("merge_with", row)).content.decode()
    assert "BMW X-5" in page
    assert "Audi A6" not in page


def test_many_rows_take_no_more_queries(administrator: Client) -> None:
    *_, trim = [Trim.objects.create(generation=generation(), name=f"{n}", slug=f"t{n}") for n in range(3)]
    administrator.get(url("merge_with", trim))
    with CaptureQueriesContext(connection) as few:
        administrator.get(url("merge_with", trim))
    for n in range(10, 130):
        Trim.objects.create(generation=generation(), name=f"{n}", slug=f"t{n}")
    with CaptureQueriesContext(connection) as many:
        page = administrator.get(url("merge_with", trim)).content.decode()
    assert len(many) == len(few)
    assert "There are more entries" in page


def generation() -> Generation:
    model: CarModel = CarModelFactory()
    return Generation.objects.get_or_create(model=model, name="G05", slug="g05", year_from=2018)[0]


def test_who_may_change_but_not_delete_sees_the_row_without_the_link() -> None:
    row = MakeFactory()
    user = UserFactory()
    codes = ("change_make", "access_admin")
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(url("edit", row))
    assert answer.status_code == 200
    assert "Merge with" not in answer.content.decode()
    assert_closed(client, row)


def test_a_dealer_does_not_come_to_the_doubles() -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(member(DealerFactory()))
    assert_closed(client, MakeFactory())


def assert_closed(client: Client, row: Any) -> None:
    answer = client.get(url("merge_with", row))
    assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("wagtailadmin_home"))
