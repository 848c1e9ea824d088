"""Where secrets of channels are kept: the contract of a store, and the way to the one object that all code uses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

if TYPE_CHECKING:
    from .keeper import CredentialKeeper

Secrets = dict[str, SecretStr]
"""Named secrets. Their values print as asterisks wherever they end up: logs, error pages, locals of a traceback."""


class CredentialsUnreadable(Exception):
    """The secrets cannot be opened, and waiting does not help: the key or the right to read is gone.

    The text names what an administrator has to look at and never contains any of the secrets.
    """


class CredentialsUnavailable(Exception):
    """The store is away or refuses our log-in just now: the same call may well work later. Never quotes secrets."""


class CredentialsChanged(Exception):
    """Somebody has stored others meanwhile: those of the caller are out of date and were not stored."""


class Backend(Protocol):
    """A place for small sets of named secrets under a reference (a UUID as text) that itself is no secret.

    Each method may raise CredentialsUnreadable and CredentialsUnavailable. It keeps no log and knows no channels:
    the keeper does.
    """

    def write(self, reference: str, secrets: Secrets) -> None:
        """Stores them in place of any that are there."""

    def read(self, reference: str) -> Secrets:
        """The secrets; empty if there are none."""

    def remove(self, reference: str) -> None:
        """Forgets them; unknown references are no error."""


def plain(secrets: Mapping[str, str | SecretStr]) -> dict[str, str]:
    """As a store writes them down. Use it in the expression that needs it and keep it in no variable."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in secrets.items()
    }


def covered(secrets: Mapping[str, str | SecretStr]) -> Secrets:
    """The same with values that do not print."""
    return {name: value if isinstance(value, SecretStr) else SecretStr(value) for name, value in secrets.items()}


def from_store(found: object) -> Secrets:
    """What a store holds; somebody may have changed it there by hand. Raises CredentialsUnreadable."""
    if isinstance(found, dict) and all(isinstance(part, str) for pair in found.items() for part in pair):
        return covered(found)
    raise CredentialsUnreadable("What is stored there is no set of names and texts.")


def credential_store() -> "CredentialKeeper":
    """What everybody outside this package puts secrets into and gets them from."""
    # Imported here: models are ready only after Django has started.
    from .keeper import keeper

    return keeper
