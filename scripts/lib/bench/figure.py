"""What a measurement yields, and the little statistics that it needs."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure. `ratio` is the point; `value` and `against` belong to this machine and this run."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
