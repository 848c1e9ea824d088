"""A column for each hour or day, as numbers that templates draw as SVG: below what went well, above it the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

HEIGHT = 120
STEP, WIDTH = 10, 7
"""Of one column; the picture is stretched to the page."""


@dataclass(frozen=True)
class Column:
    begins: date
    done: int
    failed: int
    x: int
    done_y: float
    done_height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True)
class Columns:
    columns: list[Column]
    highest: int
    done: int
    failed: int

    @property
    def picture_width(self) -> int:
        return len(self.columns) * STEP

    width, picture_height = WIDTH, HEIGHT


def columns_of(counted: Iterable[tuple[date, int, int]]) -> Columns:
    """Of (moment, done, failed) in order of time."""
    numbers = list(counted)
    highest = max((done + failed for _moment, done, failed in numbers), default=0)
    columns = []
    for index, (moment, done, failed) in enumerate(numbers):
        done_height, failed_height = _height(done, highest), _height(failed, highest)
        top = HEIGHT - done_height
        columns.append(
            Column(moment, done, failed, index * STEP, top, done_height, max(top - failed_height, 0), failed_height)
        )
    return Columns(columns, highest, sum(column.done for column in columns), sum(column.failed for column in columns))


def _height(count: int, highest: int) -> float:
    """A single one among thousands is drawn too."""
    return max(round(HEIGHT * count / highest, 1), 1) if count else 0
