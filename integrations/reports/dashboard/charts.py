"""Pictures of the dashboard as numbers that templates draw."""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.publications.vocabulary import HELD, IN_MOTION, State
from integrations.reports.columns import Columns, columns_of

from .overview import ChannelLine
from .pace import Pace, Paces

LEAST = 1
"""Percent that a part of a bar takes at least: one car in a thousand is seen too."""


def attempts_of(paces: Paces) -> Columns:
    """Attempts that ended well and those that did not, in order of time."""
    empty = Pace()
    slots = [(slot, paces.slots.get(slot, empty)) for slot in paces.stretch.slots]
    return columns_of((slot, pace.done, pace.judged - pace.done) for slot, pace in slots)


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
