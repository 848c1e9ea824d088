"""The catalogue's filter columns in memory: facets, filters, sorting and text search without a scan of the database.

Every web process keeps one index. It is loaded once and then follows `Version`: each request reads the
number (one small query) and, if it has moved, the documents above the last number seen. A changed document is
appended and its old row switched off, so that readers never meet a half-written row and writers never wait for them.
"""

import bisect
import threading
from dataclasses import replace
from typing import Any

import numpy as np

from listings.models import PublishedListing, Version

from .view import SET_BYTES, CatalogueView, set_bits

CODED = (
    "make", "model", "generation", "city", "oblast", "dealer", "fuel", "gearbox", "drive", "body", "color",
    "condition", "sale_state",
)  # fmt: skip
"""Columns of codes; held as numbers, with a dictionary of the codes."""
NUMBERS = ("year", "price_byn", "price_usd", "price_eur", "mileage_km", "engine_cc", "power_hp", "owners")
FLAGS = ("vat", "exchange", "leasing", "customs_cleared", "has_photo")
SETS = ("payment_types", "equipment")
"""Columns of several codes; held as one bit per code."""
UNKNOWN = -1
"""Stands for "not given" in a number column: outside every range."""

FIELDS = ("pk", "version", "is_public", "published_at", "search_words", *CODED, *NUMBERS, *FLAGS, *SETS)
LOAD_BATCH = 5000
MAX_SHARE_OF_OLD_ROWS = 0.5
"""Rebuild when more than this share of the rows is switched off."""


class CatalogueIndex:
    """The public listings as columns. Rows are numbered by arrival; `alive` marks those that count."""

    def __init__(self) -> None:
        self.version = self.reference = 0
        self.size = 0
        self.codes: dict[str, dict[str, int]] = {name: {} for name in (*CODED, *SETS)}
        self.row_of: dict[int, int] = {}
        self.postings: dict[str, list[int]] = {}
        self.vocabulary: list[str] = []
        self.columns: dict[str, np.ndarray[Any, Any]] = {}
        self._reserve(1024)
        self.view = self._freeze()

    # --- following the database -------------------------------------------------------------------

    def follow(self, version: int) -> None:
        """Reads the documents that changed since the version seen last, then shows them all at once."""
        documents = PublishedListing.objects.filter(version__gt=self.version).order_by("version", "pk")
        if not self.version:
            documents = documents.public()
        for values in documents.values_list(*FIELDS).iterator(LOAD_BATCH):
            document = dict(zip(FIELDS, values, strict=True))
            self._take(document)
            version = max(version, document["version"])
        # Only now: a reading that broke off is read again from its start.
        self.version = version
        self.view = self._freeze()

    def follow_reference(self, version: int) -> None:
        self.reference = version
        self.view = replace(self.view, reference=version)

    def _freeze(self) -> CatalogueView:
        return CatalogueView(
            version=self.version,
            reference=self.reference,
            size=self.size,
            columns=self.columns,
            alive=self.columns["alive"][: self.size].copy(),
            codes=self.codes,
            postings=self.postings,
            vocabulary=self.vocabulary,
        )

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
            columns[name][row] = set_bits({self._code(name, code) for code in document[name].split()})
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


_index = CatalogueIndex()
_lock = threading.Lock()


def current_view() -> CatalogueView:
    """The process's index, brought up to the last committed change. One small query when nothing has changed."""
    global _index  # noqa: PLW0603  one per process is the point
    numbers = Version.numbers()
    version, reference = numbers[Version.Of.CATALOGUE], numbers[Version.Of.REFERENCE]
    if version != _index.version or _index.is_worn:
        with _lock:
            if version < _index.version or _index.is_worn:
                # Behind us: another database (a restored backup, the next test). Start afresh.
                _index = CatalogueIndex()
            if version != _index.version:
                _index.follow(version)
    if reference != _index.reference:
        with _lock:
            _index.follow_reference(reference)
    return _index.view
