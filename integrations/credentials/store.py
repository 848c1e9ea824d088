"""Where secrets of channels are kept. The contract; `database.py` is the store that ships with the product."""

from collections.abc import Mapping
from typing import Protocol


class CredentialsUnreadable(Exception):
    """The secret exists but cannot be read (its key is gone). The text never contains any of it."""


class CredentialStore(Protocol):
    """Keeps small sets of named secrets under a reference that itself is no secret."""

    def put(self, reference: str, secrets: Mapping[str, str]) -> str:
        """Stores them; an empty reference makes a new one. Returns the reference."""

    def get(self, reference: str) -> dict[str, str]:
        """The secrets; empty if there are none. Raises CredentialsUnreadable."""

    def delete(self, reference: str) -> None:
        """Forgets them; unknown references are no error."""


def credential_store() -> CredentialStore:
    # Imported here: models are ready only after Django has started.
    from .database import DatabaseStore

    return DatabaseStore()
