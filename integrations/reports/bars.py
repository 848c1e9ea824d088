"""A bar for each day, drawn by the template as SVG."""

from dataclasses import dataclass
from datetime import date

from .periods import Period

HEIGHT = 120
STEP, WIDTH = 10, 7
"""Of one day; the picture is stretched to the page."""


@dataclass(frozen=True)
class Bar:
    day: date
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Bars:
    bars: list[Bar]
    highest: int
    total: int

    @property
    def width(self) -> int:
        return len(self.bars) * STEP

    bar_width, height = WIDTH, HEIGHT


def bars_of(counts: dict[date, int], period: Period) -> Bars:
    highest = max(counts.values(), default=0)
    bars = []
    for number, day in enumerate(period.days):
        count = counts.get(day, 0)
        height = max(round(HEIGHT * count / highest), 1) if count else 0
        bars.append(Bar(day, count, number * STEP, HEIGHT - height, height))
    return Bars(bars, highest, sum(counts.values()))
