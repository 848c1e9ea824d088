"""The page “Platforms”: exact numbers, what to do today, and nobody else's."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from integrations.credentials.models import CredentialInfo
from integrations.monitoring.models import Alert, ChannelWatch
from integrations.publications.models import Channel, MasterSwitch, Publication
from integrations.publications.pausing import master_switch
from integrations.publications.vocabulary import Desired, State
from integrations.reports.dashboard.overview import channel_lines, overview_of
from integrations.reports.dashboard.pace import Span, stretch_of
from integrations.reports.dashboard.today import Todo, todos
from listings.models import PublishedListing
from tests.factories import DealerFactory, ListingFactory, UserFactory, member

from .attempts import attempt

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]
PAGE = "reports_overview"


def other_channel(name: str, **fields: Any) -> Channel:
    first = Channel.objects.earliest("pk")
    return Channel.objects.create(name=name, adapter=first.adapter, settings=first.settings, **fields)


def place(channel: Channel, document: PublishedListing, **fields: Any) -> Publication:
    values = {"desired": Desired.PRESENT, "desired_version": 1, "state": State.PUBLISHED, "changed_at": timezone.now()}
    return Publication.objects.create(channel=channel, document=document, **(values | fields))


def to_do(user: Any = None) -> list[Todo]:
    user, now = user or UserFactory(is_superuser=True), timezone.now()
    with translation.override("en"):
        return todos(overview_of(user, stretch_of(Span.DAY, now)).lines, user, now, master_switch())


# --- Numbers --------------------------------------------------------------------------------------
def test_states_are_counted_and_the_oldest_due_row_is_named(publish: Publish, admin_client: Client) -> None:
    now = timezone.now()
    for state, age in ((State.PENDING, 5), (State.PENDING, 9), (State.UNCERTAIN, 30)):
        Publication.objects.filter(pk=publish().pk).update(state=state, next_attempt_at=now - timedelta(minutes=age))
    Publication.objects.filter(pk=publish().pk).update(state=State.UPDATING, published_at=now)
    [line] = channel_lines(Publication.objects.all(), now)
    assert line.counts == {State.PENDING: 2, State.UNCERTAIN: 1, State.UPDATING: 1}
    assert (line.total, line.standing, line.troubled) == (4, 1, 1)
    assert line.oldest_due == now - timedelta(minutes=9)
    page = admin_client.get(reverse(PAGE))
    assert f'channel={line.channel.pk}&amp;state=pending">2</a>' in page.content.decode()


def test_what_a_worker_is_at_does_not_wait(publish: Publish) -> None:
    now = timezone.now()
    long_ago, soon = now - timedelta(hours=1), now + timedelta(minutes=1)
    Publication.objects.filter(pk=publish().pk).update(next_attempt_at=long_ago, lease_until=soon)
    assert channel_lines(Publication.objects.all(), now)[0].oldest_due is None
    Publication.objects.update(lease_until=long_ago)
    assert channel_lines(Publication.objects.all(), now)[0].oldest_due == long_ago


def test_limits_and_access_data_are_shown(publish: Publish, admin_client: Client) -> None:
    row, now = publish(), timezone.now()
    info = CredentialInfo.objects.create(reference=uuid.uuid4(), store="database", expires_at=now + timedelta(days=40))
    Channel.objects.update(per_hour=20, credential=str(info.pk))
    ChannelWatch.objects.create(channel=row.channel, quota_used=80, quota_total=100, quota_hours=24, quota_at=now)
    attempt(row, "create", now - timedelta(minutes=5))
    attempt(row, "create", now - timedelta(hours=2))
    health = admin_client.get(reverse(PAGE)).context["cards"][0]["health"]
    assert (health.quota_left, health.this_hour, health.expires_at) == (20, 1, info.expires_at)
    assert health.per_minute == row.channel.settings.get("per_minute", 20)
    ChannelWatch.objects.update(quota_at=now - timedelta(hours=25))
    assert admin_client.get(reverse(PAGE)).context["cards"][0]["health"].quota is None


# --- What to do today -----------------------------------------------------------------------------
def test_where_all_is_well_a_friendly_sentence_says_so(publish: Publish, admin_client: Client) -> None:
    publish()
    assert to_do() == []
    assert "overview-fine" in admin_client.get(reverse(PAGE)).content.decode()


def test_the_most_urgent_comes_first_and_leads_to_where_it_is_done(publish: Publish) -> None:
    now, posts, drift = timezone.now(), reverse("publication:index"), reverse("monitoring_drift")
    row, lost, stuck = publish(), publish(), publish()
    channel = row.channel
    broken = other_channel("B", paused_at=now, paused_reason="Нет доступа")
    resting, resumed = other_channel("C"), other_channel("D", paused_at=now, paused_by_hand=True)
    ended, ending, holds = (
        CredentialInfo.objects.create(reference=uuid.uuid4(), store="database", expires_at=now + timedelta(days=days))
        for days in (-1, 10, 15)
    )
    for which, info in ((broken, ending), (resting, ended), (resumed, holds)):
        Channel.objects.filter(pk=which.pk).update(credential=str(info.pk))
    Alert.objects.create(channel=resting, kind="resting", detail="Не отвечает", opened_at=now, tell_after=now)
    Alert.objects.create(channel=broken, kind="paused", opened_at=now, tell_after=now)
    Publication.objects.filter(pk=row.pk).update(state=State.MANUAL)
    Publication.objects.filter(pk=lost.pk).update(published_at=now - timedelta(days=4), confirmed_at=None)
    Publication.objects.filter(pk=stuck.pk).update(next_attempt_at=now - timedelta(minutes=16))
    ChannelWatch.objects.create(channel=channel, quota_used=9, quota_total=10, quota_hours=24, quota_at=now)

    def edit(which: Channel) -> str:
        return reverse("channel:edit", args=[which.pk])

    in_motion = "state=pending&state=publishing&state=updating&state=withdrawing"
    found = to_do()
    assert [todo.url.split("&")[0] for todo in found] == [
        edit(broken),
        reverse("monitoring_channel", args=[resting.pk]),
        edit(resting),
        f"{posts}?state=pending",
        f"{posts}?state=manual_action_required",
        drift,
        edit(broken),
        reverse("monitoring_channel", args=[channel.pk]),
        edit(resumed),
    ]
    assert [todo.is_urgent for todo in found] == [True] * 5 + [False] * 4
    assert found[3].parts == [(f"{channel}: 16\xa0minutes", f"{posts}?channel={channel.pk}&{in_motion}")]
    assert found[4].parts == [(f"{channel}: 1", f"{posts}?channel={channel.pk}&state=manual_action_required")]
    assert found[5].parts == [(f"{channel}: 1", f"{drift}?channel={channel.pk}")]


def test_every_link_of_the_list_opens(publish: Publish, admin_client: Client) -> None:
    now = timezone.now()
    for state in (State.MANUAL, State.UNCERTAIN, State.FAILED):
        Publication.objects.filter(pk=publish().pk).update(state=state)
    Publication.objects.filter(pk=publish().pk).update(next_attempt_at=now - timedelta(hours=1))
    other_channel("B", paused_at=now, paused_reason="Нет доступа")
    found = to_do()
    assert len(found) == 5
    for todo in found:
        for url in (todo.url, *(url for _words, url in todo.parts)):
            assert admin_client.get(url).status_code == 200, url
    due = admin_client.get(found[1].url)
    assert due.context["object_list"].count() == 1


def test_while_all_channels_are_stopped_only_the_switch_is_to_be_seen_to(
    publish: Publish, admin_client: Client
) -> None:
    now = timezone.now()
    Publication.objects.filter(pk=publish().pk).update(next_attempt_at=now - timedelta(hours=1))
    MasterSwitch.objects.create(pk=1, paused_at=now, reason="Ревизия")
    [todo] = to_do()
    assert todo.url == reverse("publications_switch")
    assert "Ревизия" in todo.detail
    viewer = member(DealerFactory(slug="third"), username="third")
    [told] = to_do(viewer)
    assert told.url == ""
    assert "Остановлен вместе со всеми" in admin_client.get(reverse(PAGE)).content.decode()


# --- Whose ----------------------------------------------------------------------------------------
@pytest.fixture
def two_dealers(publish: Publish) -> Publication:
    """One dealer's car in the group's channel; another's car there and in his own channel, with troubles."""
    row, now = publish(), timezone.now()
    other = DealerFactory(slug="foreign", name="Чужой салон")
    foreign = ListingFactory(dealer=other, published=True)
    document = PublishedListing.objects.get(listing=foreign)
    theirs = other_channel("Канал чужого", dealer=other, paused_at=now, paused_reason="Чужая тайна")
    for channel in (row.channel, theirs):
        Publication.objects.filter(channel=channel, document=document).delete()
        unseen = {"published_at": now - timedelta(days=5), "next_attempt_at": now - timedelta(hours=1)}
        troubled = place(channel, document, state=State.MANUAL, **unseen)
        attempt(troubled, "create", now, "invalid")
        Alert.objects.create(channel=channel, kind="resting", detail="Чужая тайна", opened_at=now, tell_after=now)
        ChannelWatch.objects.create(channel=channel, quota_used=77, quota_total=78, quota_hours=24, quota_at=now)
    attempt(row, "create", now)
    Channel.objects.filter(pk=row.channel_id).update(paused_at=now, paused_reason="Ключ отозван")
    return row


def test_a_dealer_sees_figures_of_his_cars_alone(two_dealers: Publication, client: Client) -> None:
    client.force_login(member(two_dealers.document.listing.dealer, username="own"))
    page = client.get(reverse(PAGE))
    [card] = page.context["cards"]
    assert card["line"].counts == {State(two_dealers.state): 1}
    assert card["line"].drifting == 0
    assert (card["line"].pace.attempts, card["line"].pace.success, card["health"]) == (1, 100, None)
    assert page.context["todos"] == []
    assert not page.context["errors"]
    body = page.content.decode()
    assert "Канал чужого" not in body
    assert "Чужая тайна" not in body
    assert "78" not in body.split("overview-tiles")[1]


def test_a_dealer_who_keeps_his_channel_sees_how_it_is(two_dealers: Publication, client: Client) -> None:
    keeper = member(Channel.objects.get(name="Канал чужого").dealer, username="keeper")
    keeper.user_permissions.add(Permission.objects.get(codename="view_channel"))
    client.force_login(keeper)
    cards = {card["channel"].name: card for card in client.get(reverse(PAGE)).context["cards"]}
    assert cards["Канал чужого"]["health"].quota.used == 77
    assert cards[two_dealers.channel.name]["health"] is None
    words = [todo.words for todo in to_do(keeper)]
    assert sum("Канал чужого" in each for each in words) == 3
    assert not any(two_dealers.channel.name in each for each in words)


def test_who_may_not_see_publications_does_not_see_the_page(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse(PAGE)).status_code != 200


# --- Price ----------------------------------------------------------------------------------------
def test_the_page_costs_the_same_for_two_and_for_twelve_channels(publish: Publish, admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(reverse(PAGE)).status_code == 200
        return len(captured)

    def grow(name: str) -> None:
        channel = other_channel(name, per_hour=10, paused_at=now)
        channel.credential = str(CredentialInfo.objects.create(reference=uuid.uuid4(), store="database").pk)
        channel.save()
        ChannelWatch.objects.create(channel=channel, quota_used=9, quota_total=9, quota_hours=1, quota_at=now)
        Alert.objects.create(channel=channel, kind="resting", opened_at=now, tell_after=now)
        attempt(place(channel, row.document, state=State.MANUAL, next_attempt_at=now), "create", now)

    row, now = publish(), timezone.now()
    grow("Второй")
    queries()
    few = queries()
    for number in range(10):
        grow(f"Канал {number}")
        publish()
    assert queries() == few
