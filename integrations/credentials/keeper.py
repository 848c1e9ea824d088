"""The one way to credentials: keeps them in whatever store is set, remembers what is no secret, and logs who was at it.

Each set of secrets says itself in which store it is (`CredentialInfo.store`); the setting CREDENTIALS_STORE says where
new and changed ones go. So both work while `move_credentials` runs, and nothing has to stop for it.
"""

import logging
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from pydantic import SecretStr

from . import events
from .backends import backend
from .cache import SecretCache
from .models import Action, CredentialInfo, CredentialRemoval
from .redaction import redactor
from .store import CredentialsChanged, CredentialsUnavailable, CredentialsUnreadable, Secrets, covered

logger = logging.getLogger(__name__)

AWAY_FOR = 5.0
"""Seconds in which a store that was away is not asked again: each try may wait as long for its connection, and a
thousand publications that find this out one by one would hold up all workers."""


class CredentialKeeper:
    """Small sets of named secrets under a reference that itself is no secret."""

    def __init__(self) -> None:
        self._cache = SecretCache()
        self._away: dict[str, float] = {}

    def put(
        self,
        reference: str,
        secrets: Mapping[str, str | SecretStr],
        *,
        expires_at: datetime | None = None,
        owner: str = "",
        action: Action = Action.STORED,
        instead_of: int | None = None,
    ) -> str:
        """Stores them; an empty reference makes a new one. Returns the reference.

        `owner` says in words whose they are. With `instead_of` they only replace that very version, else
        CredentialsChanged. Raises CredentialsUnreadable and CredentialsUnavailable; then the old ones are still there.
        """
        hidden, now = covered(secrets), timezone.now()
        pk = uuid.UUID(reference) if reference else uuid.uuid4()
        redactor.learn(str(pk), hidden.values())
        with transaction.atomic():
            info = CredentialInfo.objects.select_for_update().filter(pk=pk).first() or CredentialInfo(reference=pk)
            if instead_of is not None and info.version != instead_of:
                raise CredentialsChanged
            old_store = info.store
            info.store, info.owner = settings.CREDENTIALS_STORE, owner[:150] or info.owner
            backend(info.store).write(str(pk), hidden)
            info.version += 1
            info.fields, info.expires_at, info.problem = _names(hidden), expires_at, ""
            if action == Action.REFRESHED:
                info.refreshed_at = info.asked_at = now
            else:
                info.stored_at, info.refreshed_at, info.asked_at = now, None, None
            info.refresh_until = None
            info.save()
            events.record([info], action)
            if old_store not in {"", info.store}:
                self._take_out(pk, old_store)
        return str(pk)

    def get(self, reference: str, *, owner: str = "") -> Secrets:
        """The secrets; empty if there are none. Logged as a use. Raises CredentialsUnreadable and -Unavailable."""
        info = CredentialInfo.objects.filter(pk=reference).first() if reference else None
        if info is None:
            return {}
        secrets = self._cache.get(info.pk, info.version)
        if secrets is None:
            secrets = self._open_patiently(info, owner)
            self._cache.put(info.pk, info.version, secrets)
        events.uses.count(info)
        return dict(secrets)

    def look_into_store(self, info: CredentialInfo) -> None:
        """Whether they are there and can be opened now, past the cache. Raises as `get` does."""
        self._open(info)

    def delete(self, reference: str) -> None:
        """Forgets them; unknown references are no error. A store that is away is cleared later."""
        if not reference:
            return
        with transaction.atomic():
            info = CredentialInfo.objects.select_for_update().filter(pk=reference).first()
            if info is None:
                return
            events.record([info], Action.DELETED)
            self._take_out(info.pk, info.store)
            info.delete()
        self._cache.forget(uuid.UUID(reference))

    def move(self, reference: str, to: str, *, keep: bool = False) -> bool:
        """Copies them into another store, reads them back, and from then on opens them there.

        `keep` leaves the copy in the old store. False: they are there already, or deleted meanwhile.
        Raises CredentialsUnreadable and CredentialsUnavailable; then nothing has changed.
        """
        with transaction.atomic():
            info = CredentialInfo.objects.select_for_update().filter(pk=reference).first()
            if info is None or info.store == to:
                return False
            secrets, old_store = self._open(info), info.store
            backend(to).write(str(info.pk), secrets)
            if backend(to).read(str(info.pk)) != secrets:
                raise CredentialsUnavailable(f"The store {to!r} did not give back what was written.")
            info.store = to
            info.version += 1
            info.save(update_fields=["store", "version"])
            events.record([info], Action.MOVED)
            if not keep:
                self._take_out(info.pk, old_store)
        return True

    def clear_stores(self) -> int:
        """Takes out what is no longer needed where that did not work at once. Returns how many are left."""
        for removal in CredentialRemoval.objects.all():
            self._remove(removal)
        return CredentialRemoval.objects.count()

    def _open_patiently(self, info: CredentialInfo, owner: str) -> Secrets:
        """A store that was away a moment ago still is."""
        if time.monotonic() < self._away.get(info.store, 0):
            raise CredentialsUnavailable(f"The store {info.store!r} was away a moment ago.")
        try:
            return self._open(info, owner)
        except CredentialsUnavailable:
            self._away[info.store] = time.monotonic() + AWAY_FOR
            raise

    def _open(self, info: CredentialInfo, owner: str = "") -> Secrets:
        """From the store itself. What is known of them follows what is really there."""
        try:
            secrets = backend(info.store).read(str(info.pk))
        except ImproperlyConfigured as error:
            # Its variables were taken away too early; nothing is wrong with the secrets.
            raise CredentialsUnavailable(str(error)) from None
        if info.fields and not secrets:
            raise CredentialsUnreadable(f"The store {info.store!r} has nothing under {info.pk} any more.")
        redactor.learn(str(info.pk), secrets.values())
        seen = {"fields": _names(secrets), "owner": owner[:150] or info.owner}
        if seen != {name: getattr(info, name) for name in seen}:
            _set(info, **seen)
        return secrets

    def _take_out(self, pk: uuid.UUID, store: str) -> None:
        """After the commit, as a store outside cannot be rolled back; the row stays until it is done."""
        removal, _created = CredentialRemoval.objects.get_or_create(reference=pk, store=store)
        transaction.on_commit(lambda: self._remove(removal))

    def _remove(self, removal: CredentialRemoval) -> None:
        with transaction.atomic():
            in_use = CredentialInfo.objects.select_for_update().filter(pk=removal.reference, store=removal.store)
            # They have come back meanwhile: these are the ones that are used.
            if not in_use.exists():
                try:
                    backend(removal.store).remove(str(removal.reference))
                except (CredentialsUnavailable, CredentialsUnreadable) as error:
                    logger.warning("%s stays in %s for now: %s", removal.reference, removal.store, error)
                    return
            CredentialRemoval.objects.filter(pk=removal.pk).delete()


def _names(secrets: Secrets) -> list[str]:
    return sorted(name for name, value in secrets.items() if value.get_secret_value())


def _set(info: CredentialInfo, **values: Any) -> None:
    """Only these columns, and in the object that is at hand as well."""
    for name, value in values.items():
        setattr(info, name, value)
    CredentialInfo.objects.filter(pk=info.pk).update(**values)


keeper = CredentialKeeper()
