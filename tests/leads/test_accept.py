"""POST /api/v1/leads: what is taken, what is refused, and how."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from leads.forms import CONSENT_TEXT
from leads.limits import LIMITS
from leads.models import Lead, LeadStatus
from leads.phones import to_e164
from leads.services import SAME_LEAD
from listings.lifecycle import unpublish_listing
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/leads"
VALID = {
    "name": "Иван",
    "phone": "8 029 123-45-67",
    "message": "Когда посмотреть?",
    "consent": "true",
    "page": "/about",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """Messages to workers."""
    messages: list[tuple[Any, ...]] = []
    monkeypatch.setattr("leads.services.send", lambda *args: messages.append(args))
    return messages


def post_json(client: Client, **changes: Any) -> HttpResponse:
    data = {**VALID, "consent": True, **changes}
    return client.post(URL, json.dumps(data), content_type="application/json")


def post_form(client: Client, **changes: Any) -> HttpResponse:
    return client.post(URL, {**VALID, **changes})


@pytest.mark.smoke
def test_an_enquiry_is_stored_with_car_dealer_consent_and_source(client: Client) -> None:
    listing = ListingFactory(published=True)
    page = f"/cars/{listing.slug}?utm_source=google&utm_campaign=autumn&secret=1"
    before = timezone.now()
    response = post_json(client, listing=str(listing.uuid), page=page, name="  Иван \n Петров ")
    assert (response.status_code, response.json()) == (201, {"status": "accepted"})
    lead = Lead.objects.get()
    assert (lead.listing, lead.dealer) == (listing.document, listing.dealer)
    assert (lead.name, lead.phone, lead.message) == ("Иван Петров", "+375291234567", "Когда посмотреть?")
    assert (lead.consent_text, lead.page) == (CONSENT_TEXT, page)
    assert before <= lead.consent_at <= timezone.now()
    assert lead.source == {"utm_source": "google", "utm_campaign": "autumn"}
    assert (lead.status, lead.spam_reason, lead.contacts, lead.notified_at) == (LeadStatus.NEW, "", 1, None)


def test_a_form_without_javascript_is_thanked(client: Client) -> None:
    response = post_form(client)
    assert (response.status_code, response["Location"], response["Cache-Control"]) == (303, "/thanks", "no-store")
    assert Lead.objects.count() == 1


def test_a_form_that_asks_for_json_gets_it(client: Client) -> None:
    response = client.post(URL, VALID, headers={"accept": "application/json"})
    assert (response.status_code, response["Content-Type"]) == (201, "application/json; charset=utf-8")


def test_taking_an_enquiry_needs_few_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, sent: list[tuple[Any, ...]]
) -> None:
    listing = ListingFactory(published=True)
    # Savepoint of the test's transaction and its release; the car; the lock; the same person; the row.
    with django_assert_num_queries(6 if connection.vendor == "postgresql" else 5):
        post_json(client, listing=str(listing.uuid))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "я" * 101}, "name"),
    ({"phone": ""}, "phone"),
    ({"phone": "123"}, "phone"),
    ({"phone": "+375 29 123-45-6"}, "phone"),
    ({"phone": "позвоните"}, "phone"),
    ({"phone": "1" * 41}, "phone"),
    ({"message": "я" * 2001}, "message"),
    ({"consent": False}, "consent"),
    ({"listing": "x"}, "listing"),
    ({"listing": str(uuid4())}, "listing"),
    ({"name": "a\x00b"}, "name"),
]


@pytest.mark.parametrize(("changes", "field"), BAD)
def test_a_bad_field_is_named(client: Client, changes: dict[str, Any], field: str) -> None:
    response = post_json(client, **changes)
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json; charset=utf-8")
    errors = response.json()["errors"]
    assert [error["field"] for error in errors] == [field]
    assert re.search("[а-я]", errors[0]["message"])
    assert Lead.objects.count() == 0


@pytest.mark.parametrize(("changes", "field"), BAD)
def test_a_bad_form_leads_back_to_its_page(client: Client, changes: dict[str, Any], field: str) -> None:
    form = {name: value for name, value in {**VALID, **changes}.items() if value is not False}
    response = client.post(URL, form)
    anchor = field if field in ("name", "phone", "consent") else "form"
    assert (response.status_code, response["Location"]) == (303, f"/about#error-{anchor}")
    assert Lead.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "location"),
    [
        ("/cars/x?utm_source=a", "/cars/x?utm_source=a#error-phone"),
        ("/cars/x#lead", "/cars/x#error-phone"),
        ("//evil.example", "/#error-phone"),
        ("/\\evil.example", "/#error-phone"),
        ("https://evil.example/", "/#error-phone"),
        ("javascript:alert(1)", "/#error-phone"),
        ("/a\r\nSet-Cookie: x=1", "/#error-phone"),
        ("/" + "a" * 600, "/#error-phone"),
        ("", "/#error-phone"),
    ],
)
def test_a_redirect_never_leaves_the_site(client: Client, page: str, location: str) -> None:
    assert post_form(client, page=page, phone="1")["Location"] == location


def test_a_withdrawn_car_is_refused(client: Client) -> None:
    listing = ListingFactory(published=True)
    unpublish_listing(listing)
    assert post_json(client, listing=str(listing.uuid)).json()["errors"][0]["field"] == "listing"
    assert Lead.objects.count() == 0


@pytest.mark.parametrize(
    "body", [" ", "[]", "{", "1", '{"name": {"a": 1}}', '{"name": ["a"]}', '{"name": 5}', "[" * 9000]
)
def test_a_body_that_is_no_enquiry_is_a_problem(client: Client, body: str) -> None:
    response = client.post(URL, body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["title"]


def test_other_bodies_are_refused(client: Client) -> None:
    assert client.post(URL, "name=x", content_type="text/plain").status_code == 415
    assert client.post(URL, "x" * 40_000, content_type="application/json").status_code == 413
    assert client.get(URL).status_code == 405


# --- The same person again ------------------------------------------------------------------------


def test_a_second_press_is_another_contact_of_the_same_enquiry(
    client: Client, sent: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any
) -> None:
    listing = ListingFactory(published=True)
    with django_capture_on_commit_callbacks(execute=True):
        post_json(client, listing=str(listing.uuid))
        post_json(client, listing=str(listing.uuid), phone="+375291234567")
        post_json(client, listing=str(listing.uuid), message="И с обменом?")
    lead = Lead.objects.get()
    assert (lead.contacts, lead.message) == (3, "Когда посмотреть?\n\nИ с обменом?")
    assert sent == [("leads.notify", lead.pk)]


def test_another_car_another_phone_or_a_later_day_is_another_enquiry(client: Client) -> None:
    listing = ListingFactory(published=True)
    post_json(client, listing=str(listing.uuid))
    post_json(client)
    post_json(client, listing=str(listing.uuid), phone="+375297654321")
    assert Lead.objects.count() == 3
    Lead.objects.update(last_contact_at=timezone.now() - SAME_LEAD - timedelta(seconds=1))
    post_json(client, listing=str(listing.uuid))
    assert Lead.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_are_one_enquiry() -> None:
    barrier = Barrier(2)

    def press() -> None:
        barrier.wait()
        try:
            post_json(Client())
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert list(Lead.objects.values_list("contacts", flat=True)) == [2]


# --- Spam and limits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"website": "http://spam.example"}, "honeypot"),
        ({"message": "http://a.example https://b.example www.c.example"}, "links"),
    ],
)
def test_spam_is_kept_apart_and_answered_like_any_other(
    client: Client, changes: dict[str, str], reason: str, sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = post_json(client, **changes)
    lead = Lead.objects.get()
    assert (response.status_code, lead.status, lead.spam_reason) == (201, LeadStatus.SPAM, reason)
    assert sent == []
    assert not Lead.objects.to_notify().exists()


def test_an_address_that_writes_too_often_has_to_wait(client: Client) -> None:
    limit = LIMITS[0][1]
    for number in range(limit):
        assert post_json(client, phone=f"+37529000000{number}").status_code == 201
    refused = post_json(client, phone="+375290000009")
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert post_form(client, phone="+375290000009")["Location"] == "/about#error-form"
    assert Lead.objects.count() == limit


def test_visitors_behind_our_proxy_are_counted_apart(client: Client) -> None:
    for number in range(LIMITS[0][1] + 1):
        headers = {"x-forwarded-for": f"6.6.6.6, 203.0.113.{number}"}
        data = json.dumps({**VALID, "consent": True, "phone": f"+37529000000{number}"})
        assert client.post(URL, data, content_type="application/json", headers=headers).status_code == 201


def test_a_header_that_anybody_can_write_is_not_believed(client: Client) -> None:
    statuses = [
        client.post(
            URL, VALID, headers={"x-forwarded-for": f"203.0.113.{number}"}, REMOTE_ADDR="198.51.100.7"
        )["Location"]
        for number in range(LIMITS[0][1] + 1)
    ]  # fmt: skip
    assert statuses[-1] == "/about#error-form"


def test_without_redis_nobody_is_turned_away(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "shared": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"},
    }
    for number in range(LIMITS[0][1] + 1):
        assert post_json(client, phone=f"+37529000000{number}").status_code == 201
    assert "nobody is limited" in caplog.text


def test_names_and_phones_stay_out_of_the_logs(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="leads")
    caplog.set_level("INFO")
    post_json(client, name="Секретное Имя")
    post_json(client, name="Секретное Имя", phone="+375291112233x")
    assert "Секретное" not in caplog.text
    assert "1234567" not in caplog.text


# --- Phones and the words of consent --------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+375 29 123-45-67", "+375291234567"),
        ("8 (029) 123 45 67", "+375291234567"),
        ("80291234567", "+375291234567"),
        ("375291234567", "+375291234567"),
        ("291234567", "+375291234567"),
        ("00375291234567", "+375291234567"),
        ("+375 (17) 123-45-67", "+375171234567"),
        ("+7 999 123-45-67", "+79991234567"),
        ("+48 600 100 200", "+48600100200"),
    ],
)
def test_phones_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert to_e164(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "12345", "+375 99 123-45-67", "+37529123456", "+0123456789", "٠١٢٣٤٥٦٧٨٩", "+" * 9]
)
def test_what_is_no_phone_is_refused(typed: str) -> None:
    assert to_e164(typed) is None


def test_the_stored_consent_is_the_one_on_the_site() -> None:
    texts = (Path(__file__).parents[2] / "nuxt-site" / "app" / "locales" / "ru.ts").read_text()
    assert f"consent: '{CONSENT_TEXT}'" in texts
