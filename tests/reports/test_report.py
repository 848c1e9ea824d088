"""The report of publications: exact counts by channel, dealer, day and car, and nobody else's."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.monitoring.models import PublicationDay
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Operation, Result, State
from integrations.reports.summary.counting import Scope, of_dealer, published_by_day
from integrations.reports.summary.lines import Line, all_lines, cars_in, lines_of_cars, report, total_of
from integrations.reports.summary.periods import Period
from integrations.reports.vocabulary import GroupBy
from listings.models import Listing, PublishedListing
from tests.factories import DealerFactory
from tests.reports.attempts import attempt

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]

NOON = datetime(2026, 11, 10, 9, tzinfo=UTC)
"""Of a Tuesday in Minsk."""
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
LATER = NOON + timedelta(days=30)


def scope(period: Period = WEEK, now: datetime = LATER) -> Scope:
    return Scope(Publication.objects.all(), period, now)


def the_line(group_by: str = GroupBy.CHANNEL, **kwargs: Any) -> Line:
    [line], _total = report(scope(**kwargs), group_by)
    return line


# --- What was done --------------------------------------------------------------------------------
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
    assert published_by_day(scope()) == {date(2026, 11, 10): 1}


def test_every_result_has_its_column(publish: Publish) -> None:
    row = publish()
    for operation, result in (
        (Operation.CREATE, Result.DONE), (Operation.UPDATE, Result.DONE), (Operation.UPDATE, Result.DONE),
        (Operation.WITHDRAW, Result.DONE), (Operation.CREATE, Result.INVALID), (Operation.CREATE, Result.UNCERTAIN),
        (Operation.WITHDRAW, Result.MANUAL), (Operation.CREATE, Result.WAITING),
        (Operation.CREATE, Result.RATE_LIMITED), (Operation.CREATE, Result.RETRY),
    ):  # fmt: skip
        attempt(row, operation, NOON, result)

    line = the_line()

    assert (line.published, line.updated, line.withdrawn, line.refused, line.unclear) == (1, 2, 1, 1, 2)
    assert (line.attempts, line.judged, line.success) == (10, 8, 50.0)


def test_the_period_ends_at_midnight_of_the_site(publish: Publish) -> None:
    row = publish()
    for moment in (WEEK.begins - timedelta(seconds=1), WEEK.begins, WEEK.ends - timedelta(seconds=1), WEEK.ends):
        attempt(row, Operation.UPDATE, moment)

    assert the_line().updated == 2


@pytest.mark.parametrize(
    ("waits", "median"), [([7], 7), ([1, 100], 50.5), ([5, 1, 900], 5), ([4, 1, 2, 900], 3), ([3, 3, 3, 3, 3], 3)]
)
def test_the_time_to_publish_is_the_median_of_posts_made(publish: Publish, waits: list[float], median: float) -> None:
    row = publish()
    for waited in waits:
        attempt(row, Operation.CREATE, NOON, waited=waited)
    attempt(row, Operation.CREATE, NOON, Result.RETRY, waited=5000)
    attempt(row, Operation.UPDATE, NOON, waited=5000)

    [line], total = report(scope(), GroupBy.CHANNEL)

    assert (line.took, total.took) == (timedelta(seconds=median), timedelta(seconds=median))


# --- What stands there ----------------------------------------------------------------------------
def stands(row: Publication, since: datetime | None) -> None:
    Publication.objects.filter(pk=row.pk).update(published_at=since)


def test_what_stands_at_the_end_is_reckoned_from_what_was_done_since(publish: Publish) -> None:
    before, after = WEEK.begins - timedelta(days=3), WEEK.ends + timedelta(days=3)
    for _ in range(2):
        stands(publish(), before)
    came_later, went_later, renewed_later, gone = publish(), publish(), publish(), publish()
    stands(came_later, after)
    attempt(came_later, Operation.CREATE, after)
    attempt(went_later, Operation.CREATE, before)
    attempt(went_later, Operation.WITHDRAW, after)
    stands(renewed_later, after)
    attempt(renewed_later, Operation.WITHDRAW, after)
    attempt(renewed_later, Operation.CREATE, after)
    attempt(gone, Operation.CREATE, before)
    attempt(gone, Operation.WITHDRAW, WEEK.begins)

    assert the_line().standing == 4
    now = the_line(period=Period(WEEK.since, date(2026, 12, 10)), now=datetime(2026, 12, 10, 9, tzinfo=UTC))
    assert now.standing == 4
    assert [line.standing for line in report(scope(), GroupBy.DAY)[0]] == [4] * 7


def test_days_show_how_many_stood_there_each_evening(publish: Publish) -> None:
    first, second = publish(), publish()
    attempt(first, Operation.CREATE, NOON)
    attempt(first, Operation.WITHDRAW, NOON + timedelta(days=3))
    attempt(second, Operation.CREATE, NOON + timedelta(days=1))
    stands(second, NOON + timedelta(days=1))

    lines, total = report(scope(), GroupBy.DAY)

    assert [line.standing for line in lines] == [0, 1, 2, 2, 1, 1, 1]
    assert [line.published for line in lines] == [0, 1, 1, 0, 0, 0, 0]
    assert (total.standing, total.published, total.withdrawn) == (1, 2, 1)


def test_what_needs_a_person_is_counted_as_it_is_now(publish: Publish) -> None:
    Publication.objects.filter(pk=publish().pk).update(state=State.FAILED)
    publish()

    assert the_line().troubled == 1


# --- What platforms tell --------------------------------------------------------------------------
def day(row: Publication, of: date, **figures: int) -> None:
    PublicationDay.objects.create(publication=row, day=of, at=NOON, **figures)


def test_figures_are_what_was_added_in_the_period(publish: Publish) -> None:
    row = publish()
    stands(row, NOON - timedelta(days=40))
    day(row, date(2026, 11, 1), views=100, likes=4)
    day(row, date(2026, 11, 8), views=120)
    day(row, date(2026, 11, 10), views=150, likes=5)
    day(row, date(2026, 11, 15), views=180)
    day(row, date(2026, 11, 16), views=999, comments=7)

    line = the_line()

    assert (line.views, line.likes, line.comments) == (60, 1, None)


def test_a_new_post_counts_from_nought(publish: Publish) -> None:
    row = publish()
    stands(row, NOON)
    day(row, date(2026, 11, 8), views=120)
    day(row, date(2026, 11, 12), views=150)

    assert the_line().views == 150


def test_a_post_made_anew_before_the_period_has_nothing_of_the_old_one(publish: Publish) -> None:
    row = publish()
    stands(row, NOON - timedelta(days=5))
    for number, views in ((4, 900), (8, 10), (12, 25)):
        day(row, date(2026, 11, number), views=views)

    assert the_line().views == 15


def test_likes_may_be_taken_back(publish: Publish) -> None:
    row = publish()
    stands(row, NOON - timedelta(days=40))
    day(row, date(2026, 11, 1), likes=5)
    day(row, date(2026, 11, 12), likes=3)

    assert the_line().likes == -2


def test_the_figures_of_a_post_that_is_gone_still_count(publish: Publish) -> None:
    row = publish()
    day(row, date(2026, 11, 1), views=5)
    day(row, date(2026, 11, 12), views=30)

    assert the_line().views == 25


def test_what_the_platform_does_not_tell_is_not_nought(publish: Publish, channel: Channel) -> None:
    row, silent = publish(), publish()
    for post in (row, silent):
        stands(post, NOON)
    day(row, date(2026, 11, 12), views=0)

    lines = lines_of_cars(scope(), cars_in(scope()))

    assert sorted((line.views for line in lines), key=str) == [0, None]
    assert total_of(scope()).views == 0


# --- Lines ----------------------------------------------------------------------------------------
def test_dealers_have_lines_of_their_own_after_the_car_was_deleted_too(publish: Publish) -> None:
    first = publish()
    second = publish()
    other = DealerFactory(slug="other", name="Другой салон")
    Listing.objects.filter(pk=second.document.listing_id).update(dealer=other)
    third = publish()
    PublishedListing.objects.filter(pk=third.document_id).update(listing=None)
    for row in (first, second, third):
        attempt(row, Operation.CREATE, NOON)

    lines, total = report(scope(), GroupBy.DEALER)

    assert [(line.name, line.published) for line in lines] == [("Автосалон", 2), ("Другой салон", 1)]
    assert total.published == 3
    assert of_dealer(Publication.objects.all(), "avtosalon").count() == 2


def test_cars_are_listed_if_something_was_done_or_they_stand_there(publish: Publish) -> None:
    worked_on, standing, _neither = publish(year=2018), publish(year=2019), publish(year=2020)
    attempt(worked_on, Operation.CREATE, NOON, Result.INVALID)
    stands(standing, NOON - timedelta(days=50))

    lines = list(all_lines(scope(), GroupBy.CAR))

    assert [(line.name[-4:], line.refused, line.standing) for line in lines[:2]] == [("2018", 1, 0), ("2019", 0, 1)]
    assert (len(lines), lines[2].refused, lines[2].standing) == (3, 1, 1)


def test_a_channel_in_which_nothing_was_and_is_has_no_line(publish: Publish) -> None:
    publish()

    lines, total = report(scope(), GroupBy.CHANNEL)

    assert lines == []
    assert (total.attempts, total.success, total.took, total.views) == (0, None, None, None)


@pytest.mark.parametrize("group_by", GroupBy.values)
def test_the_number_of_queries_does_not_grow(publish: Publish, group_by: str) -> None:
    def work() -> int:
        row = publish()
        stands(row, NOON)
        attempt(row, Operation.CREATE, NOON)
        day(row, date(2026, 11, 12), views=1)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            list(all_lines(scope(), group_by))
        return len(queries)

    counted = [work() for _ in range(4)]

    assert len(set(counted)) == 1
    assert counted[0] <= 10
