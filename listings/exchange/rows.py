"""The rows of an import as they are kept: staged when they are read, written when it runs."""

from collections.abc import Sequence

from django.utils import timezone

from listings.models import Import, ImportRow

from .checking import Checker, Verdict
from .staging import SourceRow
from .writing import write

NOTED = [
    *("outcome", "changes", "errors", "listing", "title", "external_id", "vin", "stock_number", "done_at"),
    "corrections",
]


def write_rows(job: Import, checker: Checker, rows: Sequence[ImportRow]) -> None:
    """Judges rows by what is true now, writes them, and notes in each what became of it."""
    verdicts = checker.check([SourceRow.of(row) for row in rows])
    write(job, verdicts)
    now = timezone.now()
    for row, verdict in zip(rows, verdicts, strict=True):
        note(row, verdict)
        row.done_at = now
    # One statement for all, many times quicker than `bulk_update`.
    ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=NOTED)


def note(row: ImportRow, verdict: Verdict) -> None:
    row.outcome, row.changes, row.errors = verdict.outcome, verdict.changes, verdict.errors
    row.title, row.listing, row.stock_number = verdict.title, verdict.listing, verdict.stock_number
    row.external_id, row.vin = verdict.keys.external_id, verdict.keys.vin


def staged(job: Import, verdict: Verdict) -> ImportRow:
    row = ImportRow(
        job=job, number=verdict.row.number, cells=dict(verdict.row.cells), photos=list(verdict.row.photos)
    )  # fmt: skip
    note(row, verdict)
    return row
