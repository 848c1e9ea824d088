"""The report of publications: exact counts by channel, dealer, day and car, and nobody else's."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.publications.models import Publication
from integrations.publications.vocabulary import Operation, Result
from integrations.reports.counting import Scope
from integrations.reports.periods import Period
from integrations.reports.publications import report
from integrations.reports.vocabulary import GroupBy
from tests.reports.attempts import attempt

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]

NOON = datetime(2026, 11, 10, 9, tzinfo=UTC)
"""Of a Tuesday in Minsk."""
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
LATER = NOON + timedelta(days=30)


def scope(period: Period = WEEK, now: datetime = LATER) -> Scope:
    return Scope(Publication.objects.all(), period, now)


def test_a_publication_counts_once_as_new_and_then_as_again(publish: Publish) -> None:
    row = publish()
    attempt(row, Operation.CREATE, NOON - timedelta(days=30))
    attempt(row, Operation.CREATE, NOON)
    other = publish()
    attempt(other, Operation.CREATE, NOON)
    attempt(other, Operation.CREATE, NOON + timedelta(hours=1))

    [line], total = report(scope(), GroupBy.CHANNEL)

    assert (line.name, line.published, line.again, line.attempts) == (row.channel.name, 1, 2, 3)
    assert (total.published, total.again, total.attempts) == (1, 2, 3)


def test_every_result_has_its_column(publish: Publish) -> None:
    row = publish()
    for operation, result in (
        (Operation.CREATE, Result.DONE), (Operation.UPDATE, Result.DONE), (Operation.UPDATE, Result.DONE),
        (Operation.WITHDRAW, Result.DONE), (Operation.CREATE, Result.INVALID), (Operation.CREATE, Result.UNCERTAIN),
        (Operation.WITHDRAW, Result.MANUAL), (Operation.CREATE, Result.WAITING),
        (Operation.CREATE, Result.RATE_LIMITED), (Operation.CREATE, Result.RETRY),
    ):  # fmt: skip
        attempt(row, operation, NOON, result)

    [line], _total = report(scope(), GroupBy.CHANNEL)

    assert (line.published, line.updated, line.withdrawn, line.refused, line.unclear) == (1, 2, 1, 1, 2)
    assert (line.attempts, line.judged, line.success) == (10, 8, 50.0)
