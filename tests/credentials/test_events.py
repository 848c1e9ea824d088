"""The log of credentials: complete, small, without secrets, and nobody changes it afterwards."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from cms.users.models import User
from integrations.credentials import events
from integrations.credentials.models import (
    KEPT_FOR,
    Action,
    CredentialEvent,
    CredentialInfo,
    EventsAreKeptError,
    Source,
)
from integrations.credentials.selectors import expiring
from integrations.credentials.store import credential_store
from integrations.credentials.tasks import prune
from listings.changes import made_through
from listings.vocabulary import Way

pytestmark = pytest.mark.django_db


def log() -> list[tuple[str, str, str, int]]:
    return list(CredentialEvent.objects.order_by("pk").values_list("action", "source", "user_name", "uses"))


@pytest.fixture
def person() -> User:
    return User.objects.create_user("anna", first_name="Анна", last_name="Ковалёва")


def test_every_change_is_logged_with_who_did_it(person: User) -> None:
    with made_through(Way.ADMIN, person):
        reference = credential_store().put("", {"token": "canary-1"}, owner="Канал")
        credential_store().put(reference, {"token": "canary-2"})
        credential_store().get(reference)
        credential_store().delete(reference)

    name = "Анна Ковалёва"
    assert log() == [
        ("stored", "admin", name, 1),
        ("stored", "admin", name, 1),
        ("used", "admin", name, 1),
        ("deleted", "admin", name, 1),
    ]
    assert set(CredentialEvent.objects.values_list("owner", "store", "user")) == {("Канал", "database", person.pk)}
    assert "canary" not in str(list(CredentialEvent.objects.values()))


def test_a_worker_is_told_from_a_person_and_a_command(person: User) -> None:
    from celery import shared_task

    @shared_task(name="tests.use_credentials")
    def use(reference: str) -> None:
        credential_store().get(reference)

    reference = credential_store().put("", {"token": "canary-1"})
    use.apply(args=[reference])
    with made_through(Way.API, person):
        credential_store().get(reference)

    assert [row[:3] for row in log()] == [
        ("stored", "command", ""),
        ("used", "worker", ""),
        ("used", "api", "Анна Ковалёва"),
    ]


@pytest.mark.django_db(transaction=True)
def test_uses_of_an_hour_are_one_row_that_counts(django_assert_num_queries: Callable[..., Any]) -> None:
    reference = credential_store().put("", {"token": "canary-1"})
    credential_store().get(reference)
    with django_assert_num_queries(50):
        for _use in range(50):
            credential_store().get(reference)
    assert log()[1:] == [("used", "command", "", 1)]

    events.uses._written.clear()
    credential_store().get(reference)
    assert log()[1:] == [("used", "command", "", 52)]


def test_another_hour_is_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = credential_store().put("", {"token": "canary-1"})
    credential_store().get(reference)
    now = timezone.now()
    monkeypatch.setattr(events.timezone, "now", lambda: now + timedelta(hours=1))
    credential_store().get(reference)

    assert [row[3] for row in log() if row[0] == "used"] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_use_of_a_rolled_back_transaction_is_written_by_the_next_one() -> None:
    reference = credential_store().put("", {"token": "canary-1"})

    @transaction.atomic
    def use_and_fail() -> None:
        credential_store().get(reference)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_and_fail()
    assert [row[0] for row in log()] == ["stored"]

    credential_store().get(reference)
    assert log()[1:] == [("used", "command", "", 2)]


@pytest.mark.django_db(transaction=True)
def test_threads_that_use_one_credential_at_once_are_counted_exactly_and_never_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "WRITE_USES_EVERY", -1.0)
    reference = credential_store().put("", {"token": "canary-1"})
    credential_store().get(reference)

    def use(_turn: int) -> None:
        try:
            credential_store().get(reference)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(use, range(60)))

    assert log()[1:] == [("used", "command", "", 61)]


def test_entries_are_neither_changed_nor_deleted() -> None:
    credential_store().put("", {"token": "canary-1"})
    event = CredentialEvent.objects.get()
    for act in (
        event.save,
        event.delete,
        lambda: CredentialEvent.objects.update(owner="x"),
        lambda: CredentialEvent.objects.all().delete(),
        lambda: CredentialEvent.objects.bulk_update([event], ["owner"]),
    ):
        with pytest.raises(EventsAreKeptError):
            act()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such guard.")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credentials_credentialevent SET owner = 'x'",
        "UPDATE credentials_credentialevent SET uses = 1, action = 'used'",
        "UPDATE credentials_credentialevent SET at = at - interval '2 years'",
        "DELETE FROM credentials_credentialevent",
    ],
)
def test_the_database_itself_refuses(statement: str) -> None:
    reference = credential_store().put("", {"token": "canary-1"})
    credential_store().get(reference)
    with pytest.raises(DatabaseError, match="kept for a year"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_after_a_year_entries_are_forgotten() -> None:
    reference = credential_store().put("", {"token": "canary-1"})
    young, old = timezone.now() - KEPT_FOR + timedelta(hours=1), timezone.now() - KEPT_FOR - timedelta(hours=1)
    for at in (young, old):
        CredentialEvent.objects.create(
            reference=reference, store="database", action=Action.STORED, source=Source.ADMIN, at=at, last_at=at
        )
    prune()

    assert sorted(CredentialEvent.objects.values_list("at", flat=True))[0] == young
    assert CredentialEvent.objects.count() == 2


def test_the_newest_entries_of_one_credential_are_shown() -> None:
    other = credential_store().put("", {"token": "canary-1"})
    reference = credential_store().put("", {"token": "canary-2"})
    credential_store().put(reference, {"token": "canary-3"})

    assert [event.reference.hex for event in events.credential_events(reference, 1)] == [reference.replace("-", "")]
    assert events.credential_events(reference).count() == 2
    assert events.credential_events(other).count() == 1
    assert events.credential_events("").count() == 0


def test_those_that_expire_are_found_most_urgent_first() -> None:
    now = timezone.now()
    for days in (30, 13, -1, None):
        expires_at = now + timedelta(days=days) if days is not None else None
        credential_store().put("", {"token": "canary"}, owner=str(days), expires_at=expires_at)

    assert list(expiring().values_list("owner", flat=True)) == ["-1", "13"]
    assert list(expiring(timedelta(days=40)).values_list("owner", flat=True)) == ["-1", "13", "30"]


def test_rotation_is_logged_and_tells_what_no_key_opens(settings: Any) -> None:
    from cryptography.fernet import Fernet

    lost_key, old, new = (Fernet.generate_key().decode() for _key in range(3))
    settings.CREDENTIALS_KEYS = [lost_key]
    lost = credential_store().put("", {"token": "canary-lost"})
    settings.CREDENTIALS_KEYS = [old]
    kept = credential_store().put("", {"token": "canary-kept"}, owner="Канал")
    settings.CREDENTIALS_KEYS = [new, old]

    with pytest.raises(CommandError, match=lost) as caught:
        call_command("rotate_credentials")
    assert "canary" not in str(caught.value)
    assert [str(event.reference) for event in CredentialEvent.objects.filter(action=Action.ROTATED)] == [kept]


def test_a_counter_may_grow_and_nothing_else() -> None:
    reference = credential_store().put("", {"token": "canary-1"})
    credential_store().get(reference)
    rows = models.QuerySet(CredentialEvent).filter(action=Action.USED)
    assert rows.update(uses=models.F("uses") + 5) == 1
    assert CredentialInfo.objects.count() == 1
