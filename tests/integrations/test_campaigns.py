"""What becomes of a campaign: progress, moved and dropped entries, the stop."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.users.models import User
from integrations.publications import campaigns, planning
from integrations.publications.models import Campaign, Channel, Publication
from integrations.publications.planning import Timing
from integrations.publications.vocabulary import State
from listings.lifecycle import publish_listing
from listings.models import Listing
from tests.factories import DealerFactory, member, staff

from .conftest import Clock, World, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(channel: Channel, make_listing: Callable[..., Listing], admin_user: User) -> Campaign:
    channel.automatic = False
    channel.save()
    cars = [make_listing() for _car in range(3)]
    for car in cars:
        publish_listing(car)
    return started(cars, channel, admin_user)


def started(cars: list[Listing], channel: Channel, user: User) -> Campaign:
    now = timezone.now()
    timing = Timing(now + timedelta(hours=1), now + timedelta(days=3))
    found = planning.plan(planning.timetable(cars, [channel], timing, now), timing, user, name="Неделя BMW")
    assert found is not None
    return found


def first_published(campaign: Campaign, clock: Clock) -> Publication:
    row = Publication.objects.order_by("not_before")[0]
    assert row.not_before is not None
    clock.forward_to(row.not_before)
    return work(row, clock)


def test_progress_is_shown_and_a_stop_keeps_the_rest_out(
    admin_client: Client, campaign: Campaign, clock: Clock, world: World
) -> None:
    first_published(campaign, clock)
    page = admin_client.get(reverse("publications_campaigns"))
    assert [line[1:] for line in page.context["lines"]] == [(3, 1, 0)]

    admin_client.post(reverse("publications_stop_campaign", args=[campaign.pk]))
    clock.forward(days=5)
    for row in Publication.objects.all():
        work(row, clock)
    assert sorted(Publication.objects.values_list("state", flat=True)) == ["published", "withdrawn", "withdrawn"]
    assert len(world.present) == 1


def test_entries_are_moved_and_dropped_but_not_what_is_published(
    admin_client: Client, campaign: Campaign, clock: Clock, admin_user: User
) -> None:
    first_published(campaign, clock)
    done, second, third = (entry.choice for entry in campaigns.entries_of(campaign.choices.all()))
    later = (timezone.localtime() + timedelta(days=9)).replace(second=0, microsecond=0)
    admin_client.post(
        reverse("publications_change_entry", args=[second.pk, "move"]), {"at": later.strftime("%Y-%m-%dT%H:%M")}
    )
    admin_client.post(reverse("publications_change_entry", args=[third.pk, "drop"]))

    assert Publication.objects.get(document__listing=second.listing_id).not_before == later
    assert Publication.objects.get(document__listing=third.listing_id).state == State.WITHDRAWN
    for click in (lambda: campaigns.drop(done, admin_user), lambda: campaigns.move(done, admin_user, later)):
        with pytest.raises(ValidationError):
            click()


@pytest.mark.parametrize("typed", ["", "2020-01-01T09:00", "x" * 5000, "9999-12-31T00:00"])
def test_a_wrong_time_moves_nothing(admin_client: Client, campaign: Campaign, typed: str) -> None:
    choice = campaign.choices.first()
    assert choice is not None
    response = admin_client.post(reverse("publications_change_entry", args=[choice.pk, "move"]), {"at": typed})
    assert response.status_code == 302
    assert campaign.choices.get(pk=choice.pk).not_before == choice.not_before


def test_a_dealer_does_not_know_the_campaigns_of_others(client: Client, campaign: Campaign) -> None:
    stranger = member(DealerFactory(slug="other"))
    stranger.user_permissions.set(Permission.objects.filter(codename__in=["publish_listing", "view_publication"]))
    client.force_login(stranger)
    choice = campaign.choices.first()
    assert choice is not None
    answers: list[Any] = [
        client.get(reverse("publications_campaign", args=[campaign.pk])),
        client.post(reverse("publications_stop_campaign", args=[campaign.pk])),
        client.post(reverse("publications_change_entry", args=[choice.pk, "drop"])),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get(reverse("publications_campaigns")).context["lines"] == []
    assert campaign.choices.filter(wanted=True).count() == 3


def test_the_dealer_sees_his_own_and_changes_it_only_with_the_right(client: Client, campaign: Campaign) -> None:
    assert campaign.dealer is not None
    client.force_login(staff("sales_manager"))
    assert client.get(reverse("publications_campaign", args=[campaign.pk])).context["total"] == 3
    assert client.post(reverse("publications_stop_campaign", args=[campaign.pk])).status_code in {302, 403}
    assert Campaign.objects.get().stopped_at is None


def test_pages_take_a_constant_number_of_queries(
    admin_client: Client, campaign: Campaign, channel: Channel, make_listing: Callable[..., Listing], admin_user: User
) -> None:
    def count(url: str) -> int:
        admin_client.get(url)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url)
        return len(queries)

    urls = [reverse("publications_campaigns"), reverse("publications_campaign", args=[campaign.pk])]
    before = [count(url) for url in urls]
    more = [make_listing() for _car in range(3)]
    for car in more:
        publish_listing(car)
    started(more, channel, admin_user).choices.all()
    campaign.choices.model.objects.update(campaign=campaign)
    assert [count(url) for url in urls] == before
