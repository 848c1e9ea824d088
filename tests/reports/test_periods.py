"""The days of reports, on the clock of the site."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from integrations.reports.summary.periods import LONGEST, Chosen, Period, next_sending, period_of, site_day, told_period
from integrations.reports.vocabulary import Every

TODAY = date(2026, 3, 1)
MONDAY_NINE = datetime(2026, 11, 16, 6, tzinfo=UTC)
"""In Minsk, three hours ahead."""


@pytest.mark.parametrize(
    ("chosen", "since", "until"),
    [
        (Chosen.TODAY, TODAY, TODAY),
        (Chosen.YESTERDAY, date(2026, 2, 28), date(2026, 2, 28)),
        (Chosen.WEEK, date(2026, 2, 23), TODAY),
        (Chosen.MONTH, TODAY, TODAY),
        (Chosen.PREVIOUS_MONTH, date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_name_of_a_period_means_these_days(chosen: str, since: date, until: date) -> None:
    assert period_of(chosen, TODAY) == Period(since, until)


def test_dates_are_taken_as_they_are_up_to_what_is_kept() -> None:
    first = TODAY - timedelta(days=LONGEST)

    assert period_of(Chosen.DATES, TODAY, first, TODAY) == Period(first, TODAY)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (None, TODAY),
        (TODAY, None),
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY, TODAY + timedelta(days=1)),
        (TODAY - timedelta(days=LONGEST + 1), TODAY),
        (date(1, 1, 1), TODAY),
        (TODAY, date(9999, 12, 31)),
    ],
)
def test_dates_of_which_nothing_can_be_told_are_refused(since: date | None, until: date | None) -> None:
    with pytest.raises(ValidationError):
        period_of(Chosen.DATES, TODAY, since, until)


def test_a_day_begins_and_ends_at_midnight_of_the_site_whoever_looks() -> None:
    with timezone.override("Asia/Tokyo"):
        period = Period(TODAY, TODAY)
        assert period.begins == datetime(2026, 2, 28, 21, tzinfo=UTC)
        assert period.ends == datetime(2026, 3, 1, 21, tzinfo=UTC)
        assert site_day(datetime(2026, 2, 28, 20, 59, tzinfo=UTC)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("every", "after", "following"),
    [
        (Every.DAY, MONDAY_NINE - timedelta(seconds=1), MONDAY_NINE),
        (Every.DAY, MONDAY_NINE, MONDAY_NINE + timedelta(days=1)),
        (Every.WEEK, MONDAY_NINE - timedelta(days=1), MONDAY_NINE),
        (Every.WEEK, MONDAY_NINE, MONDAY_NINE + timedelta(days=7)),
        (Every.MONTH, MONDAY_NINE, datetime(2026, 12, 1, 6, tzinfo=UTC)),
        (Every.MONTH, datetime(2026, 12, 1, 6, tzinfo=UTC), datetime(2027, 1, 1, 6, tzinfo=UTC)),
    ],
)
def test_the_next_e_mail_comes_at_the_hour_of_the_site(every: str, after: datetime, following: datetime) -> None:
    with timezone.override("Asia/Tokyo"):
        assert next_sending(every, 0, 9, after) == following


@pytest.mark.parametrize(
    ("every", "since", "until"),
    [
        (Every.DAY, date(2026, 11, 15), date(2026, 11, 15)),
        (Every.WEEK, date(2026, 11, 9), date(2026, 11, 15)),
        (Every.MONTH, date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_an_e_mail_tells_of_the_days_before_it_was_due(every: str, since: date, until: date) -> None:
    assert told_period(every, 0, 9, MONDAY_NINE) == Period(since, until)


def test_an_e_mail_that_comes_late_tells_of_the_same_days() -> None:
    late = MONDAY_NINE + timedelta(days=2, hours=5)

    assert told_period(Every.WEEK, 0, 9, late) == Period(date(2026, 11, 9), date(2026, 11, 15))
    assert told_period(Every.DAY, 0, 9, late) == Period(date(2026, 11, 17), date(2026, 11, 17))
    assert told_period(Every.DAY, 0, 23, late) == Period(date(2026, 11, 16), date(2026, 11, 16))


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (date(2026, 11, 9), date(2026, 11, 9), "9 ноября 2026"),
        (date(2026, 11, 9), date(2026, 11, 15), "9–15 ноября 2026"),
        (date(2026, 10, 25), date(2026, 11, 3), "25 октября – 3 ноября 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 декабря 2025 – 4 января 2026"),
    ],
)
def test_days_are_said_as_people_say_them(since: date, until: date, words: str) -> None:
    assert str(Period(since, until)) == words
