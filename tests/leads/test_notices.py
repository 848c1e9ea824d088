"""The e-mail about an enquiry: from the row, once, whatever fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import Site

from cms.celery import app
from cms.pages.models import SiteSettings
from leads.models import Lead, LeadStatus
from leads.tasks import notify, sweep_notices
from listings.models import Dealer
from tests.factories import ListingFactory
from tests.factories_pages import site_home

pytestmark = pytest.mark.django_db


class BrokenBackend(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("no mail for +375291234567")


BROKEN = f"{__name__}.BrokenBackend"


def lead(**changes: Any) -> Lead:
    values = {"name": "Иван", "phone": "+375291234567", "message": "Когда?", "consent_text": "Да"}
    return Lead.objects.create(**values | {"consent_at": timezone.now()} | changes)


def car_lead(**changes: Any) -> Lead:
    listing = ListingFactory(published=True)
    return lead(listing=listing.document, dealer=listing.dealer, **changes)


def site_email(address: str) -> None:
    site_home()
    SiteSettings.objects.create(site=Site.objects.get(is_default_site=True), email=address)


@pytest.mark.smoke
def test_dealer_and_site_get_an_email_with_everything_to_call_back(settings: Settings) -> None:
    site_email("office@example.com")
    row = car_lead()
    notify(row.pk)
    (message,) = mail.outbox
    assert message.to == ["sales@example.com", "office@example.com"]
    assert message.subject == "Заявка: BMW X5, 2018"
    for part in ("Иван", "+375291234567", "Когда?", f"{settings.SITE_URL}{row.listing.path}"):
        assert part in message.body
    assert f"{settings.CMS_URL}/admin/lead/edit/{row.pk}/" in message.body
    row.refresh_from_db()
    assert row.notified_at is not None


def test_nobody_is_told_twice() -> None:
    row = car_lead()
    notify(row.pk)
    notify(row.pk)
    sweep_notices()
    assert len(mail.outbox) == 1


def test_of_two_workers_one_sends() -> None:
    row = car_lead()
    assert Lead.objects.take(row.pk) is True
    notify(row.pk)
    assert mail.outbox == []


def test_a_worker_that_died_is_replaced_after_its_lease() -> None:
    row = car_lead()
    Lead.objects.take(row.pk)
    Lead.objects.update(notify_after=timezone.now() - timedelta(seconds=1))
    sweep_notices()
    assert len(mail.outbox) == 1


def test_a_lost_message_is_found_by_the_sweep() -> None:
    car_lead()
    sweep_notices()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_is_asked_again_later(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, BROKEN
    row = car_lead()
    notify(row.pk)
    row.refresh_from_db()
    assert row.notified_at is None
    assert row.notify_error == "Почтовый сервер не принял письмо (ConnectionRefusedError)."
    assert timedelta(0) < row.notify_after - timezone.now() <= timedelta(minutes=2)
    assert "1234567" not in caplog.text
    settings.EMAIL_BACKEND = working
    Lead.objects.update(notify_after=timezone.now() - timedelta(seconds=1))
    sweep_notices()
    row.refresh_from_db()
    assert (len(mail.outbox), row.notify_error, row.notified_at is not None) == (1, "", True)


def test_waiting_grows_and_stays_under_a_quarter_of_a_day() -> None:
    waits = [Lead(notify_attempts=attempts).retry_wait() for attempts in (1, 2, 3, 200)]
    assert waits == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8), timedelta(hours=6)]


def test_an_enquiry_without_any_address_says_so() -> None:
    row = lead()
    notify(row.pk)
    row.refresh_from_db()
    assert mail.outbox == []
    assert row.notify_error == "Ни у дилера, ни в настройках сайта нет адреса электронной почты."


def test_spam_is_told_when_a_person_says_that_it_is_none() -> None:
    row = car_lead(status=LeadStatus.SPAM, spam_reason="links")
    sweep_notices()
    assert mail.outbox == []
    row.status = LeadStatus.NEW
    row.full_clean()
    row.save()
    sweep_notices()
    assert len(mail.outbox) == 1


def test_a_line_break_in_a_cars_title_is_no_header() -> None:
    row = car_lead()
    row.listing.title = "BMW\nBcc: all@example.com"
    row.listing.save()
    notify(row.pk)
    assert mail.outbox[0].subject == "Заявка: BMW Bcc: all@example.com, 2018"


def test_a_task_carries_nothing_but_the_id(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **kwargs: sent.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/api/v1/leads", {"name": "Иван", "phone": "+375291234567", "consent": "true", "page": "/"})
    assert sent == [("leads.notify", (Lead.objects.get().pk,))]


def test_a_dealer_that_is_gone_leaves_the_enquiry() -> None:
    row = car_lead()
    Lead.objects.update(listing=None)
    Dealer.objects.filter(pk=row.dealer_id).first()
    Lead.objects.update(dealer=None)
    site_email("office@example.com")
    notify(row.pk)
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["office@example.com"], "Заявка с сайта")
