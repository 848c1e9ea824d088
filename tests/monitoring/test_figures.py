"""Daily figures of posts: cumulative, one row a day, newer news over older ones."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.marketplaces.base import Stats
from integrations.monitoring import figures
from integrations.monitoring.models import PublicationDay
from integrations.publications.models import Publication

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Minsk"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(publish: Callable[..., Publication]) -> Publication:
    return publish()


def day(row: Publication) -> dict[str, Any]:
    return PublicationDay.objects.filter(publication=row).values("views", "likes", "comments").get()


def test_what_the_platform_does_not_tell_stays_as_it_was(row: Publication) -> None:
    figures.record(row.pk, Stats(views=10, likes=0), NOON)
    figures.record(row.pk, Stats(likes=2), NOON + timedelta(hours=1))
    figures.record(row.pk, Stats(), NOON + timedelta(hours=2))

    assert day(row) == {"views": 10, "likes": 2, "comments": None}


def test_older_news_fill_gaps_only(row: Publication) -> None:
    figures.record(row.pk, Stats(views=10), NOON)
    figures.record(row.pk, Stats(views=7, likes=3), NOON - timedelta(hours=1))

    assert day(row) == {"views": 10, "likes": 3, "comments": None}


def test_a_day_ends_at_the_offices_midnight(row: Publication) -> None:
    for hours in (11, 13):
        figures.record(row.pk, Stats(views=hours), NOON + timedelta(hours=hours))

    days = figures.stats_of([row.pk], date(2026, 11, 23), date(2026, 11, 24))
    assert [(found.day.day, found.views) for found in days] == [(23, 11), (24, 13)]


@pytest.mark.parametrize("count", [-1, 2**63])
def test_numbers_that_cannot_be_are_left_out(row: Publication, count: int) -> None:
    figures.record(row.pk, Stats(views=count), NOON)

    assert not PublicationDay.objects.exists()


def test_reports_read_a_period_and_the_newest_day(row: Publication, publish: Callable[..., Publication]) -> None:
    other = publish()
    for offset, post in ((0, row), (1, row), (2, row), (1, other)):
        figures.record(post.pk, Stats(views=offset), NOON + timedelta(days=offset))

    mine = figures.stats_of(Publication.objects.filter(pk=row.pk), date(2026, 11, 24), date(2026, 11, 25))
    assert [found.views for found in mine] == [1, 2]
    assert {found.publication_id: found.views for found in figures.newest_of([row.pk, other.pk])} == {
        row.pk: 2, other.pk: 1,
    }  # fmt: skip


def test_figures_are_kept_for_two_years(row: Publication) -> None:
    figures.record(row.pk, Stats(views=1), NOON)

    assert figures.prune(NOON + timedelta(days=730)) == 0
    assert figures.prune(NOON + timedelta(days=733)) == 1
