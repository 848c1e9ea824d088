"""The log of credentials: who opened or changed which, when and by which way in. It holds no secrets.

Changes are one entry each. Uses are counted: one entry for each reference, source, person and hour. The first use of
an hour is written at once, before the secrets are handed out; further ones are counted in memory and written once a
minute at most, so that a thousand publications are not a thousand writes of one row. A process that is killed takes
the count of its last minute with it, never the fact that it used them.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from celery import current_task
from django.db import models, transaction
from django.utils import timezone

from cms.users.models import User
from listings.changes import current_user, current_way
from listings.vocabulary import Way

from .models import KEPT_FOR, Action, CredentialEvent, CredentialInfo, Source

WRITE_USES_EVERY = 60.0
"""Seconds for which uses are only counted."""
MOST_EVENTS = 50
"""Of one credential that a page shows."""


@dataclass(frozen=True)
class Actor:
    """Who is at it, found out from where the code runs."""

    source: Source
    user: User | None

    @classmethod
    def current(cls) -> "Actor":
        if current_task:
            return cls(Source.WORKER, None)
        way = {Way.ADMIN: Source.ADMIN, Way.API: Source.API}.get(current_way(), Source.COMMAND)
        return cls(way, current_user())

    @property
    def name(self) -> str:
        return (self.user.get_full_name() or self.user.username)[:150] if self.user else ""


def record(infos: Iterable[CredentialInfo], action: Action) -> None:
    """One entry for each."""
    actor, now = Actor.current(), timezone.now()
    CredentialEvent.objects.bulk_create(_entry(info, action, actor, now) for info in infos)


def _entry(info: CredentialInfo, action: Action, actor: Actor, now: datetime) -> CredentialEvent:
    return CredentialEvent(
        reference=info.reference,
        owner=info.owner,
        store=info.store,
        action=action,
        source=actor.source,
        user_id=actor.user.pk if actor.user else None,
        user_name=actor.name,
        at=now,
        last_at=now,
    )


class UseCounter:
    """Uses that are not written down yet, of this process."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._claimed: Counter[str] = Counter()
        self._written: dict[str, float] = {}
        self._lock = Lock()

    def count(self, info: CredentialInfo) -> None:
        actor, now = Actor.current(), timezone.now()
        key = f"{info.pk}|{info.store}|{actor.source}|{actor.user.pk if actor.user else ''}|{now:%Y-%m-%dT%H}"
        with self._lock:
            self._waiting[key] += 1
            if time.monotonic() - self._written.get(key, -WRITE_USES_EVERY) < WRITE_USES_EVERY:
                return
            # Of several threads at one key each writes what no other is writing: its own use at least.
            uses = max(self._waiting[key] - self._claimed[key], 1)
            # A transaction that is rolled back takes the entry with it: then the next use writes it.
            claimed = 0 if transaction.get_connection().in_atomic_block else uses
            self._claimed[key] += claimed
        try:
            self._write(key, uses, _entry(info, Action.USED, actor, now))
        except BaseException:
            with self._lock:
                self._claimed[key] -= claimed
            raise
        transaction.on_commit(lambda: self._is_written(key, uses, claimed))

    def _write(self, key: str, uses: int, entry: CredentialEvent) -> None:
        entry.hour, entry.uses = key, 0
        # Past the manager that refuses changes: a count may grow.
        same_hour: models.QuerySet[CredentialEvent] = models.QuerySet(CredentialEvent).filter(hour=key)
        grown = {"uses": models.F("uses") + uses, "last_at": entry.last_at}
        if not same_hour.update(**grown):
            CredentialEvent.objects.bulk_create([entry], ignore_conflicts=True)
            same_hour.update(**grown)

    def _is_written(self, key: str, uses: int, claimed: int) -> None:
        with self._lock:
            self._waiting[key] = max(self._waiting[key] - uses, 0)
            self._claimed[key] -= claimed
            self._written[key] = time.monotonic()
            for old in [each for each, at in self._written.items() if time.monotonic() - at > 2 * WRITE_USES_EVERY]:
                if not self._waiting[old]:
                    del self._waiting[old], self._claimed[old], self._written[old]


uses = UseCounter()


def credential_events(reference: str | UUID, limit: int = MOST_EVENTS) -> models.QuerySet[CredentialEvent]:
    """The newest entries of a credential; none for an empty reference."""
    found = CredentialEvent.objects.filter(reference=reference) if reference else CredentialEvent.objects.none()
    return found[:limit]


def prune(now: datetime | None = None) -> int:
    """Forgets what is older than a year. Returns how many entries."""
    everything: models.QuerySet[CredentialEvent] = models.QuerySet(CredentialEvent)
    return everything.filter(at__lt=(now or timezone.now()) - KEPT_FOR).delete()[0]
