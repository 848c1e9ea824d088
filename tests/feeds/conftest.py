"""Channels whose platform fetches a file, and cars in them."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.credentials.store import credential_store
from integrations.feeds.entries import write_entry
from integrations.marketplaces.base import Account
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel, Publication
from integrations.publications.steps import document_for_adapters
from integrations.publications.wishes import publish_existing
from integrations.sandbox.avito import CLIENT_ID, CLIENT_SECRET
from listings.models import Dealer
from tests.factories import ExchangeRateFactory, ListingFactory

SETTINGS: dict[str, dict[str, Any]] = {
    "autoru": {},
    "avby": {}, "kufar": {}, "onliner": {}, "abw": {},
    "avito": {"rub_for_byn": "27.5"},
    "yml": {"shop": "Автофэмили", "company": "ООО «Автофэмили»"},
    "google": {"store_code": "MINSK-1"},
}  # fmt: skip
DIALECTS = ("autoru", "avito", "yml", "google")

Car = Callable[..., Publication]


@pytest.fixture
def make_channel(db: None) -> Callable[..., Channel]:
    def make(adapter: str = "autoru", dealer: Dealer | None = None, **changes: Any) -> Channel:
        name = changes.pop("name", f"{adapter} {Channel.objects.count()}")
        values = SETTINGS[adapter] | changes
        secrets = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} if adapter == "avito" else {}
        credential = credential_store().put("", secrets, owner=name) if secrets else ""
        channel: Channel = Channel.objects.create(
            name=name, adapter=adapter, dealer=dealer, settings=values, credential=credential
        )
        return channel

    return make


@pytest.fixture
def channel(make_channel: Callable[..., Channel]) -> Channel:
    return make_channel()


@pytest.fixture
def car(channel: Channel, folders: Any) -> Car:
    """A published car with its publication, not yet in the file."""
    ExchangeRateFactory()
    ExchangeRateFactory(currency="EUR", rate="3.5000")

    def make(into: Channel = channel, **fields: Any) -> Publication:
        number = Publication.objects.count()
        listing = ListingFactory(published=True, **{"vin": f"WBAKJ8106{number:08d}"} | fields)
        publish_existing(into)
        return Publication.objects.select_related("document", "channel").get(document__listing=listing, channel=into)

    return make


def account_of(channel: Channel) -> tuple[Adapter, Account[Any, Any]]:
    return get_adapter(channel.adapter), open_account(channel)


def put_in(publication: Publication, **changes: Any) -> str:
    """Renders the car and writes its piece, as the engine does; returns the piece."""
    adapter, account = account_of(publication.channel)
    payload = adapter.render(document_for_adapters(publication) | changes, account)
    placed = adapter.create(payload, account)
    write_entry(publication, placed.entry)
    return placed.entry
