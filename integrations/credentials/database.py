"""Secrets in the product's own database, encrypted with Fernet keys from the environment."""

import json
import uuid
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .models import Credential
from .store import CredentialsUnreadable


class DatabaseStore:
    """The first key of CREDENTIALS_KEYS encrypts, all of them decrypt: so keys are exchanged without a pause."""

    def put(self, reference: str, secrets: Mapping[str, str]) -> str:
        token = _cipher().encrypt(json.dumps(dict(secrets)).encode()).decode()
        row, _created = Credential.objects.update_or_create(
            reference=uuid.UUID(reference) if reference else uuid.uuid4(), defaults={"token": token}
        )
        return str(row.reference)

    def get(self, reference: str) -> dict[str, str]:
        row = Credential.objects.filter(reference=reference).first() if reference else None
        if row is None:
            return {}
        try:
            value: dict[str, str] = json.loads(_cipher().decrypt(row.token.encode()))
        except InvalidToken:
            # Without the cause: a traceback must not carry the token along.
            raise CredentialsUnreadable("No key of CREDENTIALS_KEYS opens this credential.") from None
        return value

    def delete(self, reference: str) -> None:
        if reference:
            Credential.objects.filter(reference=reference).delete()


def encrypt_again() -> int:
    """Puts every secret under the first key; afterwards the older keys may go. Returns how many."""
    cipher = _cipher()
    rows = list(Credential.objects.all())
    for row in rows:
        row.token = cipher.rotate(row.token.encode()).decode()
    Credential.objects.bulk_update(rows, ["token"])
    return len(rows)


def _cipher() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])
    except ValueError:
        raise ImproperlyConfigured(
            "CREDENTIALS_KEYS must hold at least one Fernet key (32 bytes in URL-safe Base64), separated by commas."
        ) from None
