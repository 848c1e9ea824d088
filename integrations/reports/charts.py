"""Pictures of the dashboard as numbers that templates draw: columns for hours or days, parts of a bar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from integrations.publications.vocabulary import HELD, IN_MOTION, State

from .overview import ChannelLine
from .pace import Paces

HEIGHT = 120
STEP, WIDTH = 10, 7
"""Of one column; the picture is stretched to the page."""
LEAST = 1
"""Percent that a part of a bar takes at least: one car in a thousand is seen too."""


@dataclass(frozen=True)
class ColumnBar:
    begins: datetime
    done: int
    failed: int
    x: int
    done_y: float
    done_height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True)
class Columns:
    bars: list[ColumnBar]
    highest: int
    done: int
    failed: int

    @property
    def width(self) -> int:
        return len(self.bars) * STEP

    bar_width, height = WIDTH, HEIGHT


def columns_of(paces: Paces) -> Columns:
    """Attempts that ended well, and on top of them those that did not, in order of time."""
    numbers = []
    for slot in paces.stretch.slots:
        pace = paces.slots.get(slot)
        numbers.append((slot, pace.done, pace.judged - pace.done) if pace else (slot, 0, 0))
    highest = max((done + failed for _slot, done, failed in numbers), default=0)
    bars = []
    for index, (slot, done, failed) in enumerate(numbers):
        done_height, failed_height = _height(done, highest), _height(failed, highest)
        top = HEIGHT - done_height
        bars.append(
            ColumnBar(slot, done, failed, index * STEP, top, done_height, max(top - failed_height, 0), failed_height)
        )
    return Columns(bars, highest, sum(bar.done for bar in bars), sum(bar.failed for bar in bars))


def _height(count: int, highest: int) -> float:
    """A single one among thousands is drawn too."""
    return max(round(HEIGHT * count / highest, 1), 1) if count else 0


@dataclass(frozen=True)
class Part:
    state: State
    count: int
    percent: float

    @property
    def tone(self) -> str:
        return tone_of(self.state)


def parts_of(line: ChannelLine) -> list[Part]:
    """The states of a channel's cars as parts of one bar, those that stand there first."""
    found = [(state, line.counts[state]) for state in ORDER if line.counts.get(state)]
    shares = [max(100 * count / line.total, LEAST) for _state, count in found]
    return [
        Part(state, count, round(100 * share / sum(shares), 2))
        for (state, count), share in zip(found, shares, strict=True)
    ]


ORDER = (State.PUBLISHED, *IN_MOTION, *HELD, State.FAILED, State.WITHDRAWN)


def tone_of(state: State) -> str:
    """Names the colour in the style sheet."""
    if state == State.PUBLISHED:
        return "good"
    if state in IN_MOTION:
        return "waiting"
    if state in HELD:
        return "held"
    return "bad" if state == State.FAILED else "off"


@dataclass(frozen=True)
class Share:
    """A line of a table with a bar behind its number."""

    label: str
    count: int
    percent: float


def shares_of(counts: Iterable[tuple[str, int]]) -> list[Share]:
    """Bars as long as their numbers, the longest one full."""
    rows = list(counts)
    highest = max((count for _label, count in rows), default=0)
    return [Share(label, count, round(100 * count / highest, 1)) for label, count in rows]
