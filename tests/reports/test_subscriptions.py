"""Reports by e-mail: once, to whom they concern, with what he may see when they are sent."""

import io
import smtplib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Operation
from integrations.reports import tasks
from integrations.reports.mail import mailing
from integrations.reports.models import ReportSubscription
from integrations.reports.vocabulary import Every, GroupBy
from listings.models import Dealer, DealerMember, Listing, PublishedListing
from tests.factories import DealerFactory, member, staff
from tests.reports.attempts import attempt

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 16, 6, tzinfo=UTC)
"""Monday, nine in the morning in Minsk."""
TUESDAY = datetime(2026, 11, 10, 9, tzinfo=UTC)
Publish = Callable[..., Publication]


@pytest.fixture
def manager(dealer: Dealer) -> Any:
    return member(dealer, email="boss@avtosalon.example")


@pytest.fixture
def other(publish: Publish, channel: Channel) -> Dealer:
    """A dealer whose car was published in a channel of its own, besides a car of the first dealer's."""
    dealer = DealerFactory(slug="other", name="ТАЙНЫЙ салон")
    hidden = Channel.objects.create(name="ТАЙНЫЙ канал", adapter="telegram", dealer=dealer)
    mine, theirs = publish(), publish()
    Listing.objects.filter(pk=theirs.document.listing_id).update(dealer=dealer)
    PublishedListing.objects.filter(pk=theirs.document_id).update(title="ТАЙНЫЙ автомобиль")
    Publication.objects.filter(pk=theirs.pk).update(channel=hidden)
    for row in (mine, theirs, theirs):
        attempt(row, Operation.CREATE, TUESDAY)
    return dealer


def subscription(user: Any, **fields: Any) -> ReportSubscription:
    return ReportSubscription.objects.create(**({"user": user, "next_at": DUE} | fields))


def everything_in(message: Any) -> str:
    [(name, content, _type)] = message.attachments
    rows = [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(content))]
    return f"{message.subject} {message.body} {message.alternatives[0].content} {name} {rows}"


# --- Once -----------------------------------------------------------------------------------------
def test_the_report_of_the_week_comes_once_with_table_file_and_links(manager: Any) -> None:
    row = subscription(manager)

    assert mailing.due(DUE - timedelta(seconds=1)) == []
    assert mailing.due(DUE) == [row.pk]
    assert [mailing.send_due(row.pk, DUE) for _ in range(3)] == [True, False, False]

    [message] = mail.outbox
    assert message.to == ["boss@avtosalon.example"]
    assert message.subject == "Отчёт о публикациях: 9–15 ноября 2026"
    assert [file[0] for file in message.attachments] == ["publications-channel-2026-11-09-2026-11-15.xlsx"]
    page = f"{reverse('reports_publications')}?period=dates&since=2026-11-09&until=2026-11-15&group_by=channel"
    stop = reverse("reports_subscription_stop", args=[row.pk])
    assert page in message.body
    assert stop in message.body
    html = message.alternatives[0].content
    assert page.replace("&", "&amp;") in html
    assert stop in html
    row.refresh_from_db()
    assert (row.told_until, row.error, row.tries) == (date(2026, 11, 15), "", 0)
    assert row.next_at == DUE + timedelta(days=7)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends(manager: Any) -> None:
    row = subscription(manager)
    barrier, results = Barrier(4), []

    def work() -> None:
        barrier.wait()
        results.append(mailing.send_due(row.pk, DUE))
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False, False, False, True]
    assert len(mail.outbox) == 1


def test_a_lease_that_ran_out_in_the_middle_does_not_send_twice(manager: Any, monkeypatch: Any) -> None:
    """The first worker is so slow that a second one begins: whoever claims the days first sends."""
    row = subscription(manager)
    late = DUE + timedelta(hours=1)
    compose = mailing.compose

    def slow(*args: Any) -> Any:
        monkeypatch.setattr(mailing, "compose", compose)
        assert mailing.send_due(row.pk, late) is True
        return compose(*args)

    monkeypatch.setattr(mailing, "compose", slow)

    assert mailing.send_due(row.pk, DUE) is False
    assert len(mail.outbox) == 1


def test_missed_days_are_caught_up_with_one_e_mail(manager: Any) -> None:
    row = subscription(manager, every=Every.DAY)
    late = DUE + timedelta(days=5, hours=3)

    assert mailing.send_due(row.pk, late)
    assert not mailing.send_due(row.pk, late + timedelta(minutes=1))

    assert len(mail.outbox) == 1
    assert "20 ноября 2026" in mail.outbox[0].subject
    row.refresh_from_db()
    assert row.next_at == DUE + timedelta(days=6)


def test_who_dies_while_sending_is_not_followed_by_a_second_e_mail(manager: Any, monkeypatch: Any) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any) -> int:
        raise Killed

    row = subscription(manager)
    sound = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", die)
    with pytest.raises(Killed):
        mailing.send_due(row.pk, DUE)
    monkeypatch.setattr(EmailBackend, "send_messages", sound)

    later = DUE + timedelta(hours=1)
    assert mailing.send_due(row.pk, later) is False

    row.refresh_from_db()
    assert mail.outbox == []
    assert "Неизвестно, дошёл ли" in row.error
    assert row.next_at == DUE + timedelta(days=7)
    assert mailing.send_due(row.pk, row.next_at) is True


def test_a_mail_server_that_is_away_is_tried_again_later_and_later(manager: Any, monkeypatch: Any) -> None:
    def refuse(*args: Any) -> None:
        raise smtplib.SMTPServerDisconnected("secret words of the server")

    row = subscription(manager)
    sound = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    waits = []
    moment = DUE
    for _ in range(3):
        assert mailing.send_due(row.pk, moment) is False
        row.refresh_from_db()
        waits.append(row.next_at - timezone.now())
        moment = max(row.next_at, DUE + timedelta(hours=len(waits)))
        assert (row.told_until, row.sent_at) == (None, None)
    assert waits == sorted(waits)
    assert waits[0] > timedelta(minutes=1)
    assert "SMTPServerDisconnected" in row.error
    assert "secret" not in row.error

    monkeypatch.setattr(EmailBackend, "send_messages", sound)
    assert mailing.send_due(row.pk, moment) is True
    row.refresh_from_db()
    assert (row.error, row.tries) == ("", 0)


def test_the_beat_gives_workers_ids_only(manager: Any, monkeypatch: Any) -> None:
    row = subscription(manager, next_at=timezone.now() - timedelta(minutes=1))
    sent = []
    monkeypatch.setattr(tasks, "send", lambda *args: sent.append(args))

    assert tasks.send_due_reports() == 1
    assert sent == [("reports.send", row.pk)]
    assert tasks.send_report(row.pk) is True


# --- Rights at the time of sending ----------------------------------------------------------------
@pytest.mark.parametrize("group_by", GroupBy.values)
def test_a_dealers_manager_gets_only_his_own_rows(manager: Any, other: Dealer, group_by: str) -> None:
    row = subscription(manager, group_by=group_by)

    assert mailing.send_due(row.pk, DUE)

    text = everything_in(mail.outbox[0])
    assert "ТАЙНЫЙ" not in text
    assert "Попытки" in text
    book = load_workbook(io.BytesIO(mail.outbox[0].attachments[0][1]))
    assert list(book.active.iter_rows(values_only=True))[-1][7] == 1


def lose_dealer(user: Any) -> None:
    DealerMember.objects.filter(user=user).delete()


def lose_right(user: Any) -> None:
    user.groups.clear()


def lose_account(user: Any) -> None:
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def lose_address(user: Any) -> None:
    type(user).objects.filter(pk=user.pk).update(email="")


@pytest.mark.parametrize("lose", [lose_dealer, lose_right, lose_account, lose_address])
def test_who_has_lost_the_right_gets_nothing_and_the_report_is_paused(
    manager: Any, other: Dealer, lose: Callable[[Any], None]
) -> None:
    row = subscription(manager)
    lose(manager)

    assert mailing.send_due(row.pk, DUE) is False
    assert mailing.send_due(row.pk, DUE + timedelta(days=30)) is False

    row.refresh_from_db()
    assert mail.outbox == []
    assert row.paused_at == DUE
    assert row.paused_reason
    assert mailing.due(DUE + timedelta(days=30)) == []


@pytest.mark.parametrize("what", ["dealer", "channel"])
def test_what_is_another_dealers_by_now_is_not_sent(manager: Any, other: Dealer, what: str) -> None:
    value = other if what == "dealer" else Channel.objects.get(dealer=other)
    row = subscription(manager, **{what: value})

    assert mailing.send_due(row.pk, DUE) is False

    row.refresh_from_db()
    assert mail.outbox == []
    assert "Нет права" in row.paused_reason


def test_the_groups_staff_gets_what_it_asked_for(other: Dealer) -> None:
    everybody, one = (
        subscription(staff("marketer"), group_by=GroupBy.DEALER, dealer=dealer) for dealer in (None, other)
    )

    for row in (everybody, one):
        assert mailing.send_due(row.pk, DUE)

    first, second = (everything_in(message) for message in mail.outbox)
    assert ("Автосалон" in first, "ТАЙНЫЙ салон" in first) == (True, True)
    assert ("Автосалон" in second, "ТАЙНЫЙ салон" in second) == (False, True)
