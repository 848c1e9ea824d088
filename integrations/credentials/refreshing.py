"""Exchanging credentials for newer ones: one worker at a time, the old ones never lost before the new ones are kept.

A lease in the row of what is known, and not a lock: the platform may take a minute to answer, and on SQLite a lock
would hold up every other writer meanwhile. Whoever types others in the meantime wins.
"""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from . import events
from .keeper import keeper
from .models import Action, CredentialInfo
from .redaction import scrub
from .store import CredentialsUnavailable, CredentialsUnreadable, Secrets

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=4)
"""Longer than two requests to a platform can take, and the tries to store what they bring."""
AFTER = 2 / 3
"""Of their life: then newer ones are asked for. A token of 60 days has 20 left, time enough for a person to help."""
AT_LAST = timedelta(hours=2)
"""Before the end, short-lived ones are asked for in any case."""
ASK_EVERY = timedelta(days=1)
"""Where nobody knows until when they hold, or the platform has said "not yet"."""
GIVEN_UP = timedelta(days=2)
"""After the end no platform renews them."""
STORING_PAUSES = (1.0, 5.0, 15.0)
"""Seconds between tries to store new ones: the platform may already refuse the old ones."""


def is_due(info: CredentialInfo, now: datetime) -> bool:
    """Whether the platform should be asked for newer ones."""
    since = info.refreshed_at or info.stored_at
    asked = info.asked_at or since
    if info.expires_at is None:
        return now - asked >= ASK_EVERY
    left = info.expires_at - now
    if left < -GIVEN_UP:
        return False
    if left <= AT_LAST:
        return True
    return now >= since + (info.expires_at - since) * AFTER and now - asked >= ASK_EVERY


def due(references: Mapping[str, int], now: datetime) -> list[int]:
    """Of credentials by reference those that are due, as what they are mapped to."""
    infos = CredentialInfo.objects.filter(pk__in=[reference for reference in references if reference])
    return [references[str(info.pk)] for info in infos if is_due(info, now)]


def take(reference: str | UUID, now: datetime) -> CredentialInfo | None:
    """The lease; None if somebody has it, or was quicker.

    Raises CredentialsUnavailable and -Unreadable where the store would not take new ones either: then nobody is asked.
    """
    free = Q(refresh_until=None) | Q(refresh_until__lt=now)
    if not CredentialInfo.objects.filter(free, pk=reference).update(refresh_until=now + LEASE):
        return None
    info = CredentialInfo.objects.get(pk=reference)
    if not is_due(info, now):
        release(info)
        return None
    try:
        keeper.look_into_store(info)
    except (CredentialsUnavailable, CredentialsUnreadable):
        release(info)
        raise
    return info


def store(info: CredentialInfo, secrets: Secrets, expires_at: datetime | None) -> None:
    """Replaces exactly those that were leased. Raises CredentialsChanged, CredentialsUnavailable and -Unreadable."""
    for pause in (*STORING_PAUSES, None):
        try:
            keeper.put(str(info.pk), secrets, expires_at=expires_at, action=Action.REFRESHED, instead_of=info.version)
        except CredentialsUnavailable:
            if pause is None:
                logger.error("Renewed access data of %s could not be stored and are lost: enter them anew", info.pk)
                raise
            time.sleep(pause)
        else:
            return


def release(info: CredentialInfo) -> None:
    CredentialInfo.objects.filter(pk=info.pk).update(refresh_until=None)


def not_yet(info: CredentialInfo, now: datetime) -> None:
    """The platform has none: it is asked again tomorrow."""
    CredentialInfo.objects.filter(pk=info.pk, version=info.version).update(refresh_until=None, asked_at=now, problem="")


def failed(reference: str | UUID, words: str) -> None:
    """Told to people, and tried again within the hour. The old ones stay as they are."""
    CredentialInfo.objects.filter(pk=reference).update(refresh_until=None, problem=scrub(words))
    events.record(CredentialInfo.objects.filter(pk=reference), Action.REFRESH_FAILED)
