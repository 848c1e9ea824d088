"""The stores by their names, each made once for its settings."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cms.settings.env import missing_for_store

from .database import DatabaseStore
from .models import Store
from .store import Backend

Options = dict[str, Any]


def backend(name: str) -> Backend:
    """Raises ImproperlyConfigured with the names of the environment variables that are missing."""
    if name == Store.DATABASE:
        return DatabaseStore()
    options = settings.CREDENTIALS_STORES[name]
    if missing := missing_for_store(name, options):
        raise ImproperlyConfigured(f"The store {name!r} needs {', '.join(missing)}. See docs/credentials.md.")
    return _made(name, tuple(sorted(options.items())))


@cache
def _made(name: str, options: tuple[tuple[str, Any], ...]) -> Backend:
    return MAKERS[Store(name)](dict(options))


def _vault(options: Options) -> Backend:
    # Here and below: the library is loaded only where it is used.
    from .vault import VaultStore

    return VaultStore(options)


def _aws(options: Options) -> Backend:
    from .aws import AwsStore

    return AwsStore(options)


MAKERS: dict[Store, Callable[[Options], Backend]] = {
    Store.VAULT: _vault,
    Store.AWS: _aws,
}
