"""The report of publications as cells: for the page, for CSV and XLSX, for the e-mail. One list of columns for all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.reports.vocabulary import GroupBy
from listings.exchange.tables import Value, csv_lines, xlsx_blocks

from .lines import Line
from .periods import Period

NOTHING = "—"
MINUTE, HOUR, DAY = 60, 3600, 86400


class Format(TextChoices):
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"


CONTENT_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Column:
    """A figure: as a person reads it, and as a spreadsheet counts with it."""

    name: str
    label: Any
    show: Callable[[Any], str]
    cell: Callable[[Any], Value] = lambda value: value
    unit: Any = ""
    """What a number in a file counts."""


def shown_number(value: int | None) -> str:
    return NOTHING if value is None else number_format(value, use_l10n=True, force_grouping=True)


def shown_percent(value: float | None) -> str:
    return NOTHING if value is None else f"{int(value)} %"


def shown_time(value: timedelta | None) -> str:
    if value is None:
        return NOTHING
    seconds = max(round(value.total_seconds()), 0)
    if seconds < MINUTE:
        return _("%(count)d s") % {"count": seconds}
    if seconds < HOUR:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // MINUTE, "seconds": seconds % MINUTE}
    if seconds < DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": seconds // HOUR, "minutes": seconds % HOUR // MINUTE}
    days = seconds // DAY
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _number(name: str, label: Any) -> Column:
    return Column(name, label, shown_number)


COLUMNS = (
    _number("published", gettext_lazy("Published or handed over")),
    _number("again", gettext_lazy("Published anew")),
    _number("updated", gettext_lazy("Updated")),
    _number("withdrawn", gettext_lazy("Withdrawn")),
    _number("refused", gettext_lazy("Not accepted")),
    _number("unclear", gettext_lazy("Not known or by hand")),
    _number("attempts", gettext_lazy("Attempts")),
    Column("success", gettext_lazy("Successful"), shown_percent, unit=gettext_lazy("%")),
    Column(
        "took",
        gettext_lazy("Time to publish"),
        shown_time,
        lambda value: None if value is None else round(value.total_seconds()),
        gettext_lazy("seconds"),
    ),
    _number("standing", gettext_lazy("Stand there at the end")),
    _number("troubled", gettext_lazy("Need a person now")),
    _number("views", gettext_lazy("Views")),
    _number("likes", gettext_lazy("Likes")),
    _number("comments", gettext_lazy("Comments")),
)


def shown(line: Line) -> list[str]:
    """The cells of a line behind its name, as people read them."""
    return [column.show(getattr(line, column.name)) for column in COLUMNS]


def table(lines: Iterable[Line], group_by: str) -> Iterator[list[Value]]:
    """Header and rows for a spreadsheet. What is not known stays empty, so that it is not taken for 0."""
    yield [
        str(GroupBy(group_by).label),
        *(f"{column.label}, {column.unit}" if column.unit else str(column.label) for column in COLUMNS),
    ]
    for line in lines:
        yield [line.name, *(column.cell(getattr(line, column.name)) for column in COLUMNS)]


def file_of(lines: Iterable[Line], group_by: str, fmt: Format) -> Iterator[bytes]:
    """Piece by piece. Texts cannot run as formulas: see `listings.exchange.tables`."""
    rows = table(lines, group_by)
    return csv_lines(rows) if fmt == Format.CSV else xlsx_blocks([(_("Publications"), rows)])


def file_name(period: Period, group_by: str) -> str:
    return f"publications-{group_by}-{period.since:%Y-%m-%d}-{period.until:%Y-%m-%d}"
