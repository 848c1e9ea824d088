"""Opened secrets, for a minute, in this process only."""

import time
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from .store import Secrets

KEPT_FOR = 60.0
"""Seconds: a thousand publications are then one call of the store a minute and process. What an administrator changes
in the store itself is noticed after a minute at most; what the product changes at once, by its version."""
MOST = 500
"""Credentials that are kept; no group of dealers has more channels."""


@dataclass(frozen=True)
class _Held:
    version: int
    secrets: Secrets
    """Values that do not print."""
    until: float


class SecretCache:
    """Secrets by reference, valid for one version of them."""

    def __init__(self) -> None:
        self._held: dict[UUID, _Held] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<SecretCache of {len(self._held)}>"

    def get(self, reference: UUID, version: int) -> Secrets | None:
        held = self._held.get(reference)
        if held is None or held.version != version or held.until < time.monotonic():
            return None
        return held.secrets

    def put(self, reference: UUID, version: int, secrets: Secrets) -> None:
        with self._lock:
            self._held.pop(reference, None)
            self._held[reference] = _Held(version, secrets, time.monotonic() + KEPT_FOR)
            while len(self._held) > MOST:
                del self._held[next(iter(self._held))]

    def forget(self, reference: UUID) -> None:
        with self._lock:
            self._held.pop(reference, None)
