"""The whole way with a real worker: the beat's message becomes an e-mail."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from cms.celery import send
from integrations.reports.models import ReportSubscription
from listings.models import Dealer
from scripts.lib.processes import Process
from tests.factories import member


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_is_due_once(dealer: Dealer, worker: Callable[..., Process]) -> None:
    manager: Any = member(dealer, email="boss@avtosalon.example")
    row = ReportSubscription.objects.create(user=manager, next_at=timezone.now() - timedelta(minutes=1))
    worker("default")

    for _ in range(2):
        send(settings.CELERY_BEAT_SCHEDULE["send-reports"]["task"])

    end = time.monotonic() + 20
    while not ReportSubscription.objects.exclude(sent_at=None).exists() and time.monotonic() < end:
        time.sleep(0.1)
    row.refresh_from_db()
    assert row.sent_at is not None
    assert (row.error, row.tries) == ("", 0)
    assert row.next_at > timezone.now()
