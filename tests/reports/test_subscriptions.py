"""Reports by e-mail: once, to whom they concern, with what he may see when they are sent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from integrations.reports import mailing
from integrations.reports.models import ReportSubscription
from listings.models import Dealer
from tests.factories import member

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 16, 6, tzinfo=UTC)
"""Monday, nine in the morning in Minsk."""


@pytest.fixture
def manager(dealer: Dealer) -> Any:
    return member(dealer, email="boss@avtosalon.example")


def subscription(user: Any, **fields: Any) -> ReportSubscription:
    values = {"user": user, "next_at": DUE} | fields
    return ReportSubscription.objects.create(**values)


def test_the_report_of_the_week_comes_once_with_table_file_and_links(manager: Any) -> None:
    row = subscription(manager)

    assert mailing.due(DUE - timedelta(seconds=1)) == []
    assert mailing.due(DUE) == [row.pk]
    assert [mailing.send_due(row.pk, DUE) for _ in range(3)] == [True, False, False]

    [message] = mail.outbox
    assert message.to == ["boss@avtosalon.example"]
    assert [name for name, _content, _type in message.attachments] == [
        "publications-channel-2026-11-09-2026-11-15.xlsx"
    ]
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
