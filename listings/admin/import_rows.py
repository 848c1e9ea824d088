"""Rows of an import as people read them: changes in words, and wrong cells that can be typed again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import strip_tags
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from listings.exchange.columns import HEADERS
from listings.exchange.states import ImportState, RowOutcome
from listings.exchange.words import CHOICES, YES_NO, accepted
from listings.models import Import, ImportRow, Listing
from listings.vocabulary import PublicationState

KEYS = ("external_id", "vin")
GROUPED = {"price", "old_price", "mileage_km"}
"""Numbers that are read with a space between the thousands; a year is not."""
LONG_TEXT = 200
LONG_CELL = 60
"""Characters from which a cell is typed in several lines."""
CORRECTABLE = (ImportState.CHECKED, ImportState.WAITING, ImportState.DONE)


@dataclass(frozen=True)
class Change:
    """`old` and `new` of one value, or what a list gains and loses."""

    label: str
    old: str = ""
    new: str = ""
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """A wrong cell, to be typed again. `column` is empty where the reason is about the whole row."""

    column: str
    label: str
    value: str
    reason: str
    words: list[str]
    is_long: bool

    @property
    def list_id(self) -> str:
        return f"words-{self.column}" if self.words else ""


@dataclass(frozen=True)
class ShownRow:
    row: ImportRow
    outcome: RowOutcome
    changes: list[Change]
    cells: list[Cell]
    problems: list[str]
    """Reasons that belong to no cell."""
    link: str
    can_correct: bool

    @property
    def was_corrected(self) -> bool:
        return bool(self.row.corrections) and self.outcome != RowOutcome.REFUSED


def shown_rows(job: Import, rows: Iterable[ImportRow]) -> list[ShownRow]:
    headers = {column: header for header, column in job.mapping.items()}
    return [_shown(job, row, headers) for row in rows]


def columns_to_correct(job: Import, row: ImportRow) -> list[str]:
    """The columns of a row that may be typed again."""
    return [cell.column for cell in _cells(row, {column: header for header, column in job.mapping.items()})]


def word_lists(rows: Iterable[ShownRow]) -> dict[str, list[str]]:
    """For the inputs of a page: list id to the words that a column takes."""
    return {cell.list_id: cell.words for row in rows for cell in row.cells if cell.words}


def _shown(job: Import, row: ImportRow, headers: Mapping[str, str]) -> ShownRow:
    cells = _cells(row, headers)
    link = reverse(Listing.snippet_viewset.get_url_name("edit"), args=[row.listing_id]) if row.listing_id else ""
    return ShownRow(
        row=row,
        outcome=RowOutcome(row.outcome),
        changes=[_change(name, old, new) for name, (old, new) in row.changes.items()],
        cells=cells,
        problems=[error["reason"] for error in row.errors if not error["column"]],
        link=link,
        can_correct=row.outcome == RowOutcome.REFUSED and job.state in CORRECTABLE and bool(cells),
    )


def _cells(row: ImportRow, headers: Mapping[str, str]) -> list[Cell]:
    reasons: dict[str, list[str]] = {}
    named: dict[str, str] = {}
    for error in row.errors:
        if error["column"]:
            reasons.setdefault(error["column"], []).append(error["reason"])
            named[error["column"]] = error["header"]
    if row.vin and row.external_id and set(KEYS) & reasons.keys():
        # Both can be read, so they contradict each other or another row: either may be the wrong one.
        for name in KEYS:
            reasons.setdefault(name, [])
    return [
        _cell(row, column, named.get(column) or headers.get(column) or HEADERS.get(column, column), headers, found)
        for column, found in reasons.items()
    ]


def _cell(row: ImportRow, column: str, label: str, headers: Mapping[str, str], reasons: list[str]) -> Cell:
    value = str(row.corrections.get(column, row.cells.get(headers.get(column, column), "")))
    return Cell(
        column=column,
        label=label,
        value=value,
        reason=" ".join(dict.fromkeys(reasons)),
        words=accepted(column) if column in CHOICES or column in YES_NO else [],
        is_long=len(value) > LONG_CELL,
    )


def _change(name: str, old: Any, new: Any) -> Change:
    label = _label(name)
    if isinstance(old, list) or isinstance(new, list):
        before, after = list(old or []), list(new or [])
        return Change(
            label,
            added=[item for item in after if item not in before],
            removed=[item for item in before if item not in after],
        )
    return Change(label, _value(name, old), _value(name, new))


def _label(name: str) -> str:
    if name == "photos":
        return _("Photos")
    if name == "publication":
        return _("Publication")
    return str(capfirst(Listing._meta.get_field(name).verbose_name))


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if name == "publication":
        return str(PublicationState(value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    choices = [] if name == "photos" else Listing._meta.get_field(name).flatchoices
    if choices:
        return str(dict(choices).get(value, value))
    if name in GROUPED:
        return str(number_format(value, use_l10n=True, force_grouping=True))
    return Truncator(strip_tags(str(value))).chars(LONG_TEXT)
