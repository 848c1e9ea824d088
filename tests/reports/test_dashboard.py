"""How channels fare: attempts, errors, success, times; exact numbers of the period that is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Result, State
from integrations.reports.dashboard.charts import attempts_of, parts_of
from integrations.reports.dashboard.overview import ChannelLine
from integrations.reports.dashboard.pace import Pace, Span, Took, paces_of, stretch_of
from integrations.reports.dashboard.words import in_words

from .attempts import attempt

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]

NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
"""15:30 in Minsk."""


def test_results_are_counted_and_success_leaves_out_what_has_not_ended(publish: Publish) -> None:
    row = publish()
    for result, count in (("done", 3), ("invalid", 2), ("retry", 1), ("rate_limited", 4), ("waiting", 5), ("", 1)):
        for _time in range(count):
            attempt(row, "create", NOON, result)
    paces = paces_of(Publication.objects.all(), stretch_of(Span.DAY, NOON))
    pace = paces.of(row.channel_id)
    assert (pace.attempts, pace.done, pace.judged, pace.success) == (16, 3, 6, 50.0)
    assert pace.errors == [(Result.RATE_LIMITED, 4), (Result.INVALID, 2), (Result.RETRY, 1)]
    assert paces.total.results == pace.results


def test_nothing_but_full_success_is_called_so() -> None:
    pace = Pace()
    pace.results.update({Result.DONE: 9999, Result.INVALID: 1})
    assert pace.success == 99.9
    assert Pace().success is None


def test_times_are_of_creates_that_succeeded(publish: Publish) -> None:
    row = publish()
    for waited in (60, 120, 180, 240, 1000):
        attempt(row, "create", NOON, waited=waited)
    attempt(row, "create", NOON, "invalid", waited=90_000)
    attempt(row, "update", NOON, waited=90_000)
    paces = paces_of(Publication.objects.all(), stretch_of(Span.WEEK, NOON))
    # 95 of 100: four fifths of the way from the fourth to the fifth.
    expected = Took(timedelta(seconds=180), timedelta(seconds=240 + 0.8 * 760))
    assert (paces.of(row.channel_id).took, paces.total.took) == (expected, expected)


@pytest.mark.parametrize(
    ("span", "first", "slots"),
    [
        (Span.DAY, datetime(2026, 11, 19, 13, tzinfo=UTC), 24),
        (Span.WEEK, datetime(2026, 11, 13, 21, tzinfo=UTC), 7),
        (Span.MONTH, datetime(2026, 10, 21, 21, tzinfo=UTC), 30),
    ],
)
def test_a_period_begins_with_a_whole_hour_or_day_of_the_site(
    publish: Publish, span: Span, first: datetime, slots: int
) -> None:
    row = publish()
    attempt(row, "create", first - timedelta(seconds=1))
    attempt(row, "create", first)
    attempt(row, "update", NOON, "retry")
    stretch = stretch_of(span, NOON)
    assert stretch.slots[0] == first
    chart = attempts_of(paces_of(Publication.objects.all(), stretch))
    assert len(chart.columns) == slots
    assert [(column.done, column.failed) for column in (chart.columns[0], chart.columns[-1])] == [(1, 0), (0, 1)]
    assert (chart.done, chart.failed, chart.highest) == (1, 1, 1)


def test_one_failure_among_thousands_is_drawn(publish: Publish) -> None:
    stretch = stretch_of(Span.DAY, NOON)
    paces = paces_of(Publication.objects.none(), stretch)
    busy = paces.slots.setdefault(stretch.slots[-1], Pace())
    busy.results.update({Result.DONE: 5000, Result.INVALID: 1})
    column = attempts_of(paces).columns[-1]
    assert column.failed_height == 1
    assert column.done_height + column.failed_height + column.failed_y <= 121


def test_parts_of_a_bar_fill_it() -> None:
    counts = {State.PUBLISHED: 29_990, State.FAILED: 3, State.WITHDRAWN: 7}
    parts = parts_of(ChannelLine(Channel(name="A"), counts))
    assert [(part.state, part.count) for part in parts] == [
        (State.PUBLISHED, 29_990), (State.FAILED, 3), (State.WITHDRAWN, 7),
    ]  # fmt: skip
    assert sum(part.percent for part in parts) == pytest.approx(100, abs=0.1)
    assert min(part.percent for part in parts) > 0.9


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-3), "0 секунд"),
        (timedelta(seconds=41), "41 секунда"),
        (timedelta(minutes=12, seconds=50), "12 минут"),
        (timedelta(hours=1, minutes=50), "1 час, 50 минут"),
        (timedelta(hours=3, minutes=10), "3 часа"),
        (timedelta(days=2, hours=7), "2 дня"),
    ],
)
def test_times_are_told_in_a_persons_words(span: timedelta, words: str) -> None:
    with translation.override("ru"):
        assert in_words(span).replace("\xa0", " ") == words


def test_the_page_shows_the_chosen_period(publish: Publish, admin_client: Client) -> None:
    row, now = publish(), timezone.now()
    attempt(row, "create", now, waited=720)
    attempt(row, "update", now - timedelta(days=3), "invalid")
    page = admin_client.get(reverse("reports_overview"))
    assert page.context["tiles"]["pace"].attempts == 1
    assert page.context["tiles"]["median"].replace("\xa0", " ") == "12 минут"
    week = admin_client.get(reverse("reports_overview"), {"period": "week"})
    assert week.context["tiles"]["pace"].success == 50
    assert week.context["cards"][0]["line"].pace.errors == [(Result.INVALID, 1)]
    assert 'href="?period=week" aria-current="true"' in week.content.decode()


@pytest.mark.parametrize("period", ["year", "", "week'--", "\x00"])
def test_a_period_that_is_none_is_told_and_the_last_day_shown(admin_client: Client, period: str) -> None:
    page = admin_client.get(reverse("reports_overview"), {"period": period})
    assert page.status_code == 200
    assert page.context["span"] == Span.DAY
    assert len(page.context["messages"]) == 1


def test_numbers_in_styles_and_drawings_have_points(publish: Publish, admin_client: Client) -> None:
    """A Russian comma would be no CSS and no SVG."""
    rows = [publish() for _car in range(3)]
    Publication.objects.filter(pk=rows[0].pk).update(state=State.FAILED)
    for result, count in (("done", 7), ("invalid", 1), ("retry", 3)):
        for _time in range(count):
            attempt(rows[1], "update", timezone.now(), result)
    page = admin_client.get(reverse("reports_overview")).content.decode()
    assert "inline-size: 33.33%" in page
    assert "inline-size: 33.3%" in page
    assert 'height="43.6"' in page
