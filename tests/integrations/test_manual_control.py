"""What people do by hand: one publication or many, one channel or all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.users.models import User
from integrations.marketplaces.base import Placed
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.publications import actions, decisions, pausing
from integrations.publications.models import Channel, Choice, MasterSwitch, Publication
from integrations.publications.vocabulary import State
from integrations.sandbox.telegram import CHATS
from listings.lifecycle import change_price
from tests.factories import DealerFactory, member

from .conftest import Clock, World, work

pytestmark = pytest.mark.django_db

Publish = Callable[..., Publication]


@pytest.fixture
def boss(admin_user: User) -> User:
    return admin_user


def bulk(client: Client, model: str, verb: str, ids: list[Any], **data: str) -> Any:
    query = "&".join(f"id={key}" for key in ids)
    url = reverse("wagtail_bulk_action", args=["publications", model, verb])
    return client.post(f"{url}?{query}&next=/admin/publications/", {"confirmed": "1", **data}, follow=True)


def logged(action: str) -> bool:
    return ModelLogEntry.objects.filter(action=f"publications.{action}").exists()


# --- Single decisions -----------------------------------------------------------------------------
def test_what_a_person_withdraws_stays_out_when_the_price_changes(publish: Publish, world: World, boss: User) -> None:
    row = work(publish())
    decisions.withdraw(row, boss)
    assert work(row).state == State.WITHDRAWN
    listing = row.document.listing
    assert listing is not None
    change_price(listing, 80_000)
    assert work(row).state == State.WITHDRAWN
    assert world.present == []
    assert logged("withdraw")

    decisions.put_back(row, boss)
    assert work(row).state == State.PUBLISHED
    assert len(world.present) == 1


def test_a_post_made_anew_replaces_the_old_one(publish: Publish, world: World, boss: User) -> None:
    row = work(publish())
    decisions.post_again(row, boss)
    with pytest.raises(ValidationError):
        decisions.post_again(row, boss)

    assert work(row).state == State.PUBLISHED
    assert len(world.present) == 1
    assert len(world.messages) == 2


def test_a_post_made_by_hand_is_taken_over_and_never_posted_again(
    publish: Publish, world: World, boss: User, channel: Channel
) -> None:
    other = work(publish())
    row = publish()
    with pytest.raises(ValidationError):
        decisions.posted_by_hand(row, boss, address="https://example.com/nothing")
    with pytest.raises(ValidationError):
        decisions.posted_by_hand(row, boss, address=" ")
    assert Publication.objects.get(pk=row.pk).published_at is None

    decisions.posted_by_hand(row, boss, address=other.address)

    assert work(row).state == State.PUBLISHED
    assert row.confirmed_at is not None
    assert world.calls("sendMessage") == 1


@pytest.mark.django_db(transaction=True)
def test_a_platform_is_never_asked_under_a_lock(
    publish: Publish, world: World, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt, locked = TelegramAdapter.adopt, []

    def watched(*args: Any) -> Placed:
        locked.append(connection.in_atomic_block)
        return adopt(*args)

    monkeypatch.setattr(TelegramAdapter, "adopt", watched)
    decisions.posted_by_hand(publish(), boss, address=f"{world.telegram.url}/{CHATS[0]}/77")
    world.fault(answer="drop", done=True)
    actions.confirm_published(work(publish()), boss)

    assert locked == [False, False]


def test_a_post_removed_by_hand_is_not_made_again(publish: Publish, world: World, boss: User) -> None:
    row = work(publish())
    decisions.removed_by_hand(row, boss, how="удалил в приложении в пятницу")

    assert work(row).state == State.WITHDRAWN
    assert "удалил в приложении в пятницу" in row.note
    assert world.calls("sendMessage") == 1
    assert ModelLogEntry.objects.get(action="publications.removed_by_hand").data == {
        "how": "удалил в приложении в пятницу"
    }


def test_nothing_is_decided_while_a_worker_is_at_it(publish: Publish, boss: User) -> None:
    row = work(publish())
    Publication.objects.filter(pk=row.pk).update(lease_until=timezone.now() + timezone.timedelta(minutes=1))
    for verb in (decisions.withdraw, decisions.post_again, actions.retry_now):
        with pytest.raises(ValidationError):
            verb(row, boss)
    assert not Choice.objects.exists()


def test_an_unknown_post_must_be_resolved_first(publish: Publish, world: World, boss: User) -> None:
    world.fault(answer="drop", done=True)
    row = work(publish())
    assert row.state == State.UNCERTAIN
    decide: list[Callable[[], None]] = [
        lambda: decisions.withdraw(row, boss),
        lambda: decisions.skip(row, boss),
        lambda: decisions.post_again(row, boss),
        lambda: decisions.posted_by_hand(row, boss, address="https://t.me/x/1"),
        lambda: decisions.removed_by_hand(row, boss, how="x"),
        lambda: actions.publish_anew(row, boss),
        lambda: actions.retry_now(row, boss),
    ]
    for click in decide:
        with pytest.raises(ValidationError):
            click()
    assert work(row).state == State.UNCERTAIN
    assert len(world.present) == 1


def test_a_dealer_decides_only_of_own_cars_and_only_with_the_right_to_publish(
    publish: Publish, channel: Channel
) -> None:
    row = work(publish())
    listing = row.document.listing
    assert listing is not None
    own, stranger = member(listing.dealer), member(DealerFactory(slug="other"))
    rights = Permission.objects.filter(codename__in=["change_publication", "publish_listing"])
    with pytest.raises(PermissionDenied):
        decisions.withdraw(row, own)
    for user in (own, stranger):
        user.user_permissions.set(rights)
    with pytest.raises(PermissionDenied):
        decisions.withdraw(row, User.objects.get(pk=stranger.pk))
    decisions.withdraw(row, User.objects.get(pk=own.pk))
    assert work(row).state == State.WITHDRAWN


# --- In bulk --------------------------------------------------------------------------------------
def test_ticked_rows_are_withdrawn_and_those_that_do_not_fit_are_named(
    admin_client: Client, publish: Publish, world: World
) -> None:
    rows = [work(publish()) for _row in range(2)]
    waiting = publish()
    url = reverse("wagtail_bulk_action", args=["publications", "publication", "withdraw"])
    page = admin_client.get(f"{url}?id=all")
    assert (page.context["will_be_done"], page.context["refused"]) == (2, 1)
    assert not Choice.objects.exists()

    bulk(admin_client, "publication", "withdraw", ["all"])

    for row in rows:
        assert work(row).state == State.WITHDRAWN
    assert work(waiting).state == State.PUBLISHED


def test_all_means_what_the_filter_shows(admin_client: Client, publish: Publish) -> None:
    done, waiting = work(publish()), publish()
    url = reverse("wagtail_bulk_action", args=["publications", "publication", "skip"])
    page = admin_client.get(f"{url}?id=all&state=pending")
    assert [line.row for line in page.context["lines"]] == [waiting]
    assert done not in [line.row for line in page.context["lines"]]


@pytest.mark.parametrize("ids", [["0"], ["x"], ["9" * 30], ["²"], []])
def test_ids_that_are_none_do_not_exist(admin_client: Client, publish: Publish, ids: list[str]) -> None:
    publish()
    assert bulk(admin_client, "publication", "withdraw", ids).status_code == 404


def test_too_many_rows_are_refused_whole(
    admin_client: Client, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.publications.admin.bulk_actions.MOST", 1)
    for _row in range(2):
        work(publish())
    bulk(admin_client, "publication", "withdraw", ["all"])
    assert not Choice.objects.exists()


def test_ten_thousand_ticks_are_refused(admin_client: Client, publish: Publish) -> None:
    publish()
    assert bulk(admin_client, "publication", "withdraw", list(range(1, 10_001))).status_code == 400


def test_the_page_of_a_publication_leads_to_its_decisions(admin_client: Client, publish: Publish) -> None:
    row = work(publish())
    page = admin_client.get(reverse("publication:inspect", args=[row.pk]))
    links = [url for _label, url in page.context["decisions"].links]
    assert [url.split("/")[5] for url in links] == ["post-again", "withdraw", "removed-by-hand"]
    assert admin_client.get(links[0]).status_code == 200


# --- Channels -------------------------------------------------------------------------------------
def test_the_switch_stops_everything_and_whatever_waited_goes_on(
    admin_client: Client, publish: Publish, world: World, channel: Channel
) -> None:
    url = reverse("publications_switch")
    assert admin_client.post(url, {"verb": "stop", "reason": " "}).status_code == 200
    assert not MasterSwitch.objects.exists()
    admin_client.post(url, {"verb": "stop", "reason": "Проверка цен"})
    row = work(publish())
    assert world.messages == []
    listing = row.document.listing
    assert listing is not None
    pages = ["/admin/", "/admin/channels/", "/admin/publications/", reverse("listing_places", args=[listing.pk])]
    for page in pages:
        assert "Проверка цен" in admin_client.get(page).content.decode(), page
    assert logged("stop_all")

    admin_client.post(url, {"verb": "start"})
    assert work(row).state == State.PUBLISHED
    assert logged("start_all")
    for page in pages:
        assert "Проверка цен" not in admin_client.get(page).content.decode()


def test_channels_are_paused_and_resumed_in_bulk_and_no_check_ends_it(
    admin_client: Client, publish: Publish, world: World, channel: Channel
) -> None:
    bulk(admin_client, "channel", "pause", [channel.pk], reason="Отпуск")
    channel.refresh_from_db()
    assert channel.paused_by_hand
    assert "Отпуск" in channel.paused_reason
    admin_client.post(f"/admin/channels/{channel.pk}/check/")
    row = work(publish())
    assert world.messages == []

    bulk(admin_client, "channel", "resume", [channel.pk])
    assert work(row).state == State.PUBLISHED
    assert (logged("pause"), logged("resume")) == (True, True)


def test_channels_are_stopped_only_with_the_right_to_change_them(client: Client, channel: Channel) -> None:
    user = member(DealerFactory(slug="other"))
    client.force_login(user)
    with pytest.raises(PermissionDenied):
        pausing.stop_all(user, "x")
    with pytest.raises(PermissionDenied):
        pausing.pause_channel(channel, user, reason="x")
    client.post(reverse("publications_switch"), {"verb": "stop", "reason": "x"})
    assert not MasterSwitch.objects.exists()


def test_the_window_of_a_channel_holds_for_what_is_made_anew(
    publish: Publish, channel: Channel, boss: User, clock: Clock, world: World
) -> None:
    row = work(publish())
    tomorrow = (timezone.localtime().weekday() + 1) % 7
    Channel.objects.filter(pk=channel.pk).update(window_days=[tomorrow])
    decisions.post_again(row, boss)
    assert work(row).state == State.UPDATING
    assert len(world.present) == 1
