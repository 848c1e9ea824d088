"""What a channel takes, how its posts read and when they appear, as somebody sets it up."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cms.users.models import User
from integrations.marketplaces.registry import all_adapters
from integrations.publications.admin.forms import ChannelForm
from integrations.publications.models import Channel, Publication
from integrations.publications.pausing import pause_channel
from listings.lifecycle import publish_listing

from .conftest import World
from .test_admin import channel_data

pytestmark = pytest.mark.django_db


def save(client: Client, channel: Channel, world: World, **changes: Any) -> Any:
    data: dict[str, Any] = channel_data(world, name=channel.name, secret_token="") | changes
    return client.post(f"/admin/channels/edit/{channel.pk}/", data)


def test_rules_windows_and_text_are_kept_as_they_were_typed(
    admin_client: Client, channel: Channel, world: World
) -> None:
    changes = {
        "rule_conditions": ["used", "new"], "rule_price_min": "10000", "rule_max_age": "12", "rule_needs_photo": "on",
        "template": "{title}\n{link}", "photo_limit": "4", "window_days": ["0", "4"], "window_from": "09:00",
        "window_to": "21:30", "per_hour": "6", "repost_days": "14",
    }  # fmt: skip
    assert save(admin_client, channel, world, **changes).status_code == 302

    channel.refresh_from_db()
    assert channel.rules == {"conditions": ["used", "new"], "price_min": 10000, "max_age": 12, "needs_photo": True}
    assert (channel.template, channel.photo_limit, channel.per_hour, channel.repost_days) == (
        "{title}\n{link}",
        4,
        6,
        14,
    )
    assert (channel.window_days, channel.window_from, channel.window_to) == ([0, 4], time(9), time(21, 30))
    page = admin_client.get(f"/admin/channels/edit/{channel.pk}/").content.decode()
    for shown in ('value="10000"', 'value="21:30"', "{title}\n{link}"):
        assert shown in page


def test_makes_and_dealers_are_chosen_from_those_there_are(
    admin_client: Client, channel: Channel, world: World, make_listing: Any
) -> None:
    listing = make_listing()
    save(admin_client, channel, world, rule_makes=["bmw"], rule_dealers=[listing.dealer.slug])
    channel.refresh_from_db()
    assert channel.rules == {"makes": ["bmw"], "dealers": [listing.dealer.slug]}

    assert save(admin_client, channel, world, rule_makes=["nothing"]).status_code == 200


def test_stricter_rules_withdraw_what_does_not_fit_any_more(
    admin_client: Client, channel: Channel, world: World, publish: Any
) -> None:
    publication: Publication = publish()

    save(admin_client, channel, world, rule_price_max="50000")

    publication.refresh_from_db()
    assert publication.desired == "absent"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rule_price_min": "5", "rule_price_max": "4"}, "Нижняя цена больше верхней."),
        ({"rule_max_age": "-1"}, "больше либо равно 0"),
        ({"rule_price_min": "99999999999999999999"}, "Это значение не подходит."),
        ({"window_from": "21:00", "window_to": "09:00"}, "Окно должно заканчиваться позже"),
        ({"window_days": ["9"]}, "Выберите корректный вариант"),
        ({"photo_limit": "0"}, "Не меньше 1"),
        ({"template": "{title} {secret}"}, "Названия {secret} нет."),
        ({"template": "x" * 2001}, "слишком длинный"),
    ],
)
def test_a_wrong_setting_is_told_beside_its_field_and_changes_nothing(
    admin_client: Client, channel: Channel, world: World, changes: dict[str, Any], words: str
) -> None:
    before = Channel.objects.values().get()

    response = save(admin_client, channel, world, **changes)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Channel.objects.values().get() == before


def test_a_platform_is_chosen_first(admin_client: Client) -> None:
    page = admin_client.get("/admin/channels/new/").content.decode()

    for key in all_adapters():
        assert f"?adapter={key}" in page
    assert admin_client.get("/admin/channels/new/?adapter=nothing").status_code == 404


def test_the_text_is_shown_as_it_is_typed(admin_client: Client, make_listing: Any) -> None:
    url = "/admin/channels/telegram/preview-text/"
    assert admin_client.post(url, {"template": "{title}"}).json()["problems"] != []
    publish_listing(make_listing())

    answer = admin_client.post(url, {"template": "{make} {model}"}).json()
    wrong = admin_client.post(url, {"template": "{x}"}).json()

    assert (answer["text"], answer["length"], answer["limit"], answer["problems"]) == ("BMW X5", 6, 1024, [])
    assert (wrong["text"], len(wrong["problems"])) == ("", 1)


@pytest.mark.parametrize("role", ["dealer", "sales"])
def test_others_see_no_preview(client: Client, role: str, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user(username=role))

    assert client.post("/admin/channels/telegram/preview-text/", {"template": "{title}"}).status_code in {302, 403}


def test_saving_the_form_keeps_a_pause_by_hand_even_one_made_meanwhile(
    admin_client: Client, admin_user: User, channel: Channel, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = ChannelForm.clean

    def pause_and_clean(form: ChannelForm) -> dict[str, Any]:
        if not Channel.objects.get(pk=channel.pk).paused_by_hand:
            pause_channel(Channel.objects.get(pk=channel.pk), admin_user, reason="Переезд")
        return clean(form)

    monkeypatch.setattr(ChannelForm, "clean", pause_and_clean)
    for _time in range(2):
        assert save(admin_client, channel, world, per_hour="3").status_code == 302
        channel.refresh_from_db()
        assert channel.per_hour == 3
        assert channel.paused_by_hand
        assert channel.paused_at is not None
        assert "Переезд" in channel.paused_reason


def test_saving_the_form_ends_a_pause_of_the_engine(admin_client: Client, channel: Channel, world: World) -> None:
    Channel.objects.filter(pk=channel.pk).update(paused_at=timezone.now(), paused_reason="Нет доступа")
    save(admin_client, channel, world)
    channel.refresh_from_db()
    assert (channel.paused_at, channel.paused_reason) == (None, "")
