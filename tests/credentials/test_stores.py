"""What holds in every store: secrets come back, change, move and go, over the real protocols."""

import time
import uuid
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.credentials import cache, keeper
from integrations.credentials.backends import backend
from integrations.credentials.keeper import CredentialKeeper
from integrations.credentials.models import CredentialInfo
from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, credential_store, plain
from integrations.credentials.vault import VaultStore

from .conftest import Use
from .vault_server import VaultServer

pytestmark = pytest.mark.django_db

SECRETS = {"token": '123:жёлтый "quoted" \\ text', "app_secret": "second"}


@pytest.fixture(params=["database", "vault", "aws"])
def store(request: pytest.FixtureRequest) -> str:
    """Each of them is the one that is set."""
    if request.param != "database":
        request.getfixturevalue(request.param)
    return str(request.param)


def test_secrets_come_back_as_they_went_in(store: str, without_cache: None) -> None:
    reference = credential_store().put("", SECRETS, owner="Канал")

    assert plain(credential_store().get(reference)) == SECRETS
    info = CredentialInfo.objects.get()
    assert (str(info.pk), info.store, info.owner, info.fields) == (reference, store, "Канал", ["app_secret", "token"])


def test_changed_secrets_replace_the_old_ones(store: str, without_cache: None) -> None:
    reference = credential_store().put("", SECRETS)

    assert credential_store().put(reference, {"token": "new-one"}) == reference
    assert plain(credential_store().get(reference)) == {"token": "new-one"}
    assert CredentialInfo.objects.get().fields == ["token"]


@pytest.mark.django_db(transaction=True)
def test_deleted_secrets_are_gone_and_may_be_deleted_again(store: str, without_cache: None) -> None:
    reference = credential_store().put("", SECRETS)
    credential_store().delete(reference)
    credential_store().delete(reference)
    credential_store().delete("")

    assert credential_store().get(reference) == {}
    assert backend(store).read(reference) == {}


def test_what_is_not_stored_is_empty(store: str) -> None:
    assert credential_store().get("") == {}
    assert credential_store().get(str(uuid.uuid4())) == {}
    assert backend(store).read(str(uuid.uuid4())) == {}
    backend(store).remove(str(uuid.uuid4()))


def test_stores_take_a_deleted_reference_again(store: str, without_cache: None) -> None:
    """AWS keeps a deleted secret for a week, and refuses its name as long."""
    reference = str(uuid.uuid4())
    for turn in ("first", "second"):
        credential_store().put(reference, {"token": turn})
        assert plain(credential_store().get(reference)) == {"token": turn}
        backend(store).remove(reference)


def test_secrets_that_somebody_took_out_of_the_store_are_missed(store: str, without_cache: None) -> None:
    reference = credential_store().put("", SECRETS)
    backend(store).remove(reference)

    with pytest.raises(CredentialsUnreadable, match="has nothing under"):
        credential_store().get(reference)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_uses_ask_the_store_once(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = credential_store().put("", SECRETS)
    credential_store().get(reference)
    asked = []
    monkeypatch.setattr(type(backend(store)), "read", lambda self, each: asked.append(each))

    with CaptureQueriesContext(connection) as queries:
        for _use in range(1000):
            assert plain(credential_store().get(reference)) == SECRETS

    assert asked == []
    assert len(queries) == 1000


@pytest.mark.django_db(transaction=True)
def test_what_one_process_changes_is_used_by_all_at_once(store: str) -> None:
    """An old token would be refused, and the channel paused that somebody has just set right."""
    reference = credential_store().put("", SECRETS)
    another_process = CredentialKeeper()
    assert plain(another_process.get(reference)) == SECRETS
    credential_store().put(reference, {"token": "changed"})

    assert plain(another_process.get(reference)) == {"token": "changed"}
    credential_store().delete(reference)
    assert another_process.get(reference) == {}


def test_what_somebody_changes_in_the_store_itself_is_noticed_within_a_minute(
    vault: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = credential_store().put("", SECRETS)
    credential_store().get(reference)
    vault.change(reference, token="changed-in-vault", added="x-y-z")
    assert plain(credential_store().get(reference)) == SECRETS

    passed = time.monotonic() + cache.KEPT_FOR + 1
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: passed))
    assert plain(credential_store().get(reference)) == {"token": "changed-in-vault", "added": "x-y-z"}
    assert CredentialInfo.objects.get().fields == ["added", "token"]


def test_a_store_that_is_away_is_not_asked_by_everybody(
    own_vault: VaultServer, use: Use, monkeypatch: pytest.MonkeyPatch, without_cache: None
) -> None:
    use("vault", **own_vault.app_role())
    reference = credential_store().put("", SECRETS)
    tries: list[str] = []
    read = VaultStore.read
    monkeypatch.setattr(VaultStore, "read", lambda self, each: (tries.append(each), read(self, each))[1])
    with own_vault.sealed():
        for _publication in range(10):
            with pytest.raises(CredentialsUnavailable):
                credential_store().get(reference)
    assert len(tries) == 1

    passed = time.monotonic() + keeper.AWAY_FOR
    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: passed))
    assert plain(credential_store().get(reference)) == SECRETS
