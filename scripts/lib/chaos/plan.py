"""How much is done, and how hard it is made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    cars: int
    kills: int
    settle_seconds: int
    seed: int = 1

    @property
    def faults(self) -> int:
        """Of each kind: with the kills they meet about every tenth car."""
        return max(1, self.cars // 60)


FULL = Plan(cars=1000, kills=20, settle_seconds=600)
QUICK = Plan(cars=120, kills=5, settle_seconds=240)

THREADS = 4
"""Of each worker: so many calls a kill can cut off."""
WORKERS = 2
REQUEST_SECONDS, PUBLISHING_SECONDS = 8, 4
"""A call may take so long; a killed worker's publications are free again after both and ten seconds more."""
ENVIRONMENT = {
    "LOG_LEVEL": "WARNING",
    "REQUEST_SECONDS": str(REQUEST_SECONDS),
    "PUBLISHING_SECONDS": str(PUBLISHING_SECONDS),
    # The dead hold their places until their leases end; here they must not slow the others down.
    "CALLS_PER_CHANNEL": "200",
    "EDIT_DELAY": "0",
}
