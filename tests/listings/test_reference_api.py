"""GET /api/v1/reference: what the site and other readers learn of rates."""

from datetime import date

import pytest
from django.test import Client

from listings.vocabulary import RateSource
from tests.factories import ExchangeRateFactory

pytestmark = pytest.mark.django_db

REFERENCE = "/api/v1/reference"


def test_the_last_rate_of_each_currency_is_told_with_its_day_and_source(client: Client) -> None:
    ExchangeRateFactory(currency="USD", date=date(2026, 11, 20), rate="2.9000")
    ExchangeRateFactory(currency="USD", date=date(2026, 11, 22), rate="2.9456", source=RateSource.NATIONAL_BANK)
    ExchangeRateFactory(currency="EUR", date=date(2026, 11, 21), rate="3.4")
    assert client.get(REFERENCE).json()["rates"] == {
        "EUR": {"rate": 3.4, "date": "2026-11-21", "source": "typed"},
        "USD": {"rate": 2.9456, "date": "2026-11-22", "source": "nbrb"},
    }


def test_a_new_a_corrected_and_a_deleted_rate_make_a_reader_read_again(client: Client) -> None:
    first = client.get(REFERENCE)
    assert first.json()["rates"] == {}
    assert client.get(REFERENCE, headers={"if-none-match": first["ETag"]}).status_code == 304

    rate = ExchangeRateFactory(currency="USD", rate="3.0000")
    second = client.get(REFERENCE, headers={"if-none-match": first["ETag"]})
    assert second.json()["rates"]["USD"]["rate"] == 3.0

    rate.rate = "3.1000"
    rate.save()
    third = client.get(REFERENCE, headers={"if-none-match": second["ETag"]})
    assert third.json()["rates"]["USD"]["rate"] == 3.1

    rate.delete()
    assert client.get(REFERENCE, headers={"if-none-match": third["ETag"]}).json()["rates"] == {}
