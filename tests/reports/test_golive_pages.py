"""Who may try which channel with which car, and the pages for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cms.users.models import User
from integrations.publications.models import Channel, Choice
from integrations.reports.golive import runs as golive
from integrations.reports.models import GoLiveRun
from listings.lifecycle import publish_listing
from tests.factories import DealerFactory, member, staff

from .trying import Make, begin, engine, passed, reread

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_two_do_not_try_one_channel_at_a_time(off: Channel, manager: User, make_listing: Make) -> None:
    first, second = make_listing(), make_listing()
    for car in (first, second):
        publish_listing(car)
    golive.start(off, manager, first.pk)
    with pytest.raises(ValidationError, match="already"):
        golive.start(off, manager, second.pk)


def test_a_car_of_which_somebody_has_decided_is_not_offered(off: Channel, manager: User, make_listing: Make) -> None:
    planned, free = make_listing(), make_listing()
    for car in (planned, free):
        publish_listing(car)
    Choice.objects.create(channel=off, listing=planned, wanted=True, not_before=timezone.now() + timedelta(days=1))
    assert [car.listing_id for car in golive.cars_to_try(off, manager, "")] == [free.pk]
    with pytest.raises(ValidationError):
        golive.start(off, manager, planned.pk)


def test_only_who_keeps_the_channels_lets_one_loose_and_only_after_it_has_passed(
    off: Channel, manager: User, boss: User, make_listing: Make
) -> None:
    listing = make_listing()
    publish_listing(listing)
    with pytest.raises(ValidationError, match="First try"):
        golive.let_loose(off, boss)
    passed(off, manager, listing)
    with pytest.raises(PermissionDenied):
        golive.let_loose(off, manager)
    golive.let_loose(off, boss)
    off.refresh_from_db()
    assert off.automatic


def test_nobody_tries_a_foreign_channel_or_a_foreign_car(
    off: Channel, manager: User, make_listing: Make, client: Client
) -> None:
    stranger = member(DealerFactory(slug="foreign"), username="stranger")
    listing = make_listing()
    publish_listing(listing)
    with pytest.raises(PermissionDenied):
        golive.start(off, stranger, listing.pk)
    client.force_login(stranger)
    assert client.get(reverse("reports_golive", args=[off.pk])).status_code == 404
    assert off.name not in client.get(reverse("reports_golive_list")).content.decode()
    off.dealer = None
    off.save()
    # The group's own channel is not a dealer's to try.
    with pytest.raises(PermissionDenied):
        golive.start(off, manager, listing.pk)
    client.force_login(staff("marketer"))
    assert client.get(reverse("reports_golive_list")).status_code != 200


def test_the_pages_and_their_buttons(off: Channel, manager: User, make_listing: Make, client: Client) -> None:
    listing = make_listing(2)
    publish_listing(listing)
    client.force_login(manager)

    def press(verb: str, **data: Any) -> str:
        answer = client.post(reverse("reports_golive_act", args=[off.pk, verb]), data, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert off.name in client.get(reverse("reports_golive_list")).content.decode()
    press("switch-on")
    assert listing.make.name in client.get(reverse("reports_golive", args=[off.pk]), {"q": "X5"}).content.decode()
    press("start", listing="foolish")
    assert not GoLiveRun.objects.exists()
    press("start", listing=listing.pk)
    press("check")
    press("send")
    engine(off)
    assert "golive__stage--done" in press("vouch", stage="gone", words="weg")
    assert not reread(off).notes.filter(stage="gone").exists()
    press("vouch", stage="seen\0", words="\0", address="\0")
    press("withdraw")
    press("stop")
    assert client.get(reverse("reports_golive", args=[off.pk]), {"q": "\0' OR 1=1"}).status_code == 200
    assert client.post(reverse("reports_golive_act", args=[off.pk, "nonsense"])).status_code == 404
    assert client.get(reverse("reports_golive_act", args=[off.pk, "send"])).status_code == 405


def test_the_page_costs_the_same_however_long_it_has_been_tried(
    off: Channel, boss: User, make_listing: Make, client: Client
) -> None:
    listing = make_listing()
    publish_listing(listing)
    client.force_login(boss)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("reports_golive", args=[off.pk]))
        return len(captured)

    def ended(count: int) -> None:
        for _run in range(count):
            golive.stop(begin(off, boss, listing), boss)

    ended(1)
    begin(off, boss, listing)
    queries()
    few = queries()
    golive.stop(reread(off), boss)
    ended(8)
    begin(off, boss, listing)
    assert queries() == few


def test_the_channel_s_page_says_when_it_last_passed(
    off: Channel, manager: User, make_listing: Make, admin_client: Client
) -> None:
    listing = make_listing()
    publish_listing(listing)
    page = reverse("channel:edit", args=[off.pk])
    assert "Last passed" not in admin_client.get(page).content.decode()
    passed(off, manager, listing)
    with translation.override("en"):
        assert GoLiveRun.objects.get().passed
    content = admin_client.get(page).content.decode()
    assert reverse("reports_golive", args=[off.pk]) in content
