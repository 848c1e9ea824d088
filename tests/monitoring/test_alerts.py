"""Alerts: opened when a channel breaks, told once, closed and told again when it works."""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.credentials.models import CredentialInfo
from integrations.monitoring import alerts, notices
from integrations.monitoring.models import Alert
from integrations.publications.models import Channel, MasterSwitch, Publication
from listings.models import Dealer
from tests.factories import DealerFactory, UserFactory, member, staff
from tests.integrations.conftest import work

Publish = Callable[..., Publication]

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Any:
    return staff("administrator", email="boss@avtofamily.example")


def kinds(now: datetime | None = None) -> list[str]:
    alerts.raise_alerts(now or timezone.now())
    return list(Alert.objects.open().order_by("kind").values_list("kind", flat=True))


def test_a_channel_that_works_raises_nothing(publish: Publish, boss: Any) -> None:
    work(publish())

    assert kinds() == []
    assert notices.tell(timezone.now()) == 0


def test_a_channel_that_a_problem_stops_is_told_once_and_its_end_too(channel: Channel, boss: Any) -> None:
    Channel.objects.update(paused_at=timezone.now(), paused_reason="Токен не подходит.")
    for _ in range(3):
        assert kinds() == ["paused"]
        notices.tell(timezone.now())
    assert len(mail.outbox) == 1
    message = mail.outbox[0]
    assert channel.name in message.subject
    assert "Токен не подходит." in message.body
    assert f"/channels/{channel.pk}/events/" in message.body
    assert (message.to, message.bcc) == ([], ["boss@avtofamily.example"])

    Channel.objects.update(paused_at=None)
    for _ in range(2):
        assert kinds() == []
        notices.tell(timezone.now())
    assert len(mail.outbox) == 2
    assert channel.name in mail.outbox[1].subject


def test_what_is_over_before_it_was_told_is_not_told(channel: Channel, boss: Any) -> None:
    Channel.objects.update(paused_at=timezone.now())
    kinds()
    Channel.objects.update(paused_at=None)
    kinds()

    assert notices.tell(timezone.now()) == 0


def test_a_pause_by_hand_is_no_trouble(channel: Channel) -> None:
    Channel.objects.update(paused_at=timezone.now(), paused_by_hand=True)

    assert kinds() == []


def test_a_new_trouble_is_a_new_alert(channel: Channel, boss: Any) -> None:
    for paused in (timezone.now(), None, timezone.now()):
        Channel.objects.update(paused_at=paused)
        kinds()

    assert Alert.objects.count() == 2


@pytest.mark.parametrize("minutes", [10, 20])
def test_a_platform_that_fails_for_long_is_told(channel: Channel, minutes: int) -> None:
    now = timezone.now()
    for minute in range(0, minutes, 4):
        Channel.objects.update(resting_until=now + timedelta(minutes=minute + 2))
        found = kinds(now + timedelta(minutes=minute))

    assert found == (["resting"] if minutes > 15 else [])
    Channel.objects.update(resting_until=None)
    assert kinds(now + timedelta(minutes=minutes)) == []


def test_publications_that_nobody_takes_are_told(publish: Publish) -> None:
    publish()
    now = timezone.now()

    assert kinds(now + timedelta(minutes=50)) == []
    assert kinds(now + timedelta(minutes=70)) == ["queue"]
    MasterSwitch.objects.create(pk=1, paused_at=now)
    assert kinds(now + timedelta(minutes=70)) == []


def test_credentials_that_expire_within_a_week_are_told(channel: Channel) -> None:
    now = timezone.now()
    CredentialInfo.objects.filter(pk=channel.credential).update(expires_at=now + timedelta(days=8))
    assert kinds(now) == []

    assert kinds(now + timedelta(days=2)) == ["credentials"]
    detail = Alert.objects.get().detail
    assert kinds(now + timedelta(days=3)) == ["credentials"]
    assert Alert.objects.get().detail == detail


def test_many_differences_are_told_with_their_number(publish: Publish) -> None:
    for _ in range(alerts.DRIFT_FROM):
        work(publish())
    assert kinds() == []

    Publication.objects.update(confirmed_at=None, published_at=timezone.now() - timedelta(days=4))

    assert kinds() == ["drift"]
    assert str(alerts.DRIFT_FROM) in Alert.objects.get().detail


def test_a_channel_that_is_switched_off_is_nobodys_trouble(publish: Publish) -> None:
    publish()
    Channel.objects.update(is_active=False, paused_at=timezone.now())

    assert kinds(timezone.now() + timedelta(days=1)) == []


# --- E-mails --------------------------------------------------------------------------------------
def test_a_mail_server_that_is_away_is_tried_again(channel: Channel, boss: Any, monkeypatch: Any) -> None:
    def refuse(*args: Any) -> None:
        raise smtplib.SMTPServerDisconnected("secret words of the server")

    Channel.objects.update(paused_at=timezone.now())
    kinds()
    sound = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    now = timezone.now()
    assert notices.tell(now) == 0
    alert = Alert.objects.get()
    assert "SMTPServerDisconnected" in alert.tell_error
    assert "secret" not in alert.tell_error
    monkeypatch.setattr(EmailBackend, "send_messages", sound)
    assert notices.tell(now) == 0

    assert notices.tell(now + timedelta(minutes=3)) == 1
    assert Alert.objects.get().told_at is not None


def test_only_those_are_told_who_may_see_the_channel(channel: Channel, boss: Any, dealer: Dealer) -> None:
    staff("moderator", email="moderator@avtofamily.example")
    staff("editor", email="editor@avtofamily.example")
    staff("administrator", email="former@avtofamily.example", is_active=False)
    stranger = member(DealerFactory(slug="another"), email="stranger@avtofamily.example")
    stranger.groups.add(*staff("moderator", email="").groups.all())
    stranger.groups.first().permissions.remove(
        *stranger.groups.first().permissions.filter(codename="access_all_dealers")
    )
    Channel.objects.update(paused_at=timezone.now(), dealer=dealer)
    kinds()

    notices.tell(timezone.now())

    assert mail.outbox[0].bcc == ["boss@avtofamily.example"]


def test_without_anybody_to_tell_the_row_says_so(channel: Channel) -> None:
    Channel.objects.update(paused_at=timezone.now())
    kinds()

    assert notices.tell(timezone.now()) == 0
    assert Alert.objects.get().tell_error != ""


# --- The admin's home page ------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "sees"), [("administrator", True), ("moderator", True), ("dealer_manager", False)])
def test_the_home_page_shows_troubles_to_who_sees_channels(
    client: Client, channel: Channel, role: str, sees: bool
) -> None:
    Channel.objects.update(paused_at=timezone.now(), paused_reason="Токен не подходит.")
    kinds()
    client.force_login(staff(role))

    assert ("Токен не подходит." in client.get("/admin/").content.decode()) is sees


def test_a_dealers_own_channel_is_shown_to_its_people_only(client: Client, channel: Channel, dealer: Dealer) -> None:
    from django.contrib.auth.models import Permission

    Channel.objects.update(paused_at=timezone.now(), paused_reason="Токен не подходит.", dealer=dealer)
    kinds()
    rights = Permission.objects.filter(codename__in=["access_admin", "view_channel"])
    for own, sees in ((dealer, True), (DealerFactory(slug="another"), False)):
        user = member(own, is_superuser=False)
        user.user_permissions.add(*rights)
        client.force_login(user)
        assert ("Токен не подходит." in client.get("/admin/").content.decode()) is sees
        assert client.get(f"/admin/channels/{channel.pk}/events/").status_code == (200 if sees else 404)


# --- Many -----------------------------------------------------------------------------------------
def test_alerts_take_the_same_queries_for_any_number_of_channels(channel: Channel) -> None:
    now = timezone.now()

    def measured() -> int:
        Alert.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            kinds(now)
        return len(queries)

    Channel.objects.update(paused_at=now)
    few = measured()
    for number in range(4):
        Channel.objects.create(name=f"Канал {number}", adapter="telegram", paused_at=now, credential=channel.credential)
    assert measured() == few
    assert Alert.objects.count() == 5


def test_nobody_without_an_account_is_told(channel: Channel) -> None:
    UserFactory(email="reader@avtofamily.example")
    Channel.objects.update(paused_at=timezone.now())
    kinds()
    notices.tell(timezone.now())

    assert mail.outbox == []
