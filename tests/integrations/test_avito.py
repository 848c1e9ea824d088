"""Avito's interface against the sandbox: tokens, the profile, uploads, and what became of each car."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pydantic import SecretStr
from pytest_django import Settings

from integrations.feeds import remote
from integrations.feeds.addresses import address_of
from integrations.marketplaces.avito import AvitoAdapter, AvitoCredentials, AvitoSettings
from integrations.marketplaces.base import Account, AuthFailed, InvalidPayload, RateLimited, RetryLater
from integrations.marketplaces.registry import get_adapter
from integrations.monitoring import following
from integrations.monitoring.models import ChannelWatch, Watch
from integrations.publications.engine import reconcile
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import State
from integrations.sandbox.avito import CLIENT_ID, CLIENT_SECRET, Avito
from integrations.sandbox.server import Sandbox
from tests.feeds.conftest import SETTINGS, car, channel, make_channel  # noqa: F401  fixtures

Open = Callable[..., Account[AvitoSettings, AvitoCredentials]]


@pytest.fixture(autouse=True)
def _no_tokens() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def adapter() -> AvitoAdapter:
    adapter = get_adapter("avito")
    assert isinstance(adapter, AvitoAdapter)
    return adapter


@pytest.fixture
def open_account(sandbox: Sandbox) -> Open:
    def go(secret: str = CLIENT_SECRET) -> Account[AvitoSettings, AvitoCredentials]:
        return Account(
            settings=AvitoSettings.model_validate(SETTINGS["avito"] | {"base_url": f"{sandbox.url}/avito"}),
            credentials=AvitoCredentials(client_id=SecretStr(CLIENT_ID), client_secret=SecretStr(secret)),
            site_url="https://avtofamily.example",
            read_photo=lambda _url: b"",
        )

    return go


def calls(sandbox: Sandbox, name: str) -> int:
    return int(sandbox.state()["calls"].get(f"avito.{name}", 0))


def test_one_token_serves_until_it_expires(adapter: AvitoAdapter, open_account: Open, sandbox: Sandbox) -> None:
    for _time in range(3):
        assert adapter.check(open_account()).ok
    assert calls(sandbox, "token") == 1

    sandbox.control({"avito": {"forget_tokens": True}})
    assert adapter.check(open_account()).ok
    assert calls(sandbox, "token") == 2


def test_wrong_access_data_are_told_without_quoting_them(adapter: AvitoAdapter, open_account: Open) -> None:
    with pytest.raises(AuthFailed) as caught:
        adapter.check(open_account("wrong-secret-of-somebody"))

    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"answer": "429", "retry_after": 9}, RateLimited), ({"answer": "500"}, RetryLater),
        ({"answer": "502"}, RetryLater), ({"answer": "drop"}, RetryLater),
    ],
)  # fmt: skip
def test_failures_are_told_by_their_kind(
    adapter: AvitoAdapter, open_account: Open, sandbox: Sandbox, fault: dict[str, Any], error: type[Exception]
) -> None:
    sandbox.control({"faults": [fault | {"platform": "avito", "methods": ["profile"]}]})
    with pytest.raises(error) as caught:
        adapter.check(open_account())

    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 9


def test_access_that_avito_takes_back_stops_the_channel(
    adapter: AvitoAdapter, open_account: Open, sandbox: Sandbox
) -> None:
    sandbox.control({"faults": [{"platform": "avito", "methods": ["profile"], "answer": "auth", "count": 2}]})
    with pytest.raises(AuthFailed):
        adapter.check(open_account())


def test_before_any_upload_nothing_is_known(adapter: AvitoAdapter, open_account: Open) -> None:
    assert adapter.inspect_all(open_account()) == {}


def test_avito_is_not_asked_to_fetch_more_than_once_an_hour(
    adapter: AvitoAdapter, open_account: Open, sandbox: Sandbox
) -> None:
    account = open_account()
    with pytest.raises(InvalidPayload):
        adapter.ask_to_fetch(account)
    adapter.announce("http://127.0.0.1:9/avito.xml", account)
    adapter.ask_to_fetch(account)
    with pytest.raises(RateLimited) as caught:
        adapter.ask_to_fetch(account)

    assert 3000 < caught.value.retry_after <= 3600


def test_telling_the_address_keeps_what_a_person_has_set_at_avito(
    adapter: AvitoAdapter, open_account: Open, sandbox: Sandbox
) -> None:
    account = open_account()
    adapter.announce("http://a.example/avito.xml", account)
    first = sandbox.state()["avito"]["profile"]
    first["schedule"] = [{"rate": 5, "time_slots": [9], "weekdays": [1]}]
    platform = sandbox.platforms["avito"]
    assert isinstance(platform, Avito)
    platform.database.run("UPDATE profile SET content = ?", json.dumps(first))
    adapter.announce("http://b.example/avito.xml", account)
    profile = sandbox.state()["avito"]["profile"]

    assert profile["schedule"] == first["schedule"]
    assert [feed["feed_url"] for feed in profile["feeds_data"]] == ["http://b.example/avito.xml"]


# --- The whole way --------------------------------------------------------------------------------
@pytest.fixture
def avito(sandbox: Sandbox, live_server: Any, settings: Settings, make_channel: Callable[..., Channel]) -> Channel:  # noqa: F811
    settings.CMS_URL = live_server.url
    return make_channel("avito", base_url=f"{sandbox.url}/avito")


def work(publication: Publication) -> Publication:
    reconcile(publication.pk)
    publication.refresh_from_db()
    return publication


@pytest.mark.django_db(transaction=True)
def test_avitos_report_confirms_and_refuses_cars(avito: Channel, sandbox: Sandbox, car: Any) -> None:  # noqa: F811
    good, bad, later = car(avito), car(avito), car(avito)
    work(good), work(bad)
    sandbox.control({"avito": {"verdicts": {bad.key: ["rejected", "Чужие фото"]}}})
    remote.announce(avito)
    remote.ask_to_fetch(avito)
    work(later)

    following.follow(timezone.now())
    assert remote.pull_states(avito) == 2

    for publication in (good, bad, later):
        publication.refresh_from_db()
    assert (good.state, good.confirmed_at is not None) == (State.PUBLISHED, True)
    assert good.address.startswith(f"{sandbox.url}/avito/items/")
    assert (bad.state, bad.error_text) == (State.FAILED, "Чужие фото")
    assert (later.state, later.confirmed_at) == (State.PUBLISHED, None)
    assert Watch.objects.get(publication=good).state == "live"


@pytest.mark.django_db(transaction=True)
def test_an_earlier_report_says_nothing_of_a_car_that_has_come_back(avito: Channel, sandbox: Sandbox, car: Any) -> None:  # noqa: F811

    publication = work(car(avito))
    sandbox.control({"avito": {"verdicts": {publication.key: ["removed"]}}})
    remote.announce(avito)
    remote.ask_to_fetch(avito)
    Publication.objects.filter(pk=publication.pk).update(published_at=timezone.now())
    following.follow(timezone.now())

    assert remote.pull_states(avito) == 0
    publication.refresh_from_db()
    assert publication.state == State.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_a_refused_question_is_told_on_the_channels_page_until_it_is_answered(avito: Channel, sandbox: Sandbox) -> None:
    sandbox.control({"faults": [{"platform": "avito", "answer": "auth"}]})
    assert remote.pull_states(avito) == 0
    assert ChannelWatch.objects.get(channel=avito).problem
    remote.pull_states(avito)
    assert ChannelWatch.objects.get(channel=avito).problem == ""
    avito.refresh_from_db()
    assert avito.paused_at is None


@pytest.mark.django_db
def test_a_pause_that_avito_asks_for_does_not_hold_up_the_file(avito: Channel, sandbox: Sandbox, car: Any) -> None:  # noqa: F811
    sandbox.control({"faults": [{"platform": "avito", "answer": "429", "retry_after": 600}]})
    assert remote.pull_states(avito) == 0
    sandbox.control({"clear": True})

    assert work(car(avito)).state == State.PUBLISHED


def test_only_channels_that_work_and_tell_are_asked(make_channel: Callable[..., Channel]) -> None:  # noqa: F811
    asked, _silent, paused = make_channel("avito"), make_channel("yml"), make_channel("avito")
    Channel.objects.filter(pk=paused.pk).update(is_active=False)

    assert remote.channels_that_tell() == [asked]
    assert address_of(asked).endswith("/avito.xml")
