"""The National Bank's rates: asked over real HTTP, doubted, and followed by every price."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from integrations.sandbox.national_bank import todays_rates
from listings.models import ExchangeRate, Listing, PublishedListing, RateFetch
from listings.national_bank import ask_bank, fetch_rates
from listings.rates import current_rates
from listings.tasks import follow_rates
from tests.factories import ExchangeRateFactory, ListingFactory

pytestmark = pytest.mark.django_db

Bank = Callable[..., None]


@pytest.fixture
def bank(settings: Settings) -> Iterator[Bank]:
    """A server that answers as it is told: `bank(rows)`, `bank(body=…, status=…)`."""
    answer: dict[str, Any] = {"status": 200, "body": json.dumps(todays_rates()).encode()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/nbrb/exrates/rates?periodicity=0"
            self.send_response(answer["status"])
            self.send_header("Content-Length", str(len(answer["body"])))
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_port}"
    settings.NBRB_URL = f"{settings.SANDBOX_URL}/nbrb"

    def say(rows: Any = None, *, body: bytes | None = None, status: int = 200) -> None:
        answer.update(status=status, body=json.dumps(rows).encode() if body is None else body)

    yield say
    server.shutdown()
    server.server_close()


def usd() -> Decimal:
    return current_rates()["USD"].rate


def test_the_days_rates_are_kept_by_unit_and_asked_once(bank: Bank) -> None:
    fetch = fetch_rates()
    assert fetch is not None
    assert fetch.problem == ""
    rates = current_rates()
    assert (rates["USD"].rate, rates["EUR"].rate) == (Decimal("2.9456"), Decimal("3.4120"))
    assert rates["USD"].date == date.today()
    assert fetch_rates() is None


def test_a_scale_other_than_one_is_divided_by(bank: Bank) -> None:
    rows = todays_rates()
    rows[0] |= {"Cur_Scale": 100, "Cur_OfficialRate": 294.56}
    bank(rows)
    ask_bank()
    assert usd() == Decimal("2.9456")


def test_a_rate_typed_in_for_the_day_stays(bank: Bank) -> None:
    ExchangeRate.objects.create(currency="USD", date=date.today(), rate="3.1000")
    ask_bank()
    assert usd() == Decimal("3.1000")
    assert current_rates()["EUR"].rate == Decimal("3.4120")


def changed(**values: Any) -> list[dict[str, Any]]:
    return [todays_rates()[0] | values, todays_rates()[1]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"rows": changed(Cur_OfficialRate=0)}, "не число"),
        ({"rows": changed(Cur_OfficialRate="NaN")}, "не число"),
        ({"rows": changed(Cur_Scale=0)}, "не число"),
        ({"rows": changed(Cur_OfficialRate=29.456)}, "введите его вручную"),
        ({"rows": changed(Date="2020-01-01T00:00:00")}, "за другой день"),
        ({"rows": changed(Cur_Abbreviation="XXX")}, "нет USD"),
        ({"rows": {"error": 1}}, "не таблица курсов"),
        ({"body": b"<html>maintenance</html>"}, "не таблица курсов"),
        ({"body": b"", "status": 500}, "500"),
    ],
)
def test_an_answer_in_doubt_changes_nothing_and_says_why(bank: Bank, answer: dict[str, Any], words: str) -> None:
    ExchangeRateFactory(date="2026-11-01", rate="3.0000")
    bank(answer.get("rows"), body=answer.get("body"), status=answer.get("status", 200))
    fetch = ask_bank()
    assert words in fetch.problem
    assert [rate.currency for rate in ExchangeRate.objects.all()] == ["USD"]
    assert usd() == Decimal("3.0000")


def test_a_bank_that_is_away_is_told(settings: Settings) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    settings.NBRB_URL = "http://127.0.0.1:9/nbrb"
    assert "не отвечает" in ask_bank().problem


def test_prices_follow_the_rate_on_the_row_and_in_the_document(bank: Bank) -> None:
    ExchangeRateFactory(rate="3.0000")
    dollars = ListingFactory(price=10_000, currency="USD", published=True)
    roubles = ListingFactory(price=30_000, published=True)
    ask_bank()
    follow_rates()
    assert Listing.objects.get(pk=dollars.pk).price_byn == 29_456
    card = PublishedListing.objects.get(listing=dollars).card_data["price"]
    assert (card["amount"], card["currency"], card["byn"], card["usd"]) == (10_000, "USD", 29_456, 10_000)
    card = PublishedListing.objects.get(listing=roubles).card_data["price"]
    assert (card["byn"], card["usd"]) == (30_000, 10_185)
    assert list(dollars.price_history.values_list("price", flat=True)) == [10_000]


def test_the_list_of_rates_tells_of_the_last_question(admin_client: Client, bank: Bank) -> None:
    url = reverse(ExchangeRate.snippet_viewset.get_url_name("list"))
    admin_client.post(reverse("listing_fetch_rates"))
    assert "1 USD = 2,9456 BYN" in admin_client.get(url).content.decode()
    bank(body=b"", status=500)
    admin_client.post(reverse("listing_fetch_rates"))
    assert "500" in admin_client.get(url).content.decode()
    assert RateFetch.objects.count() == 2


def test_who_may_not_type_rates_may_not_ask_for_them(client: Client) -> None:
    assert client.post(reverse("listing_fetch_rates")).status_code == 302
    assert not RateFetch.objects.exists()
