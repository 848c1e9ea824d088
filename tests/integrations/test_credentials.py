"""Secrets go in and never come out: not in the admin, the logs, the rows, the tasks or the errors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Self

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pydantic import SecretStr, model_validator
from pytest_django import Settings
from wagtail.users.models import UserProfile

from cms.users.models import User
from integrations.credentials.database import DatabaseStore
from integrations.credentials.models import Action, Credential, CredentialEvent, CredentialInfo, Source
from integrations.credentials.store import CredentialsUnreadable, credential_store, plain
from integrations.marketplaces import registry
from integrations.marketplaces.base import ChannelCredentials, Shown
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.publications.admin.forms import STORE_IS_AWAY
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import State
from integrations.sandbox.telegram import TOKEN
from scripts.lib.processes import free_port

from .conftest import Clock, work

pytestmark = pytest.mark.django_db

CANARY = "100200300:CANARY-must-never-be-seen-anywhere"


def key() -> str:
    return Fernet.generate_key().decode()


def test_secrets_are_stored_encrypted_and_read_back() -> None:
    reference = credential_store().put("", {"token": CANARY})

    assert CANARY not in Credential.objects.get().token
    assert plain(credential_store().get(reference)) == {"token": CANARY}
    assert credential_store().put(reference, {"token": "new"}) == reference
    assert plain(credential_store().get(reference)) == {"token": "new"}
    credential_store().delete(reference)
    assert credential_store().get(reference) == {}


def test_keys_are_exchanged_without_losing_a_secret(settings: Settings) -> None:
    old, new = key(), key()
    settings.CREDENTIALS_KEYS = [old]
    reference = credential_store().put("", {"token": CANARY})
    settings.CREDENTIALS_KEYS = [new, old]
    call_command("rotate_credentials")
    settings.CREDENTIALS_KEYS = [new]

    assert plain(DatabaseStore().read(reference)) == {"token": CANARY}
    settings.CREDENTIALS_KEYS = [old]
    with pytest.raises(CredentialsUnreadable) as caught:
        DatabaseStore().read(reference)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_unusable_keys_say_what_to_do(settings: Settings, keys: list[str]) -> None:
    settings.CREDENTIALS_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="CREDENTIALS_KEYS must hold"):
        credential_store().put("", {"token": "x"})


def test_a_channel_whose_key_is_gone_stops_with_words(publish: Callable[..., Publication], settings: Settings) -> None:
    publication = publish()
    settings.CREDENTIALS_KEYS = [key()]
    work(publication)

    assert Channel.objects.get().paused_reason
    assert publication.attempts.count() == 0


def test_the_channels_page_tells_what_is_known_and_who_was_at_it(admin_client: Client, channel: Channel) -> None:
    until = timezone.now() + timedelta(days=5)
    credential_store().put(channel.credential, {"token": TOKEN}, expires_at=until)
    CredentialInfo.objects.update(problem="<b>Площадка</b> отозвала доступ.")
    admin_client.post(f"/admin/channels/{channel.pk}/check/")
    page = admin_client.get(f"/admin/channels/edit/{channel.pk}/").content.decode()

    assert date_format(timezone.localtime(until), "j E Y, H:i") in page
    assert "&lt;b&gt;Площадка&lt;/b&gt; отозвала доступ." in page
    assert str(Action.USED.label) in page
    assert str(Source.ADMIN.label) in page
    assert TOKEN not in page


def test_a_store_that_is_away_keeps_the_old_secrets_and_says_so(
    admin_client: Client, channel: Channel, settings: Settings
) -> None:
    settings.CREDENTIALS_STORE = "vault"
    settings.CREDENTIALS_STORES = settings.CREDENTIALS_STORES | {
        "vault": settings.CREDENTIALS_STORES["vault"]
        | {"VAULT_ADDR": f"http://127.0.0.1:{free_port()}", "VAULT_ROLE_ID": "x", "VAULT_SECRET_ID": SecretStr("x")}
    }
    form = {"name": "Другое имя", "when_sold": "mark", "is_active": "on", "secret_token": CANARY}
    form |= {f"setting_{name}": str(value) for name, value in channel.settings.items()}
    response = admin_client.post(f"/admin/channels/edit/{channel.pk}/", form)

    assert response.status_code == 200
    assert str(STORE_IS_AWAY) in response.content.decode()
    assert CANARY not in response.content.decode()
    assert Channel.objects.get().name == channel.name
    assert plain(credential_store().get(channel.credential)) == {"token": TOKEN}


def test_while_the_store_is_away_publishing_waits_and_the_channel_stays_on(
    publish: Callable[..., Publication], settings: Settings, clock: Clock
) -> None:
    publication = publish()
    CredentialInfo.objects.update(store="vault")
    away = {"VAULT_ADDR": f"http://127.0.0.1:{free_port()}", "VAULT_ROLE_ID": "x", "VAULT_SECRET_ID": SecretStr("x")}
    settings.CREDENTIALS_STORES = settings.CREDENTIALS_STORES | {"vault": settings.CREDENTIALS_STORES["vault"] | away}
    work(publication, clock)
    assert (publication.state, publication.error_class) == (State.PENDING, "retry")
    assert Channel.objects.get().paused_at is None
    assert publication.next_attempt_at is not None

    CredentialInfo.objects.update(store="database")
    clock.forward_to(publication.next_attempt_at)
    assert work(publication, clock).state == State.PUBLISHED


class TwoSecrets(ChannelCredentials):
    token: Annotated[SecretStr, Shown("Токен")]
    app_secret: Annotated[SecretStr, Shown("Секрет приложения")]
    spare: Annotated[SecretStr | None, Shown("Запасной")] = None

    @model_validator(mode="after")
    def differ(self) -> Self:
        if self.token == self.app_secret:
            raise ValueError(f"both are {self.token.get_secret_value()}")
        return self


class TwoSecretsAdapter(TelegramAdapter):
    Credentials = TwoSecrets  # type: ignore[assignment]


@pytest.fixture
def with_two_secrets(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(registry._adapters, "telegram", TwoSecretsAdapter())
    credential_store().put(
        channel.credential, {"token": TOKEN, "app_secret": CANARY, "forgotten": "of an older version"}
    )
    return channel


def save(client: Client, channel: Channel, **secrets: str) -> str:
    form = {"name": channel.name, "when_sold": "mark", "is_active": "on"}
    form |= {f"setting_{name}": str(value) for name, value in channel.settings.items()}
    form |= {f"secret_{name}": value for name, value in secrets.items()}
    return client.post(f"/admin/channels/edit/{channel.pk}/", form, follow=True).content.decode()


def test_the_secrets_that_are_left_empty_stay(admin_client: Client, with_two_secrets: Channel) -> None:
    save(admin_client, with_two_secrets, token="100200300:typed-anew")

    stored = plain(credential_store().get(with_two_secrets.credential))
    assert stored == {"token": "100200300:typed-anew", "app_secret": CANARY}


def test_secrets_are_not_opened_when_none_is_typed(admin_client: Client, with_two_secrets: Channel) -> None:
    save(admin_client, with_two_secrets)

    assert CredentialEvent.objects.filter(action=Action.USED).count() == 0
    assert CredentialInfo.objects.get().fields == ["app_secret", "forgotten", "token"]


def test_what_does_not_fit_together_is_told_without_quoting_it(admin_client: Client, with_two_secrets: Channel) -> None:
    page = save(admin_client, with_two_secrets, token=CANARY)

    assert "CANARY" not in page
    assert plain(credential_store().get(with_two_secrets.credential))["token"] == TOKEN
    assert 'type="password" name="secret_spare"' in page


@pytest.mark.parametrize(
    ("days", "words"),
    [(30, ""), (13, "They expire soon."), (-1, "They have expired."), (None, "")],
)
def test_the_page_warns_of_access_data_that_expire(
    admin_client: Client, channel: Channel, days: int | None, words: str
) -> None:
    UserProfile.objects.update_or_create(user=User.objects.get(username="admin"), defaults={"preferred_language": "en"})
    until = timezone.now() + timedelta(days=days) if days is not None else None
    credential_store().put(channel.credential, {"token": TOKEN}, expires_at=until)
    page = admin_client.get(f"/admin/channels/edit/{channel.pk}/").content.decode()

    for warning in ("They expire soon.", "They have expired."):
        assert (warning in page) == (warning == words)
    assert ("Valid until" in page) == (days is not None)
