"""The catalogue's filter columns in memory: facets, filters, sorting and text search without a scan of the database.

Every web process keeps one index. It is loaded once and then follows `CatalogueVersion`: each request reads the
number (one small query) and, if it has moved, the documents above the last number seen. A changed document is
appended and its old row switched off, so that readers never meet a half-written row and writers never wait for them.
"""

import bisect
import itertools
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from listings.models import CatalogueVersion, PublishedListing

from .words import query_words

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Rows = np.ndarray[Any, np.dtype[np.int64]]

CODED = (
    "make", "model", "generation", "city", "oblast", "dealer", "fuel", "gearbox", "drive", "body", "color",
    "condition", "sale_state",
)  # fmt: skip
"""Columns of codes; held as numbers, with a dictionary of the codes."""
NUMBERS = ("year", "price_byn", "price_usd", "mileage_km", "engine_cc", "power_hp", "owners")
FLAGS = ("vat", "exchange", "leasing", "customs_cleared", "has_photo")
SETS = ("payment_types", "equipment")
"""Columns of several codes; held as one bit per code."""
SET_BYTES = 32
"""256 codes per set, four times what a car's equipment list has."""
BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)
"""For each value of a byte, which of its eight bits are set."""
UNKNOWN = -1
"""Stands for "not given" in a number column: outside every range."""

FIELDS = ("pk", "version", "is_public", "published_at", "search_words", *CODED, *NUMBERS, *FLAGS, *SETS)
LOAD_BATCH = 5000
MAX_COMPLETIONS = 200
"""Words that the last, unfinished word of a query may stand for."""
MAX_SHARE_OF_OLD_ROWS = 0.5
"""Rebuild when more than this share of the rows is switched off."""


@dataclass(frozen=True)
class Selection:
    """What a query has found: the ids of the page asked for, and how many there are in all."""

    ids: list[int]
    count: int


class CatalogueIndex:
    """The public listings as columns. Rows are numbered by arrival; `alive` marks those that count."""

    def __init__(self) -> None:
        self.version = 0
        self.size = 0
        self.codes: dict[str, dict[str, int]] = {name: {} for name in (*CODED, *SETS)}
        self.row_of: dict[int, int] = {}
        self.postings: dict[str, list[int]] = {}
        self.vocabulary: list[str] = []
        self.columns: dict[str, np.ndarray[Any, Any]] = {}
        self._reserve(1024)

    # --- following the database -------------------------------------------------------------------

    def follow(self, version: int) -> None:
        """Reads the documents that changed since the version seen last."""
        documents = PublishedListing.objects.filter(version__gt=self.version).order_by("version", "pk")
        if not self.version:
            documents = documents.public()
        for values in documents.values_list(*FIELDS).iterator(LOAD_BATCH):
            document = dict(zip(FIELDS, values, strict=True))
            self._take(document)
            version = max(version, document["version"])
        # Only now: a reading that broke off is read again from its start.
        self.version = version

    @property
    def is_worn(self) -> bool:
        return self.size > LOAD_BATCH and len(self.row_of) < self.size * (1 - MAX_SHARE_OF_OLD_ROWS)

    def _take(self, document: dict[str, Any]) -> None:
        old = self.row_of.pop(document["pk"], None)
        if document["is_public"]:
            self._append(document)
        if old is not None:
            self.columns["alive"][old] = False

    def _append(self, document: dict[str, Any]) -> None:
        row = self.size
        self._reserve(row + 1)
        columns = self.columns
        for name in CODED:
            columns[name][row] = self._code(name, document[name])
        for name in NUMBERS:
            columns[name][row] = UNKNOWN if document[name] is None else document[name]
        for name in FLAGS:
            columns[name][row] = document[name]
        for name in SETS:
            columns[name][row] = self._set({self._code(name, code) for code in document[name].split()})
        columns["published_at"][row] = document["published_at"].timestamp()
        columns["pk"][row] = document["pk"]
        for word in document["search_words"].split():
            if word not in self.postings:
                self.postings[word] = []
                bisect.insort(self.vocabulary, word)
            self.postings[word].append(row)
        columns["alive"][row] = True
        self.row_of[document["pk"]] = row
        self.size = row + 1

    def _code(self, column: str, value: str) -> int:
        codes = self.codes[column]
        return codes.setdefault(value, len(codes))

    def _reserve(self, rows: int) -> None:
        """Doubles the arrays when full. New arrays are put in place whole: a reader keeps the old ones."""
        have = len(self.columns["alive"]) if self.columns else 0
        if rows <= have:
            return
        length = max(rows, 2 * have)
        shapes: dict[str, tuple[Any, tuple[int, ...]]] = {
            **dict.fromkeys(CODED, (np.int16, (length,))),
            **dict.fromkeys((*NUMBERS, "published_at", "pk"), (np.int64, (length,))),
            **dict.fromkeys(FLAGS, (np.int8, (length,))),
            **dict.fromkeys(SETS, (np.uint8, (length, SET_BYTES))),
            "alive": (np.bool_, (length,)),
        }
        columns = {}
        for name, (kind, shape) in shapes.items():
            columns[name] = np.zeros(shape, dtype=kind)
            if have:
                columns[name][:have] = self.columns[name]
        self.columns = columns

    # --- marks: one per filter --------------------------------------------------------------------

    def column(self, name: str) -> np.ndarray[Any, Any]:
        return self.columns[name][: self.size]

    def any_of(self, column: str, values: Sequence[str]) -> Mask:
        codes = [self.codes[column][value] for value in values if value in self.codes[column]]
        if len(codes) == 1:
            return self.column(column) == codes[0]
        return np.isin(self.column(column), codes)

    def between(self, column: str, low: int, high: int | None) -> Mask:
        numbers = self.column(column)
        # `low` is at least 0, and "not given" is below 0: it falls outside.
        return numbers >= low if high is None else (numbers >= low) & (numbers <= high)

    def set_has_any(self, column: str, values: Sequence[str]) -> Mask:
        codes = self.codes[column]
        return (self.column(column) & self._set({codes[value] for value in values if value in codes})).any(axis=1)

    def set_has_all(self, column: str, values: Sequence[str]) -> Mask:
        codes = self.codes[column]
        if not all(value in codes for value in values):
            return np.zeros(self.size, dtype=np.bool_)
        wanted = self._set({codes[value] for value in values})
        return ((self.column(column) & wanted) == wanted).all(axis=1)

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

    @staticmethod
    def _set(codes: set[int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
        return np.frombuffer(sum(1 << code for code in codes).to_bytes(SET_BYTES, "little"), dtype=np.uint8)

    # --- answers ----------------------------------------------------------------------------------

    def alive(self) -> Mask:
        return self.column("alive").copy()

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

    def count_codes(self, column: str, mask: Mask) -> dict[str, int]:
        """How many marked rows have each code; codes that none has are left out."""
        codes = list(self.codes[column])
        counts = np.bincount(self.column(column)[mask], minlength=len(codes)).tolist()
        return {code: count for code, count in zip(codes, counts, strict=False) if count and code}

    def count_sets(self, column: str, mask: Mask) -> dict[str, int]:
        codes = list(self.codes[column].items())
        used = self.column(column)[mask, : (len(codes) + 7) // 8]
        counts = [
            count
            for byte in range(used.shape[1])
            for count in (np.bincount(used[:, byte], minlength=256) @ BITS).tolist()
        ]
        return {code: counts[bit] for code, bit in codes if bit < len(counts) and counts[bit]}

    def extent(self, column: str, mask: Mask) -> list[int] | None:
        """The least and the greatest number among the marked rows; None if no row has one."""
        numbers = self.column(column)[mask]
        numbers = numbers[numbers >= 0]
        return [int(numbers.min()), int(numbers.max())] if len(numbers) else None


_index = CatalogueIndex()
_lock = threading.Lock()


def current_index() -> CatalogueIndex:
    """The process's index, brought up to the last committed change. One small query when nothing has changed."""
    global _index  # noqa: PLW0603  one per process is the point
    version = CatalogueVersion.current()
    if version != _index.version or _index.is_worn:
        with _lock:
            if version < _index.version or _index.is_worn:
                # Behind us: another database (a restored backup, the next test). Start afresh.
                _index = CatalogueIndex()
            if version != _index.version:
                _index.follow(version)
    return _index
