"""Putting the secrets of the database under a new key."""

from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db import transaction

from . import events
from .database import cipher
from .models import Action, Credential, CredentialInfo


@transaction.atomic
def encrypt_again() -> tuple[int, list[UUID]]:
    """Puts every secret under the first key; afterwards the older keys may go.

    Returns how many, and the references that no key opens: these stay as they are. All rows are locked, so that
    what somebody types meanwhile waits and is not overwritten.
    """
    keys, done, lost = cipher(), [], []
    for row in Credential.objects.select_for_update():
        try:
            row.token = keys.rotate(row.token.encode()).decode()
        except InvalidToken:
            lost.append(row.reference)
        else:
            done.append(row)
    Credential.objects.bulk_update(done, ["token"])
    events.record(CredentialInfo.objects.filter(pk__in=[row.pk for row in done]), Action.ROTATED)
    return len(done), lost
