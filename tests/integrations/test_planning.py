"""Cars are planned for a time, or spread over days, within each channel's hours and limits."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.users.models import User
from integrations.publications import planning
from integrations.publications.models import Campaign, Channel, Choice, Publication
from integrations.publications.planning import Timing
from integrations.publications.vocabulary import State
from listings.lifecycle import publish_listing
from listings.models import ChangeLogEntry, Listing
from listings.vocabulary import MemberRole
from tests.factories import DealerFactory, member, staff

from .conftest import Clock, World, work

pytestmark = pytest.mark.django_db

Make = Callable[..., Listing]


def at(days: int, hour: int, minute: int = 0) -> datetime:
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@pytest.fixture
def quiet(channel: Channel) -> Channel:
    """Publishes only what somebody has put into it."""
    channel.automatic = False
    channel.save()
    return channel


@pytest.fixture
def cars(quiet: Channel, make_listing: Make) -> list[Listing]:
    found = [make_listing() for _car in range(3)]
    for car in found:
        publish_listing(car)
    return found


def ask(client: Client, cars: list[Listing], **data: Any) -> Any:
    query = "&".join(f"id={car.pk}" for car in cars)
    url = reverse("wagtail_bulk_action", args=["listings", "listing", "plan"])
    return client.post(f"{url}?{query}&next=/admin/", data)


def test_a_planned_car_waits_for_its_time_and_is_posted_once(
    admin_client: Client, cars: list[Listing], quiet: Channel, world: World, clock: Clock
) -> None:
    when = at(2, 9)
    data = {"channels": [quiet.pk], "when": "at", "start": when.strftime("%Y-%m-%dT%H:%M")}
    page = ask(admin_client, cars[:1], **data)
    assert [slot.at for slot in page.context["slots"]] == [when]
    assert not Choice.objects.exists()

    ask(admin_client, cars[:1], **data, confirmed="1")
    row = Publication.objects.get()
    assert work(row).state == State.PENDING
    assert world.messages == []
    clock.forward_to(when)
    assert work(row, clock).state == State.PUBLISHED
    assert row.attempts.get().wanted_at == when
    assert len(world.messages) == 1
    assert quiet.name in ChangeLogEntry.objects.get(action="channels").fields["channels"][1]


def test_a_campaign_is_spread_evenly_in_the_order_of_the_cars(
    cars: list[Listing], quiet: Channel, admin_user: User
) -> None:
    timing = Timing(at(1, 9), at(4, 9))
    slots = planning.timetable(cars, [quiet], timing, timezone.now())
    assert [slot.at for slot in slots] == [at(1, 9), at(2, 9), at(3, 9)]
    assert [slot.listing for slot in slots] == cars

    campaign = planning.plan(slots, timing, admin_user, name="Неделя")
    assert campaign is not None
    assert campaign.dealer == cars[0].dealer
    assert list(Publication.objects.order_by("not_before").values_list("not_before", flat=True)) == [
        slot.at for slot in slots
    ]


def test_times_move_into_the_window_and_keep_the_limit_an_hour(cars: list[Listing], quiet: Channel) -> None:
    quiet.window_from, quiet.window_to, quiet.per_hour = time(10), time(12), 1
    slots = planning.timetable(cars, [quiet], Timing(at(1, 7)), timezone.now())
    assert [slot.at for slot in slots] == [at(1, 10), at(1, 11), at(2, 10)]


def test_the_limit_an_hour_counts_what_is_planned_for_other_cars(
    cars: list[Listing], quiet: Channel, admin_user: User
) -> None:
    quiet.per_hour = 1
    quiet.save()
    first = Timing(at(1, 9))
    planning.plan(planning.timetable(cars[:1], [quiet], first, timezone.now()), first, admin_user)

    slots = planning.timetable(cars[1:], [quiet], Timing(at(1, 8, 30)), timezone.now())
    assert [slot.at for slot in slots] == [at(1, 10), at(1, 11)]
    again = planning.timetable(cars[:1], [quiet], first, timezone.now())
    assert [slot.at for slot in again] == [at(1, 9)]


def test_what_cannot_be_planned_is_refused_in_words(
    cars: list[Listing], quiet: Channel, world: World, admin_user: User
) -> None:
    stranger = Channel.objects.create(name="Чужой", adapter="telegram", dealer=DealerFactory(slug="other"))
    Choice.objects.create(channel=quiet, listing=cars[0], wanted=True)
    planning.plan(planning.timetable(cars[:1], [quiet], Timing(), timezone.now()), Timing(), admin_user)
    work(Publication.objects.get())

    slots = planning.timetable(cars[:2], [quiet, stranger], Timing(), timezone.now())
    assert [bool(slot.refusal) for slot in slots] == [True, False, True, True]


@pytest.mark.parametrize(
    "data",
    [
        {"when": "at", "start": "2020-01-01T09:00"},
        {"when": "at", "start": "9999-12-31T23:59"},
        {"when": "at", "start": "tomorrow"},
        {"when": "at", "start": ""},
        {"when": "spread", "start": "", "end": "", "name": ""},
        {"when": "never"},
        {"when": "now", "channels": ["999999"]},
        {"when": "now", "channels": ["x"]},
        {"when": "now", "channels": []},
    ],
)
def test_hostile_plans_change_nothing(
    admin_client: Client, cars: list[Listing], quiet: Channel, data: dict[str, Any]
) -> None:
    page = ask(admin_client, cars, **({"channels": [quiet.pk], "confirmed": "1"} | data))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Choice.objects.exists()


def test_a_campaign_must_not_end_before_it_begins(cars: list[Listing], quiet: Channel) -> None:
    with pytest.raises(ValidationError):
        planning.timetable(cars, [quiet], Timing(at(2, 9), at(1, 9)), timezone.now())


def test_planning_takes_the_right_to_publish_these_very_cars(cars: list[Listing], quiet: Channel) -> None:
    slots = planning.timetable(cars, [quiet], Timing(), timezone.now())
    for user in (staff("sales_manager"), member(DealerFactory(slug="other"))):
        with pytest.raises(PermissionDenied):
            planning.plan(slots, Timing(), user)
    assert not Choice.objects.exists()
    assert not Campaign.objects.exists()


def test_a_timetable_takes_a_constant_number_of_queries(cars: list[Listing], quiet: Channel) -> None:
    quiet.per_hour = 5

    def count(rows: list[Listing]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            planning.timetable(rows, [quiet], Timing(at(1, 9)), timezone.now())
        return len(queries)

    assert count(cars[:1]) == count(cars) == 3


def test_the_cars_page_leads_to_the_plan(admin_client: Client, cars: list[Listing]) -> None:
    page = admin_client.get(reverse("listing_places", args=[cars[0].pk]))
    link = next(link for link in page.context["links"] if link.label == "Запланировать публикацию")
    assert admin_client.get(link.url).context["cars"] == cars[:1]


def test_a_dealers_person_plans_his_own_cars_in_channels_open_to_him(
    client: Client, cars: list[Listing], quiet: Channel
) -> None:
    other = DealerFactory(slug="other")
    strangers = Channel.objects.create(name="Чужой", adapter="telegram", dealer=other)
    closed = Channel.objects.create(name="Не для всех", adapter="telegram", rules={"dealers": ["other"]})
    client.force_login(member(cars[0].dealer))
    when = {"when": "spread", "start": at(1, 9).strftime("%Y-%m-%dT%H:%M"), "end": at(4, 9).strftime("%Y-%m-%dT%H:%M")}

    page = ask(client, cars, channels=[strangers.pk, closed.pk], name="Неделя", confirmed="1", **when)
    assert page.context["form"].errors["channels"]
    assert strangers.name not in page.content.decode()
    assert closed.name not in page.content.decode()
    ask(client, cars, channels=[quiet.pk], name="Неделя", confirmed="1", **when)
    campaign = Campaign.objects.get()
    assert campaign.choices.count() == 3

    client.force_login(member(other))
    address = reverse("publications_campaign", args=[campaign.pk])
    assert client.get(address).status_code == 404
    assert "Неделя" not in client.get(reverse("publications_campaigns")).content.decode()
    assert ask(client, cars, channels=[quiet.pk], when="now", confirmed="1").status_code == 404


def test_an_agent_does_not_plan(client: Client, cars: list[Listing], quiet: Channel) -> None:
    agent = member(cars[0].dealer, MemberRole.AGENT)
    Listing.objects.filter(pk=cars[0].pk).update(agent=agent)
    slots = planning.timetable(cars[:1], [quiet], Timing(), timezone.now())
    with pytest.raises(PermissionDenied):
        planning.plan(slots, Timing(), agent)


def test_a_dealers_person_does_not_put_back_what_the_group_keeps_out(cars: list[Listing], quiet: Channel) -> None:
    Choice.objects.create(channel=quiet, listing=cars[0], wanted=False)
    slots = planning.timetable(cars, [quiet], Timing(), timezone.now())
    with pytest.raises(ValidationError):
        planning.plan(slots, Timing(), member(cars[0].dealer))
    assert not Choice.objects.filter(wanted=True).exists()
    planning.plan(slots, Timing(), staff("moderator"))
    assert Choice.objects.filter(wanted=True).count() == 3
