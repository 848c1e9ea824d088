"""What holds in every store: secrets come back, change, move and go, over the real protocols."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.credentials.backends import backend
from integrations.credentials.models import CredentialInfo
from integrations.credentials.store import CredentialsUnreadable, credential_store, plain

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
