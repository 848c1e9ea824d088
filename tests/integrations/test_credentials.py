"""Secrets go in and never come out: not in the admin, the logs, the rows, the tasks or the errors."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pydantic import SecretStr
from pytest_django import Settings

from integrations.credentials.database import DatabaseStore
from integrations.credentials.models import Action, Credential, CredentialInfo, Source
from integrations.credentials.store import CredentialsUnreadable, credential_store, plain
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
