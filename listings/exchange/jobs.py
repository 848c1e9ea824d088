"""Imports as those see them who start and watch them: admin, API and commands call these functions and nothing else.

What a person may not do now is a FileError in words. The work itself is done by `engine`, in a worker.
"""

from collections.abc import Mapping
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.users.models import User
from listings.changes import made_through
from listings.models import Dealer, Import, ImportRow
from listings.vocabulary import Way

from . import engine, staging
from .columns import BY_NAME
from .errors import FileError
from .messages import tell_worker
from .photo_archive import check_archive
from .readers.base import MAX_BYTES
from .report import report, template
from .states import AT_WORK, ImportState, PhotoState, RowOutcome
from .vanishing import is_too_much

__all__ = [
    "cancel",
    "choose_sheet",
    "correct",
    "decide",
    "progress",
    "report",
    "resume",
    "run",
    "set_mapping",
    "start",
    "template",
]
MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024
MEGABYTE = 1024 * 1024


def start(  # noqa: PLR0913  what somebody ticks on a form
    dealer: Dealer,
    user: User | None,
    file: File,
    filename: str,
    *,
    archive: File | None = None,
    archive_name: str = "",
    submit: bool = False,
    publish: bool = False,
    archive_vanished: bool = False,
    ask: bool = True,
) -> Import:
    """Keeps the file and finds out what it is. Raises FileError, and then keeps nothing.

    The import waits for the meaning of its columns; with `ask=False` it is checked at once, if they are understood.
    """
    _refuse_large(file, MAX_BYTES)
    job = Import(
        dealer=dealer, user=user, filename=filename[:255], archive_name=archive_name[:255], submit=submit,
        publish=publish, archive_vanished=archive_vanished,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.file.save(filename, file, save=False)
            staging.inspect_file(job)
            if archive is not None:
                _refuse_large(archive, MAX_ARCHIVE_BYTES)
                job.archive.save(archive_name, archive, save=False)
                check_archive(job)
            job.save()
            if not ask and staging.is_understood(job):
                begin_check(job)
    except BaseException:
        for stored in (job.file, job.archive):
            if stored:
                stored.delete(save=False)
        raise
    return job


def choose_sheet(job: Import, name: str) -> None:
    """Takes another sheet of the file. Raises FileError."""
    with transaction.atomic():
        _lock(job, ImportState.MAPPING, ImportState.CHECKED)
        staging.choose_sheet(job, name)
        job.state = ImportState.MAPPING
        job.save()


def set_mapping(job: Import, mapping: Mapping[str, str]) -> None:
    """Column header to column name; then the check begins. Raises FileError naming what is missing or wrong."""
    with transaction.atomic():
        _lock(job, ImportState.MAPPING, ImportState.CHECKED)
        if not job.built_in:
            job.mapping = _judged_mapping(job, mapping)
            staging.remember(job)
        begin_check(job)


def begin_check(job: Import) -> None:
    """From the first row, whatever was there before."""
    job.state, job.position, job.read, job.written, job.counts = ImportState.CHECKING, 0, 0, 0, {}
    job.error, job.cancel_requested, job.started_at, job.finished_at = "", False, None, None
    job.lease_until = None
    job.total = staging.estimated_rows(job)
    job.save()
    tell_worker(job)


def run(job: Import) -> None:
    """What was checked is loaded; a file that would archive too many cars is asked about first. Raises FileError."""
    with transaction.atomic():
        _lock(job, ImportState.CHECKED)
        if job.archive_vanished and is_too_much(job):
            job.state = ImportState.WAITING
            job.save(update_fields=["state"])
        else:
            engine.begin_run(job)


def decide(job: Import, proceed: bool) -> None:
    """The answer to the question of WAITING: archive the cars that vanished, or load without archiving any."""
    with transaction.atomic():
        _lock(job, ImportState.WAITING)
        job.archive_vanished = proceed
        if not proceed:
            job.vanished = 0
        engine.begin_run(job)


def cancel(job: Import) -> None:
    """Stops after the batch that is being worked on. Raises FileError if there is nothing to stop."""
    with transaction.atomic():
        _lock(
            job, *AT_WORK, ImportState.PULLING, ImportState.MAPPING, ImportState.CHECKED, ImportState.WAITING
        )  # fmt: skip
        if job.lease_holder:
            job.cancel_requested = True
        else:
            job.state, job.finished_at = ImportState.CANCELLED, timezone.now()
        job.save(update_fields=["cancel_requested", "state", "finished_at"])


def resume(job: Import) -> None:
    """Goes on behind the last whole batch. Raises FileError."""
    with transaction.atomic():
        _lock(job, ImportState.CANCELLED, ImportState.FAILED)
        if job.pruned_at or not job.file:
            raise FileError(_("The file is not here any more: load it again."))
        job.error, job.cancel_requested, job.finished_at = "", False, None
        if job.started_at:
            job.state = ImportState.RUNNING
        elif job.read or job.direct:
            job.state = ImportState.CHECKING
        else:
            job.state = ImportState.MAPPING
        job.save()
        if job.is_at_work:
            tell_worker(job)


def correct(row: ImportRow, corrections: Mapping[str, str]) -> ImportRow:
    """Judges a row again by what was typed in place of its cells. After the run it is loaded at once.

    Raises FileError if the row cannot be corrected now.
    """
    job = Import.objects.select_related("dealer__city", "user", "feed").get(pk=row.job_id)
    with transaction.atomic(), made_through(Way.IMPORT, job.user):
        _lock(job, ImportState.CHECKED, ImportState.WAITING, ImportState.DONE)
        row = ImportRow.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if row.done_at and row.outcome != RowOutcome.REFUSED:
            raise FileError(_("This row is loaded already: change the car itself."))
        unknown = [name for name in corrections if name not in BY_NAME and name not in row.cells]
        if unknown:
            raise FileError(_("There is no column “%s”.") % unknown[0])
        before = row.outcome
        row.corrections = row.corrections | {name: str(text) for name, text in corrections.items()}
        engine.judge_again(job, row, load=job.state == ImportState.DONE)
        for outcome, step in ((before, -1), (row.outcome, 1)):
            job.counts[outcome] = job.counts.get(outcome, 0) + step
        job.save(update_fields=["counts"])
    return row


def progress(job: Import) -> dict[str, Any]:
    """How far it is. `percent` is None while nobody can tell."""
    photos = dict(job.photo_downloads.order_by().values_list("state").annotate(number=Count("pk")))
    done = job.written if job.state == ImportState.RUNNING else job.read
    return {
        "state": job.state,
        "label": job.get_state_display(),
        "total": job.total,
        "read": job.read,
        "written": job.written,
        "counts": {outcome: job.counts.get(outcome, 0) for outcome in RowOutcome.values},
        "percent": min(100, done * 100 // job.total) if job.total else None,
        "error": job.error,
        "photos": {
            "waiting": photos.get(PhotoState.WAITING, 0) + photos.get(PhotoState.STORED, 0),
            "done": photos.get(PhotoState.DONE, 0),
            "failed": photos.get(PhotoState.FAILED, 0),
        },
    }


def _lock(job: Import, *states: ImportState) -> None:
    """Reads the row anew, for update. Raises FileError in a state in which this cannot be done."""
    now = Import.objects.select_for_update(of=("self",)).get(pk=job.pk)
    for field in Import._meta.concrete_fields:
        setattr(job, field.attname, getattr(now, field.attname))
    if job.state not in states:
        raise FileError(_("This cannot be done now. The import: %s.") % job.get_state_display())


def _judged_mapping(job: Import, mapping: Mapping[str, str]) -> dict[str, str]:
    """Without columns that are left out. Raises FileError."""
    header = staging.header_of(job)
    chosen = {title: column for title, column in mapping.items() if column}
    taken: dict[str, str] = {}
    for title, column in chosen.items():
        if title not in header:
            raise FileError(_("The file has no column %s.") % title)
        if column not in BY_NAME:
            raise FileError(_("There is no column “%s”.") % column)
        other = taken.setdefault(BY_NAME[column].field, title)
        if other != title:
            raise FileError(
                _("The columns “%(first)s” and “%(second)s” mean the same: choose one.")
                % {"first": other, "second": title}
            )
    if not any(column in staging.KEYS for column in chosen.values()):
        names = _("“%(first)s” or “%(second)s”") % {"first": BY_NAME["external_id"].header, "second": "VIN"}
        raise FileError(_("Say which column is %s: without it a car cannot be found again.") % names)
    return chosen


def _refuse_large(file: File, limit: int) -> None:
    if file.size > limit:
        raise FileError(
            _("The file has %(size)d MB, at most %(limit)d are taken.")
            % {"size": file.size // MEGABYTE, "limit": limit // MEGABYTE}
        )
