"""Enquiries in the admin."""

import io
from typing import Any

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from leads.models import Lead, LeadStatus
from tests.factories import DealerFactory

pytestmark = pytest.mark.django_db


def lead(**changes: Any) -> Lead:
    values = {"name": "Иван", "phone": "+375291234567", "message": "Когда?", "consent_text": "Да"}
    return Lead.objects.create(**values | {"consent_at": timezone.now()} | changes)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("manager", "m@example.com", "password"))
    return client


def names(client: Client, **query: Any) -> list[str]:
    response = client.get(reverse("lead:index"), query)
    assert response.status_code == 200
    return [row.name for row in response.context["object_list"]]


def test_the_list_filters_by_status_and_dealer_and_finds_phones(manager: Client) -> None:
    dealer = DealerFactory()
    lead(name="Анна", dealer=dealer)
    lead(name="Борис", status=LeadStatus.DONE, phone="+375447654321")
    assert names(manager) == ["Борис", "Анна"]
    assert names(manager, status="done") == ["Борис"]
    assert names(manager, dealer=dealer.pk) == ["Анна"]
    assert names(manager, q="29 123-45") == ["Анна"]
    assert names(manager, q="8 044 765-43-21") == ["Борис"]
    assert names(manager, q="бор") == ["Борис"]
    today = timezone.localdate()
    assert names(manager, created_at_from=today, created_at_to=today) == ["Борис", "Анна"]
    assert names(manager, created_at_to=today - timezone.timedelta(days=1)) == []


def test_the_list_takes_a_constant_number_of_queries(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        lead(dealer=DealerFactory())
    names(manager)
    with django_assert_max_num_queries(14):
        names(manager)


def test_status_and_notes_are_changed_and_the_visitors_words_are_not(manager: Client) -> None:
    row = lead()
    data = {
        "status": "in_work",
        "note": "Перезвонить в 18:00",
        "name": "Другое",
        "phone": "+375000000000",
        "dealer": "",
    }
    response = manager.post(reverse("lead:edit", args=[row.pk]), data)
    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.status, row.note) == (LeadStatus.IN_WORK, "Перезвонить в 18:00")
    assert (row.name, row.phone) == ("Иван", "+375291234567")


def test_one_enquiry_is_shown_in_russian(manager: Client) -> None:
    row = lead(source={"utm_source": "google"})
    for name in ("lead:inspect", "lead:edit"):
        text = manager.get(reverse(name, args=[row.pk])).content.decode()
        assert "Иван" in text
        assert "На что дано согласие" in text
        assert "utm_source" in text
        assert ">None<" not in text


def test_nobody_adds_an_enquiry_by_hand(manager: Client) -> None:
    assert manager.get(reverse("lead:add")).status_code == 302
    assert reverse("lead:add") not in manager.get(reverse("lead:index")).content.decode()


@pytest.mark.parametrize("name", ["lead:index", "lead:edit", "lead:inspect", "lead:delete", "lead:history"])
def test_without_the_permission_nobody_sees_enquiries(client: Client, name: str) -> None:
    row = lead()
    user = get_user_model().objects.create_user("editor", "e@example.com", "password")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    arguments = [] if name == "lead:index" else [row.pk]
    response = client.get(reverse(name, args=arguments))
    assert response.status_code == 302
    assert "Иван" not in response.content.decode()


def test_exported_formulas_are_texts(manager: Client) -> None:
    lead(name="=HYPERLINK(1)", message="@SUM(1)", note="-1+1")
    table = manager.get(reverse("lead:index"), {"export": "csv"}).getvalue().decode()
    assert "'=HYPERLINK(1)" in table
    assert "'@SUM(1)" in table
    assert "'-1+1" in table
    assert "'+375291234567" in table
    book = openpyxl.load_workbook(io.BytesIO(manager.get(reverse("lead:index"), {"export": "xlsx"}).getvalue()))
    row = [cell.value for cell in list(book.active.rows)[1]]
    assert "'=HYPERLINK(1)" in row
    heading = [cell.value for cell in next(iter(book.active.rows))]
    assert heading[:3] == ["Получена", "Статус", "Кто спрашивает"]
