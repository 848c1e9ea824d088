"""Secrets in the product's own database, encrypted with Fernet keys from the environment."""

import json
import uuid

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .models import Credential
from .store import CredentialsUnreadable, Secrets, from_store, plain


class DatabaseStore:
    """The first key of CREDENTIALS_KEYS encrypts, all of them decrypt: so keys are exchanged without a pause."""

    def write(self, reference: str, secrets: Secrets) -> None:
        token = cipher().encrypt(json.dumps(plain(secrets)).encode()).decode()
        Credential.objects.update_or_create(reference=uuid.UUID(reference), defaults={"token": token})

    def read(self, reference: str) -> Secrets:
        row = Credential.objects.filter(reference=reference).first()
        if row is None:
            return {}
        try:
            return from_store(json.loads(cipher().decrypt(row.token.encode())))
        except InvalidToken:
            # Without the cause: a traceback must not carry the token along.
            raise CredentialsUnreadable("No key of CREDENTIALS_KEYS opens this credential.") from None

    def remove(self, reference: str) -> None:
        Credential.objects.filter(reference=reference).delete()


def cipher() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])
    except ValueError:
        raise ImproperlyConfigured(
            "CREDENTIALS_KEYS must hold at least one Fernet key (32 bytes in URL-safe Base64), separated by commas."
        ) from None
