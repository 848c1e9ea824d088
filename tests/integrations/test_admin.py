"""Channels and publications in the admin: what the buttons do, and for whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from cms.users.models import User
from integrations.credentials.store import credential_store, plain
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Desired, State
from integrations.sandbox.telegram import TOKEN
from listings.lifecycle import publish_listing, unpublish_listing
from listings.models import Listing
from listings.places import places_of

from .conftest import World, work

Publish = Callable[..., Publication]

pytestmark = pytest.mark.django_db


def channel_data(world: World, **changes: str) -> dict[str, str]:
    return {
        "name": "Новый канал", "when_sold": "mark", "is_active": "on", "automatic": "on",
        "setting_chat_id": "@avtofamily_demo",
        "setting_base_url": world.telegram.url, "setting_post_url": world.telegram.url, "setting_per_minute": "20",
        "secret_token": TOKEN,
    } | changes  # fmt: skip


@pytest.fixture
def uncertain(publish: Publish, world: World) -> Publication:
    world.fault(answer="drop", done=True)
    return work(publish(photos=2))


def decide(client: Client, publication: Publication, verb: str, **data: str) -> Any:
    response = client.post(reverse("publications_decide", args=[publication.pk, verb]), data, follow=True)
    publication.refresh_from_db()
    return response


# --- Channels -------------------------------------------------------------------------------------
def test_a_channel_is_made_and_changed_without_typing_the_token_again(admin_client: Client, world: World) -> None:
    response = admin_client.post("/admin/channels/new/?adapter=telegram", channel_data(world))
    channel = Channel.objects.get()
    assert response.status_code == 302
    assert channel.settings == {
        "chat_id": "@avtofamily_demo", "base_url": world.telegram.url, "post_url": world.telegram.url, "per_minute": 20,
    }  # fmt: skip
    assert plain(credential_store().get(channel.credential)) == {"token": TOKEN}

    changed = channel_data(world, name="Другое имя", secret_token="")
    admin_client.post(f"/admin/channels/edit/{channel.pk}/", changed)
    channel.refresh_from_db()
    assert channel.name == "Другое имя"
    assert plain(credential_store().get(channel.credential)) == {"token": TOKEN}


@pytest.mark.parametrize(
    ("field", "value"),
    [("setting_chat_id", "<script>"), ("setting_base_url", "no"), ("setting_per_minute", "0"), ("secret_token", "")],
)
def test_a_wrong_value_is_told_at_its_field(admin_client: Client, world: World, field: str, value: str) -> None:
    response = admin_client.post("/admin/channels/new/?adapter=telegram", channel_data(world, **{field: value}))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Channel.objects.count() == 0


def test_an_unknown_platform_does_not_exist(admin_client: Client) -> None:
    assert admin_client.get("/admin/channels/new/?adapter=myspace").status_code == 404


def test_check_says_what_works_and_ends_a_pause(
    admin_client: Client, channel: Channel, publish: Publish, world: World
) -> None:
    world.sandbox.control({"telegram": {"token": "1:another-token-than-the-channel-has-000"}})
    publication = work(publish())
    failed = admin_client.post(f"/admin/channels/{channel.pk}/check/", follow=True)
    assert Channel.objects.get().paused_at is not None
    assert [str(m.level_tag) for m in failed.context["messages"]] == ["error"]

    world.sandbox.control({"telegram": {"token": TOKEN}})
    page = admin_client.post(f"/admin/channels/{channel.pk}/check/", follow=True).content.decode()
    assert "@avtofamily_sandbox_bot" in page
    assert Channel.objects.get().paused_at is None
    assert work(publication).state == State.PUBLISHED


def test_existing_listings_are_published_on_demand(
    admin_client: Client, make_listing: Callable[..., Listing], world: World
) -> None:
    cars = [make_listing() for _car in range(3)]
    for car in cars:
        publish_listing(car)
    admin_client.post("/admin/channels/new/?adapter=telegram", channel_data(world))
    channel = Channel.objects.get()
    assert Publication.objects.count() == 0
    unpublish_listing(cars[0])

    admin_client.post(f"/admin/channels/{channel.pk}/publish-existing/")

    assert set(Publication.objects.values_list("document__listing", flat=True)) == {cars[1].pk, cars[2].pk}
    for row in Publication.objects.all():
        work(row)
    assert len(world.present) == 2


def test_a_channel_with_publications_is_not_deleted(admin_client: Client, publish: Publish) -> None:
    publication = publish()
    admin_client.post(f"/admin/channels/delete/{publication.channel_id}/", follow=True)

    assert Channel.objects.count() == 1


def test_deleting_an_unused_channel_forgets_its_secret(admin_client: Client, channel: Channel) -> None:
    admin_client.post(f"/admin/channels/delete/{channel.pk}/")

    assert Channel.objects.count() == 0
    assert credential_store().get(channel.credential) == {}


# --- Publications ---------------------------------------------------------------------------------
def test_the_list_shows_and_filters(admin_client: Client, publish: Publish, uncertain: Publication) -> None:
    work(publish(year=2020))
    everything = admin_client.get("/admin/publications/")
    filtered = admin_client.get(f"/admin/publications/?state={State.UNCERTAIN}&channel={uncertain.channel_id}")

    assert everything.context["object_list"].count() == 2
    assert list(filtered.context["object_list"]) == [uncertain]
    assert str(State.UNCERTAIN.label) in filtered.content.decode()


def test_confirming_with_the_link_makes_the_post_manageable(
    admin_client: Client, uncertain: Publication, world: World
) -> None:
    decide(admin_client, uncertain, "confirm", address="https://t.me/avtofamily_demo/1")
    work(uncertain)
    assert (uncertain.state, uncertain.address) == (State.PUBLISHED, "https://t.me/avtofamily_demo/1")

    unpublish_listing(uncertain.document.listing)
    work(uncertain)
    assert (uncertain.state, world.present) == (State.WITHDRAWN, [])


def test_confirming_without_the_link_leaves_later_changes_to_the_person(
    admin_client: Client, uncertain: Publication, world: World
) -> None:
    decide(admin_client, uncertain, "confirm")
    assert work(uncertain).state == State.PUBLISHED
    unpublish_listing(uncertain.document.listing)
    assert work(uncertain).state == State.MANUAL
    assert uncertain.error_text

    decide(admin_client, uncertain, "by-hand")
    assert (uncertain.state, uncertain.has_post) == (State.WITHDRAWN, False)
    assert len(world.present) == 2


def test_a_wrong_link_is_refused_and_nothing_changes(admin_client: Client, uncertain: Publication) -> None:
    response = decide(admin_client, uncertain, "confirm", address="не помню")

    assert uncertain.state == State.UNCERTAIN
    assert "https://t.me/name/123" in response.content.decode()


def test_publishing_again_makes_one_new_post(admin_client: Client, publish: Publish, world: World) -> None:
    world.fault(answer="drop", done=False)
    publication = work(publish())
    assert (publication.state, world.messages) == (State.UNCERTAIN, [])

    decide(admin_client, publication, "missing")
    work(publication)
    assert (publication.state, len(world.messages)) == (State.PUBLISHED, 1)
    decide(admin_client, publication, "missing")
    work(publication)
    assert len(world.messages) == 1


def test_a_car_unpublished_while_uncertain_is_withdrawn_when_confirmed(
    admin_client: Client, uncertain: Publication, world: World
) -> None:
    unpublish_listing(uncertain.document.listing)
    uncertain.refresh_from_db()
    assert (uncertain.desired, uncertain.state) == (Desired.ABSENT, State.UNCERTAIN)

    decide(admin_client, uncertain, "confirm", address="https://t.me/avtofamily_demo/1")
    assert (work(uncertain).state, world.present) == (State.WITHDRAWN, [])


def test_a_post_deleted_in_the_channel_is_published_anew(admin_client: Client, publish: Publish, world: World) -> None:
    from listings.lifecycle import change_price

    publication = work(publish())
    world.telegram.store.delete_message(-1001000000001, 1, 1.0)
    change_price(publication.document.listing, 90_000)
    assert work(publication).state == State.FAILED

    decide(admin_client, publication, "anew")
    work(publication)
    assert (publication.state, [message["id"] for message in world.present]) == (State.PUBLISHED, [2])


def test_retry_now_does_not_wait(admin_client: Client, publish: Publish, world: World) -> None:
    world.fault(answer="500", done=False)
    publication = work(publish())
    decide(admin_client, publication, "retry")

    assert (work(publication).state, publication.error_text) == (State.PUBLISHED, "")


@pytest.mark.parametrize("verb", ["confirm", "missing", "by-hand", "anew"])
def test_a_decision_that_no_longer_fits_changes_nothing(admin_client: Client, publish: Publish, verb: str) -> None:
    publication = work(publish())
    before = Publication.objects.values().get()
    decide(admin_client, publication, verb)

    assert Publication.objects.values().get() == before


def test_the_listings_page_offers_the_same_buttons(uncertain: Publication) -> None:
    places = [place for place in places_of(uncertain.document.listing) if place.name == uncertain.channel.name]

    assert [(place.tone, place.state_label) for place in places] == [("bad", str(State.UNCERTAIN.label))]
    assert [action.url.rsplit("/", 2)[1] for action in places[0].actions] == ["confirm", "missing"]
    assert places[0].detail


# --- Who may --------------------------------------------------------------------------------------
BUTTONS = ["decide", "check", "publish-existing"]


def urls(publication: Publication) -> dict[str, str]:
    return {
        "decide": reverse("publications_decide", args=[publication.pk, "missing"]),
        "check": reverse("publications_check_channel", args=[publication.channel_id]),
        "publish-existing": reverse("publications_publish_existing", args=[publication.channel_id]),
    }


def user_with(*permissions: str) -> User:
    user = User.objects.create_user(f"user-{len(permissions)}", password="x")
    for name in ("access_admin", *permissions):
        user.user_permissions.add(*Permission.objects.filter(codename=name))
    return user


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("permissions", [(), ("view_publication", "view_channel"), ("change_listing",)])
def test_buttons_are_closed_to_those_without_the_right(
    client: Client, uncertain: Publication, world: World, button: str, permissions: tuple[str, ...]
) -> None:
    client.force_login(user_with(*permissions))
    calls = world.sandbox.state()["calls"]
    before = Publication.objects.values().get()

    response = client.post(urls(uncertain)[button])

    assert response.status_code in {302, 403, 404}
    assert "messages" not in response.headers
    assert Publication.objects.values().get() == before
    assert world.sandbox.state()["calls"] == calls


def test_a_right_to_publications_is_not_a_right_to_every_listing(client: Client, uncertain: Publication) -> None:
    client.force_login(user_with("change_publication", "view_publication", "change_listing"))
    decide(client, uncertain, "missing")

    assert uncertain.state == State.UNCERTAIN


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_answer_only_to_posts_with_a_token(admin_user: User, uncertain: Publication, button: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)

    assert strict.get(urls(uncertain)[button]).status_code == 405
    assert strict.post(urls(uncertain)[button]).status_code == 403
    uncertain.refresh_from_db()
    assert uncertain.state == State.UNCERTAIN


def test_pages_are_closed_to_strangers(client: Client, uncertain: Publication) -> None:
    client.force_login(user_with())
    for path in (f"inspect/{uncertain.pk}/", ""):
        assert client.get(f"/admin/publications/{path}").status_code in {302, 403, 404}
    assert client.get(f"/admin/channels/edit/{uncertain.channel_id}/").status_code in {302, 403, 404}
