"""Access data are renewed in time, once, and never lost: whatever the platform, the store or another worker does."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from pytest_django import Settings

from integrations.credentials import refreshing
from integrations.credentials.models import Action, CredentialEvent, CredentialInfo
from integrations.credentials.store import CredentialsUnavailable, credential_store, plain
from integrations.marketplaces import registry
from integrations.marketplaces.base import AuthFailed, Refreshed, RetryLater
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel
from integrations.publications.refresh import channels_to_refresh, refresh_channel
from integrations.sandbox import instagram
from integrations.sandbox.server import Sandbox

from .conftest import Clock

pytestmark = pytest.mark.django_db

NEW = "100200300:AAnew-token-of-the-platform-000002"


class RenewingAdapter(TelegramAdapter):
    """A platform whose tokens run out."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answer: Any = None

    def refresh(self, account: Any) -> Refreshed | None:
        self.calls.append(account.credentials.token.get_secret_value())
        found: Refreshed | None = self.answer() if callable(self.answer) else self.answer
        return found


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> RenewingAdapter:
    adapter = RenewingAdapter()
    monkeypatch.setitem(registry._adapters, "renewing", adapter)
    return adapter


@pytest.fixture
def renewed(channel: Channel, adapter: RenewingAdapter, clock: Clock) -> Channel:
    """A channel whose token holds for sixty days."""
    Channel.objects.filter(pk=channel.pk).update(adapter="renewing")
    channel.refresh_from_db()
    old = plain(credential_store().get(channel.credential))
    credential_store().put(channel.credential, old, expires_at=clock.now + timedelta(days=60))
    return channel


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "STORING_PAUSES", (0.0, 0.0))


def info_of(channel: Channel) -> CredentialInfo:
    return CredentialInfo.objects.get(pk=channel.credential)


def token_of(channel: Channel) -> str:
    return plain(credential_store().get(channel.credential))["token"]


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


# --- When -----------------------------------------------------------------------------------------
def test_it_is_time_when_a_third_of_their_life_is_left(renewed: Channel, clock: Clock) -> None:
    assert channels_to_refresh(clock.now + timedelta(days=39)) == []
    assert channels_to_refresh(clock.now + timedelta(days=41)) == [renewed.pk]
    assert channels_to_refresh(clock.now + timedelta(days=61)) == [renewed.pk]
    assert channels_to_refresh(clock.now + timedelta(days=63)) == []


def test_where_nobody_knows_the_end_the_platform_is_asked_daily(
    renewed: Channel, adapter: RenewingAdapter, clock: Clock
) -> None:
    CredentialInfo.objects.update(expires_at=None)
    assert channels_to_refresh(clock.now + timedelta(hours=23)) == []
    clock.forward(hours=25)
    assert channels_to_refresh(clock.now) == [renewed.pk]
    assert not refresh_channel(renewed.pk, clock=clock)

    assert len(adapter.calls) == 1
    assert channels_to_refresh(clock.now + timedelta(hours=23)) == []
    assert channels_to_refresh(clock.now + timedelta(hours=25)) == [renewed.pk]


def test_short_lived_ones_are_asked_for_two_hours_before_the_end(renewed: Channel, clock: Clock) -> None:
    CredentialInfo.objects.update(expires_at=clock.now + timedelta(hours=3))

    assert channels_to_refresh(clock.now + timedelta(minutes=30)) == []
    assert channels_to_refresh(clock.now + timedelta(minutes=61)) == [renewed.pk]


def test_platforms_without_renewal_and_channels_that_are_off_are_not_asked(
    renewed: Channel, adapter: RenewingAdapter, clock: Clock
) -> None:
    clock.forward(days=50)
    Channel.objects.update(is_active=False)
    assert channels_to_refresh(clock.now) == []
    assert not refresh_channel(renewed.pk, clock=clock)
    Channel.objects.update(is_active=True, adapter="telegram")
    assert channels_to_refresh(clock.now) == []
    Channel.objects.update(paused_at=clock.now, adapter="renewing")
    assert channels_to_refresh(clock.now) == [renewed.pk]
    assert adapter.calls == []


# --- What -----------------------------------------------------------------------------------------
def test_new_ones_replace_the_old_ones(renewed: Channel, adapter: RenewingAdapter, clock: Clock) -> None:
    clock.forward(days=45)
    until = in_days(105)
    adapter.answer = Refreshed({"token": NEW}, until)

    assert refresh_channel(renewed.pk, clock=clock)
    assert not refresh_channel(renewed.pk, clock=clock)

    info = info_of(renewed)
    assert token_of(renewed) == NEW
    assert (info.expires_at, info.problem, info.refresh_until) == (until, "", None)
    assert info.refreshed_at is not None
    assert CredentialEvent.objects.filter(action=Action.REFRESHED, owner=renewed.name).count() == 1
    assert len(adapter.calls) == 1


def crash() -> Refreshed:
    raise ZeroDivisionError(f"the answer was {NEW}")


def refuse() -> Refreshed:
    raise AuthFailed("Площадка отозвала доступ.")


def be_away() -> Refreshed:
    raise RetryLater("Площадка не отвечает.")


@pytest.mark.parametrize("answer", [crash, refuse, be_away, Refreshed({"tokem": NEW}, None)])
def test_a_failure_is_told_and_tried_again_and_keeps_the_old_ones(
    renewed: Channel, adapter: RenewingAdapter, clock: Clock, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    clock.forward(days=45)
    old = token_of(renewed)
    adapter.answer = answer

    assert not refresh_channel(renewed.pk, clock=clock)
    info = info_of(renewed)
    assert token_of(renewed) == old
    assert info.problem
    assert NEW not in info.problem + caplog.text
    assert Channel.objects.get().paused_at is None
    assert CredentialEvent.objects.filter(action=Action.REFRESH_FAILED).count() == 1

    adapter.answer = Refreshed({"token": NEW}, in_days(105))
    clock.forward(hours=1)
    assert channels_to_refresh(clock.now) == [renewed.pk]
    assert refresh_channel(renewed.pk, clock=clock)
    assert (token_of(renewed), info_of(renewed).problem) == (NEW, "")


def test_what_somebody_types_meanwhile_wins(renewed: Channel, adapter: RenewingAdapter, clock: Clock) -> None:
    clock.forward(days=45)
    typed = "100200300:AAtyped-by-a-person-meanwhile-00001"

    def slow() -> Refreshed:
        credential_store().put(renewed.credential, {"token": typed})
        return Refreshed({"token": NEW}, in_days(105))

    adapter.answer = slow
    assert not refresh_channel(renewed.pk, clock=clock)

    assert token_of(renewed) == typed
    assert (info_of(renewed).expires_at, info_of(renewed).problem) == (None, "")


def test_a_store_that_takes_nothing_is_found_out_before_the_platform_is_asked(
    renewed: Channel, adapter: RenewingAdapter, clock: Clock, settings: Settings
) -> None:
    clock.forward(days=45)
    settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]

    assert not refresh_channel(renewed.pk, clock=clock)
    assert adapter.calls == []
    assert "CREDENTIALS_KEYS" in info_of(renewed).problem


def test_storing_new_ones_is_tried_several_times(
    renewed: Channel, adapter: RenewingAdapter, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.forward(days=45)
    adapter.answer = Refreshed({"token": NEW}, in_days(105))
    put, tries = refreshing.keeper.put, []

    def away_twice(*args: Any, **kwargs: Any) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise CredentialsUnavailable("away")
        return put(*args, **kwargs)

    monkeypatch.setattr(refreshing.keeper, "put", away_twice)
    assert refresh_channel(renewed.pk, clock=clock)
    assert token_of(renewed) == NEW


def test_a_worker_that_died_is_followed_by_another(renewed: Channel, adapter: RenewingAdapter, clock: Clock) -> None:
    clock.forward(days=45)
    adapter.answer = Refreshed({"token": NEW}, in_days(105))
    assert refreshing.take(renewed.credential, clock.now) is not None

    assert not refresh_channel(renewed.pk, clock=clock)
    assert adapter.calls == []
    clock.forward(minutes=5)
    assert refresh_channel(renewed.pk, clock=clock)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_renews(renewed: Channel, adapter: RenewingAdapter, clock: Clock) -> None:
    clock.forward(days=45)
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Refreshed:
        inside.set()
        go_on.wait(10)
        return Refreshed({"token": NEW}, in_days(105))

    adapter.answer = slow
    results: list[bool] = []

    def work() -> None:
        results.append(refresh_channel(renewed.pk, clock=clock))
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(10)
    work()
    go_on.set()
    first.join()

    assert results == [False, True]
    assert len(adapter.calls) == 1
    assert token_of(renewed) == NEW


# --- A real platform's protocol -------------------------------------------------------------------
@pytest.fixture
def instagram_channel(db: None, sandbox: Sandbox) -> Channel:
    return Channel.objects.create(
        name="Instagram",
        adapter="instagram",
        credential=credential_store().put("", {"token": instagram.TOKEN}, owner="Instagram"),
        settings={"base_url": f"{sandbox.url}/instagram", "ig_user_id": instagram.USER, "login": "instagram"},
    )


def forward(sandbox: Sandbox, clock: Clock, **by: float) -> None:
    clock.forward(**by)
    sandbox.control({"clock_offset": sandbox.clock.offset + timedelta(**by).total_seconds()})


def test_instagrams_token_is_renewed_over_http_and_works(
    instagram_channel: Channel, sandbox: Sandbox, clock: Clock
) -> None:
    assert channels_to_refresh(clock.now) == []
    forward(sandbox, clock, hours=25)
    assert channels_to_refresh(clock.now) == [instagram_channel.pk]
    assert refresh_channel(instagram_channel.pk, clock=clock)

    info = info_of(instagram_channel)
    assert token_of(instagram_channel) != instagram.TOKEN
    assert info.expires_at is not None
    assert timedelta(days=59) < info.expires_at - clock.now <= timedelta(days=60)
    account = open_account(instagram_channel, clock=clock)
    assert registry.get_adapter("instagram").check(account).ok
    assert channels_to_refresh(clock.now + timedelta(days=39)) == []
    assert channels_to_refresh(clock.now + timedelta(days=41)) == [instagram_channel.pk]


@pytest.mark.parametrize("answer", ["drop", "500", "502", "429", "auth"])
@pytest.mark.parametrize("done", [True, False])
def test_whatever_instagram_answers_the_channel_keeps_a_token_that_works(
    instagram_channel: Channel, sandbox: Sandbox, clock: Clock, answer: str, done: bool
) -> None:
    forward(sandbox, clock, hours=25)
    fault = {"platform": "instagram", "methods": ["refresh"], "count": 1, "answer": answer, "done": done}
    sandbox.control({"faults": [fault]})
    assert not refresh_channel(instagram_channel.pk, clock=clock)
    assert info_of(instagram_channel).problem
    sandbox.control({"clear": True})

    assert registry.get_adapter("instagram").check(open_account(instagram_channel, clock=clock)).ok
    forward(sandbox, clock, hours=25)
    assert refresh_channel(instagram_channel.pk, clock=clock)
    assert info_of(instagram_channel).problem == ""
