"""Feeds over real HTTP: asked in their time, only when they changed, never without the right, and never silently."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from cms.users.models import User
from listings.exchange import engine, feeds, jobs, rows
from listings.exchange.errors import FileError
from listings.exchange.states import FeedSchedule, ImportState
from listings.models import Dealer, Feed, FeedListing, Import, Listing, PhotoDownload
from tests.factories import (
    CarModelFactory,
    DealerFactory,
    ExchangeRateFactory,
    ListingFactory,
    MakeFactory,
    member,
)
from tests.web import Pages

from .importing import car, table

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "files"


@pytest.fixture(autouse=True)
def _own_folders(import_files: None) -> None:
    pass


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory()
    return DealerFactory()


@pytest.fixture
def user(dealer: Dealer) -> User:
    return member(dealer)


def feed_of(user: User, address: str, **values: Any) -> Feed:
    dealer = user.dealer_members.get().dealer
    return Feed.objects.create(dealer=dealer, user=user, name="1С", address=address, **values)


def pulled(feed: Feed) -> Import:
    job = feeds.pull(feed)
    engine.work(job.pk)
    job.refresh_from_db()
    return job


def archived() -> int:
    return Listing.objects.filter(archived_at__isnull=False).count()


def test_a_feed_is_fetched_checked_and_loaded_by_itself(user: User, web: Pages) -> None:
    feed = feed_of(user, web.add("/cars.csv", table([car("A-1"), car("A-2")])))

    job = pulled(feed)

    assert (job.state, job.counts, job.feed, job.user) == (ImportState.DONE, {"create": 2}, feed, user)
    assert FeedListing.objects.filter(feed=feed).count() == 2
    assert not Listing.objects.filter(live=True).exists()


def test_a_file_that_has_not_changed_is_not_loaded_again(user: User, web: Pages) -> None:
    feed = feed_of(user, web.add("/cars.csv", table([car("A-1")]), ETag='"1"'))
    pulled(feed)

    job = pulled(feed)

    assert (job.state, job.counts) == (ImportState.UNCHANGED, {})
    web.add("/cars.csv", table([car("A-1", Цена="80000")]), ETag='"2"')
    assert pulled(feed).counts == {"change": 1}


def test_a_run_that_failed_is_not_taken_for_loaded(user: User, web: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = feed_of(user, web.add("/cars.csv", table([car("A-1")]), ETag='"1"'))
    with monkeypatch.context() as broken:
        broken.setattr(rows, "write", lambda *args: 1 / 0)
        assert pulled(feed).state == ImportState.FAILED

    assert pulled(feed).counts == {"create": 1}


@pytest.mark.parametrize("broken", ["missing", "no list", "no key", "private", "endless"])
def test_a_feed_that_fails_says_so_in_words_and_by_mail(
    user: User, web: Pages, broken: str, django_capture_on_commit_callbacks: Any
) -> None:
    address = {
        "missing": lambda: web.url + "/none.csv",
        "no list": lambda: web.add("/cars.xml", b"<html><body>Service unavailable</body></html>"),
        "no key": lambda: web.add("/cars.csv", "Марка;Модель\r\nBMW;X5\r\n".encode()),
        "private": lambda: "http://10.0.0.1/cars.xml",
        "endless": lambda: web.redirect("/cars.xml", web.url + "/cars.xml"),
    }[broken]()

    with django_capture_on_commit_callbacks(execute=True):
        job = pulled(feed_of(user, address))

    assert job.state == (ImportState.MAPPING if broken == "no key" else ImportState.FAILED)
    assert bool(job.error) == (broken != "no key")
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert "1С" in mail.outbox[0].subject
    assert f"/{job.pk}/" in mail.outbox[0].body
    assert not Listing.objects.exists()


@pytest.mark.parametrize(("name", "external_id"), [("autoru.xml", "1042"), ("maxposter.xml", "77")])
def test_the_xml_of_marketplaces_needs_no_meaning_of_columns(
    user: User, web: Pages, name: str, external_id: str
) -> None:
    CarModelFactory(make=MakeFactory(slug="volkswagen", name="Volkswagen"), name="Polo")
    ExchangeRateFactory()
    job = pulled(feed_of(user, web.add(f"/{name}", (FILES / name).read_bytes())))

    row = job.rows.get(external_id=external_id)
    assert row.errors == []
    assert (job.state, row.outcome) == (ImportState.DONE, "create")
    assert PhotoDownload.objects.filter(listing=row.listing).exists()


def test_a_redirected_feed_is_followed(user: User, web: Pages) -> None:
    there = web.add("/there.csv", table([car("A-1")]))

    assert pulled(feed_of(user, web.redirect("/cars.csv", there))).state == ImportState.DONE


def test_cars_that_left_the_feed_are_archived_and_come_back(user: User, dealer: Dealer, web: Pages) -> None:
    by_hand = ListingFactory(dealer=dealer, external_id="by hand")
    cars = [car(f"A-{number}") for number in range(6)]
    feed = feed_of(user, web.add("/cars.csv", table(cars)), archive_vanished=True, submit=True)
    pulled(feed)

    web.add("/cars.csv", table(cars[1:]))
    job = pulled(feed)
    gone = Listing.objects.get(archived_at__isnull=False)
    assert (job.state, job.vanished, gone.external_id) == (ImportState.DONE, 1, "A-0")

    web.add("/cars.csv", table(cars))
    pulled(feed)
    gone.refresh_from_db()
    by_hand.refresh_from_db()
    assert (gone.archived_at, by_hand.archived_at) == (None, None)
    assert gone.current_workflow_state is not None


@pytest.mark.parametrize("proceed", [True, False])
def test_a_feed_that_would_archive_too_many_stops_and_asks(
    user: User, web: Pages, proceed: bool, django_capture_on_commit_callbacks: Any
) -> None:
    cars = [car(f"A-{number}") for number in range(5)]
    feed = feed_of(user, web.add("/cars.csv", table(cars)), archive_vanished=True)
    pulled(feed)
    web.add("/cars.csv", table([car(f"A-{number}", Цена="80000") for number in range(3)]))

    with django_capture_on_commit_callbacks(execute=True):
        job = pulled(feed)

    assert (job.state, job.vanished, archived()) == (ImportState.WAITING, 2, 0)
    assert not Listing.objects.filter(price=80_000).exists()
    assert len(mail.outbox) == 1
    with pytest.raises(FileError):
        feeds.pull(feed)
    jobs.decide(job, proceed)
    engine.work(job.pk)
    assert archived() == (2 if proceed else 0)
    assert Listing.objects.filter(price=80_000).count() == 3


def test_a_feed_ends_with_the_rights_of_who_set_it_up(user: User, web: Pages) -> None:
    feed = feed_of(user, web.add("/cars.csv", table([car("A-1")])), publish=True)
    user.dealer_members.all().delete()

    job = pulled(feed)

    assert job.state == ImportState.FAILED
    assert (web.asked, Listing.objects.count()) == ([], 0)


def test_only_feeds_whose_time_has_come_are_pulled(user: User, web: Pages) -> None:
    address = web.add("/cars.csv", table([car("A-1")]))
    now = timezone.now()
    due = feed_of(user, address)
    feed_of(user, address + "?2", next_at=now + timedelta(minutes=5))
    feed_of(user, address + "?3", enabled=False)

    call_command("pull_feeds")
    assert feeds.pull_due(now) == 0

    due.refresh_from_db()
    assert now <= due.next_at - timedelta(hours=1) <= timezone.now()
    assert Import.objects.get().feed == due
    assert feeds.pull_due(now + timedelta(hours=2)) == 1, "the one that is still being fetched is left out"


@pytest.mark.parametrize(
    ("now", "expected"),
    [((2026, 11, 23, 3, 59), (2026, 11, 23, 4, 0)), ((2026, 11, 23, 4, 0), (2026, 11, 24, 4, 0))],
)
def test_a_daily_feed_is_pulled_at_its_hour(now: Any, expected: Any) -> None:
    here = ZoneInfo(timezone.get_default_timezone_name())
    feed = Feed(schedule=FeedSchedule.DAILY, at=time(4, 0))

    assert feeds.next_time(feed, datetime(*now, tzinfo=here)) == datetime(*expected, tzinfo=here)
