"""Files that an import gives back: what became of each row, and an empty table to fill in."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _

from listings.models import Import, ImportRow, Listing

from . import export
from .columns import HEADERS
from .export import CONTENT_TYPES, Format
from .staging import batches
from .tables import Value, csv_lines, ods_blocks, xlsx_blocks

Download = tuple[str, str, Iterator[bytes]]
"""File name, content type, the content piece by piece."""


def report(job: Import, fmt: str) -> Download:
    """All rows that are kept, in the order of the file, and the photos of the archive that no row names."""
    chosen = Format(fmt)
    name = f"import-{job.pk}-report.{chosen.value}"
    if chosen == Format.CSV:
        return name, CONTENT_TYPES[chosen], csv_lines(_rows(job))
    sheets = [(_("Rows"), _rows(job))]
    if job.unmatched:
        sheets.append((_("Photos without a car"), _unmatched(job)))
    blocks = ods_blocks if chosen == Format.ODS else xlsx_blocks
    return name, CONTENT_TYPES[chosen], blocks(sheets)


def template(fmt: str) -> Download:
    chosen = Format(fmt)
    return f"import-template.{chosen.value}", CONTENT_TYPES[chosen], iter([export.template(chosen)])


def _rows(job: Import) -> Iterator[Sequence[Value]]:
    yield [
        *(_("Row"), _("Result"), _("Car"), HEADERS["external_id"], "VIN", _("What changes"), _("Column")),
        *(_("Value"), _("Reason"), _("Address in the admin")),
    ]
    for rows in batches(job.rows.order_by("number").iterator(chunk_size=500)):
        for row in rows:
            start: list[Value] = [
                row.number,
                str(row.get_outcome_display()),
                row.title,
                row.external_id,
                row.vin,
                _changes(row),
            ]
            link = _link(row.listing_id) if row.listing_id else ""
            for error in row.errors or [{}]:
                yield [*start, *(error.get(part, "") for part in ("header", "value", "reason")), link]


def _unmatched(job: Import) -> Iterator[Sequence[Value]]:
    yield [_("Photo")]
    for name in job.unmatched:
        yield [name]


def _changes(row: ImportRow) -> str:
    return "; ".join(
        f"{HEADERS.get(name, name)}: {_shown(old)} → {_shown(new)}" for name, (old, new) in row.changes.items()
    )


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(localize(value) if value is not None else "—")


def _link(listing_id: int) -> str:
    return f"{settings.CMS_URL}{reverse(Listing.snippet_viewset.get_url_name('edit'), args=[listing_id])}"
