"""The timeline of a car: everything, newest first, whole days, a page at a time, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cms.users.models import User
from integrations.monitoring.following import follow
from integrations.publications import decisions
from integrations.publications.models import Channel, Choice, Publication, PublicationAttempt
from integrations.reports.cars import timeline as source
from integrations.reports.cars.timeline import Event, timeline
from listings.lifecycle import publish_listing
from listings.models import Listing
from tests.factories import DealerFactory, member
from tests.integrations.conftest import work

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def events(listing: Listing, reader: Any, **asked: Any) -> list[Event]:
    return [event for _day, rows in timeline(listing, reader, **asked).days for event in rows]


def titles(listing: Listing, reader: Any, **asked: Any) -> list[str]:
    return [str(event.title) for event in events(listing, reader, **asked)]


def test_a_car_s_life_is_told_newest_first(publish: Publish, boss: User) -> None:
    row = work(publish())
    listing = row.document.listing
    assert listing is not None
    follow(timezone.now())
    listing.price = 93_000
    listing.save_revision()
    publish_listing(listing, boss)
    Publication.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    row = work(row)
    decisions.withdraw(row, boss)
    row = work(row)
    follow(timezone.now())
    found = titles(listing, boss)
    for told in ("Publish: done", "Update: done", "Withdraw: done", "Checked after the withdrawal: it is gone"):
        assert any(title.startswith(told) for title in found), found
    assert [title for title in found if title.startswith("Price on the site")] == [
        "Price on the site: 93,000\N{NO-BREAK SPACE}BYN", "Price on the site: 95,000\N{NO-BREAK SPACE}BYN",
    ]  # fmt: skip
    moments = [event.at for event in events(listing, boss)]
    assert moments == sorted(moments, reverse=True)
    decided = next(event for event in events(listing, boss) if event.who == "Ольга Главная" and event.channel)
    assert decided.title == "Withdrawn by a person"
    created = next(event for event in events(listing, boss) if str(event.title).startswith("Publish: done"))
    assert created.address.startswith("http")


def test_one_channel_alone_tells_nothing_of_the_car_itself(publish: Publish, boss: User) -> None:
    row = work(publish())
    listing = row.document.listing
    assert listing is not None
    other = Channel.objects.create(name="Другой", adapter=row.channel.adapter, settings=row.channel.settings)
    second = Publication.objects.create(document=row.document, channel=other, desired="present", desired_version=1)
    add_attempts(second, 1)
    assert {event.channel for event in events(listing, boss, channel=other.pk)} == {"Другой"}
    assert len(events(listing, boss, channel=other.pk)) == 1
    assert not [event for event in events(listing, boss, channel=row.channel_id) if not event.channel]


def add_attempts(row: Publication, count: int, *, apart: timedelta = timedelta(minutes=1)) -> None:
    start = timezone.now() - timedelta(days=3)
    PublicationAttempt.objects.bulk_create(
        PublicationAttempt(
            publication=row, operation="update", wanted_at=start, started_at=start + apart * number,
            finished_at=start + apart * number + timedelta(seconds=1), result="done",
            request_id=f"00000000-0000-0000-0000-{number:012}",
        )
        for number in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta()])
def test_pages_follow_each_other_without_a_gap(
    publish: Publish, boss: User, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    row = publish()
    monkeypatch.setattr(source, "PER_PAGE", 7)
    add_attempts(row, 7 if apart == timedelta() else 20, apart=apart)
    seen, before = 0, None
    for _page in range(10):
        page = timeline(row.document.listing, boss, channel=row.channel_id, before=before)  # type: ignore[arg-type]
        seen += sum(len(rows) for _day, rows in page.days)
        if not page.older:
            break
        before = source.read_cursor(page.older)
    assert seen == row.attempts.count()


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 17, "9" * 18, "١٢", ""])
def test_a_foolish_cursor_does_no_harm(publish: Publish, admin_client: Client, cursor: str) -> None:
    listing = publish().document.listing_id
    answer = admin_client.get(reverse("reports_timeline", args=[listing]), {"before": cursor, "channel": cursor})
    assert answer.status_code == 200


def test_plans_stand_above(publish: Publish, boss: User) -> None:
    row = publish()
    Choice.objects.create(
        channel=row.channel, listing=row.document.listing, wanted=True, not_before=timezone.now() + timedelta(days=2)
    )
    page = timeline(row.document.listing, boss)  # type: ignore[arg-type]
    assert [event.channel for event in page.planned] == [row.channel.name]


def test_the_page_costs_the_same_however_much_has_happened(publish: Publish, admin_client: Client) -> None:
    row = publish()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse("reports_timeline", args=[row.document.listing_id]))
        return len(captured)

    add_attempts(row, 3)
    queries()
    few = queries()
    row.attempts.all().delete()
    add_attempts(row, 300)
    assert queries() == few


def test_a_dealer_reads_no_foreign_name_and_no_foreign_car(publish: Publish, client: Client, boss: User) -> None:
    row = work(publish())
    listing = row.document.listing
    assert listing is not None
    decisions.withdraw(row, boss)
    own = member(listing.dealer, username="own", first_name="Иван", last_name="Свой")
    client.force_login(own)
    page = client.get(reverse("reports_timeline", args=[listing.pk]))
    assert page.status_code == 200
    assert "Ольга" not in page.content.decode()
    with translation.override("en"):
        assert "a colleague" in [event.who for event in events(listing, own)]
    client.force_login(member(DealerFactory(slug="foreign"), username="foreign"))
    assert client.get(reverse("reports_timeline", args=[listing.pk])).status_code == 404


def test_the_car_s_page_leads_there(publish: Publish, admin_client: Client) -> None:
    listing = publish().document.listing_id
    page = admin_client.get(reverse("listing_places", args=[listing])).content.decode()
    assert reverse("reports_timeline", args=[listing]) in page
