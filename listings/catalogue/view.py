"""One state of the catalogue's index, frozen: what a request asks, however long it takes."""

import bisect
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .words import query_words

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Rows = np.ndarray[Any, np.dtype[np.int64]]
Bits = np.ndarray[Any, np.dtype[np.uint8]]

SET_BYTES = 32
"""256 codes per set, four times what a car's equipment list has."""
BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)
"""For each value of a byte, which of its eight bits are set."""
MAX_COMPLETIONS = 200
"""Words that the last, unfinished word of a query may stand for."""


@dataclass(frozen=True)
class Selection:
    """What a query has found: the ids of the page asked for, and how many there are in all."""

    ids: list[int]
    count: int


@dataclass(frozen=True)
class CatalogueView:
    """The first `size` rows of the index's columns. `alive` marks the rows that count at `version`.

    `codes`, `postings` and `vocabulary` are the index's own and may grow meanwhile; what is newer is cut off.
    """

    version: int
    reference: int
    """The version of the reference data, whose names the filters understand."""
    size: int
    columns: dict[str, np.ndarray[Any, Any]]
    alive: Mask
    codes: dict[str, dict[str, int]]
    postings: dict[str, list[int]]
    vocabulary: list[str]

    def column(self, name: str) -> np.ndarray[Any, Any]:
        return self.columns[name][: self.size]

    @staticmethod
    def rows(mask: Mask) -> Rows:
        """The marked rows' numbers. Where few are marked, reading many columns at them is cheaper than by mark."""
        return np.flatnonzero(mask)

    def is_used(self, column: str, value: str) -> bool:
        """Whether a car that counts has this code."""
        code = self.codes[column].get(value)
        if code is None:
            return False
        cells = self.column(column)
        having = cells == code if cells.ndim == 1 else cells[:, code // 8] & (1 << code % 8) != 0
        return bool(np.any(having & self.alive))

    # --- marks: one per filter --------------------------------------------------------------------

    def any_of(self, column: str, values: Sequence[str]) -> Mask:
        codes = [self.codes[column][value] for value in values if value in self.codes[column]]
        if len(codes) == 1:
            matching: Mask = np.equal(self.column(column), codes[0])
            return matching
        return np.asarray(np.isin(self.column(column), codes))

    def between(self, column: str, low: int, high: int | None) -> Mask:
        numbers = self.column(column)
        # `low` is at least 0, and "not given" is below 0: it falls outside.
        inside = np.greater_equal(numbers, low)
        return inside if high is None else np.logical_and(inside, np.less_equal(numbers, high))

    def set_has_any(self, column: str, values: Sequence[str]) -> Mask:
        codes = self.codes[column]
        wanted = set_bits({codes[value] for value in values if value in codes})
        return np.asarray(np.any(self.column(column) & wanted, axis=1))

    def set_has_all(self, column: str, values: Sequence[str]) -> Mask:
        codes = self.codes[column]
        if not all(value in codes for value in values):
            return np.zeros(self.size, dtype=np.bool_)
        wanted = set_bits({codes[value] for value in values})
        return np.asarray(np.all((self.column(column) & wanted) == wanted, axis=1))

    def text(self, query: str) -> Mask | None:
        """Rows that have all words of the query; the last word may be the beginning of one."""
        words = query_words(query)
        result: Mask | None = None
        for position, word in enumerate(words):
            found = np.zeros(self.size, dtype=np.bool_)
            for rows in self._rows_with(word, prefix=position == len(words) - 1):
                found[rows] = True
            result = found if result is None else result & found
        return result

    def _rows_with(self, word: str, *, prefix: bool) -> Iterable[Rows]:
        words = [word]
        if prefix and len(word) >= 2:
            start = bisect.bisect_left(self.vocabulary, word)
            candidates = self.vocabulary[start : start + MAX_COMPLETIONS]
            words = list(itertools.takewhile(lambda known: known.startswith(word), candidates))
        for known in words:
            rows = np.array(self.postings.get(known, ()), dtype=np.int64)
            yield rows[rows < self.size]

    # --- answers ----------------------------------------------------------------------------------

    def select(self, mask: Mask, *, sort: str, limit: int, offset: int) -> Selection:
        """A page of the marked rows. `sort`: a column, with "-" for descending; newest first among equals."""
        rows = np.flatnonzero(mask)
        end = offset + limit
        keys = self.column(sort.removeprefix("-"))[rows]
        if sort.startswith("-"):
            keys = -keys
        if end < len(rows):
            # All that could be on the page, whatever their order among equals is.
            border = np.partition(keys, end - 1)[end - 1]
            near = keys <= border
            keys, candidates = keys[near], rows[near]
        else:
            candidates = rows
        order = np.lexsort((-self.column("pk")[candidates], keys))[offset:end]
        return Selection(ids=self.column("pk")[candidates[order]].tolist(), count=len(rows))

    def count_codes(self, column: str, rows: Rows) -> dict[str, int]:
        """How many of the rows have each code; codes that none has are left out."""
        codes = list(self.codes[column])
        counts = np.bincount(self.column(column)[rows], minlength=len(codes)).tolist()
        return {code: count for code, count in zip(codes, counts, strict=False) if count and code}

    def count_sets(self, column: str, rows: Rows) -> dict[str, int]:
        codes = list(self.codes[column].items())
        used = self.column(column)[rows, : (len(codes) + 7) // 8]
        counts = [
            count
            for byte in range(used.shape[1])
            for count in (np.bincount(used[:, byte], minlength=256) @ BITS).tolist()
        ]
        return {code: counts[bit] for code, bit in codes if bit < len(counts) and counts[bit]}

    def extent(self, column: str, rows: Rows) -> list[int] | None:
        """The least and the greatest number among the rows; None if no row has one."""
        numbers = self.column(column)[rows]
        numbers = numbers[numbers >= 0]
        return [int(numbers.min()), int(numbers.max())] if len(numbers) else None


def set_bits(codes: set[int]) -> Bits:
    """A set of code numbers as the bytes of a set column."""
    return np.frombuffer(sum(1 << code for code in codes).to_bytes(SET_BYTES, "little"), dtype=np.uint8)
