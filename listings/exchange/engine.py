"""Carries an import out: checks the rows of its file, then writes them, a batch at a time.

Each batch is one transaction together with the place that the import has come to, so that a crash leaves whole
batches and the next worker goes on behind them. A lease in the row keeps a second worker away. Memory does not grow
with the file: only one batch is held.
"""

import gc
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.bulk_insert import insert_many
from cms.celery import send
from listings.changes import made_through
from listings.models import Import, ImportRow
from listings.permissions import manages, sees_all_dealers
from listings.vocabulary import Way

from . import feeds, notices, photo_archive, vanishing
from .checking import Checker, Verdict
from .errors import FileError
from .messages import WORK, tell_of_photos, tell_worker
from .rows import note, staged, write_rows
from .staging import BATCH, SourceRow, batches, source_rows
from .states import WORKABLE, ImportState, RowOutcome
from .writing import write

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""A worker that has not finished a batch in this time is dead, and another may take over."""
SLICE = 240.0
"""Seconds after which a worker lets others have a turn."""
ATTEMPTS = 3
"""Somebody else may take a VIN or a number between the check of a batch and its end."""
PLACE = ("position", "read", "written", "total", "counts")

OnBatch = Callable[[Import], None]


class LeaseLost(Exception):
    """Another worker has the import, or somebody has moved it."""


class Stop(Exception):
    """Asked for by a person, or time for somebody else's turn."""


def begin_run(job: Import) -> None:
    """From here on rows are written. Belongs into a transaction that holds the row."""
    job.state, job.position, job.written, job.started_at = ImportState.RUNNING, 0, 0, timezone.now()
    job.lease_until = None
    job.save()
    tell_worker(job)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """The many small objects of a batch set off Python's collector all the time: a fifth of an import's time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def work(job_id: int, *, seconds: float = SLICE, on_batch: OnBatch = lambda job: None) -> None:
    """Goes on with an import until it ends, asks a person, or `seconds` are over. Does nothing if another has it."""
    holder = secrets.token_hex(16)
    if not _take(job_id, holder):
        return
    job = Import.objects.select_related("dealer__city", "user", "feed").get(pk=job_id)
    try:
        with made_through(Way.IMPORT, job.user), _rare_collections():
            _Worker(job, time.monotonic() + seconds, on_batch).work()
    except (LeaseLost, Stop):
        pass
    except (OperationalError, InterfaceError):
        # The database is away: the row says the truth, and a sweep finds it when the lease is over.
        raise
    except FileError as error:
        fail(job, str(error))
    except Exception:
        logger.exception("Import %s failed", job.pk)
        fail(job, _("Something went wrong on our side. What was loaded is whole; press “Continue”, or tell us."))
    finally:
        _release(job, holder)


def fail(job: Import, reason: str) -> None:
    with transaction.atomic():
        ended = Import.objects.filter(pk=job.pk, lease_holder=job.lease_holder, state__in=WORKABLE)
        if ended.update(state=ImportState.FAILED, error=reason, finished_at=timezone.now()):
            job.state, job.error = ImportState.FAILED, reason
            feeds.forget_version(job)
            notices.tell(job)


def due_imports() -> list[int]:
    """Imports that nobody works on though somebody should; each is named once a minute."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    with transaction.atomic():
        found = Import.objects.select_for_update(skip_locked=True, of=("self",)).filter(free, state__in=WORKABLE)
        # The command works on its own imports, and says so itself when it does not.
        ids = list(found.exclude(by_system=True, lease_until__isnull=True).values_list("pk", flat=True)[:50])
        Import.objects.filter(pk__in=ids).update(lease_holder="", lease_until=now + timedelta(minutes=1))
    return ids


def judge_again(job: Import, row: ImportRow, *, load: bool) -> None:
    """A row with corrections, judged and, with `load`, written."""
    checker = Checker(job)
    if load:
        _refuse_strangers(job)
        write_rows(job, checker, [row])
        if job.archive:
            photo_archive.want_photos(job)
        tell_of_photos()
        return
    note(row, checker.check([SourceRow.of(row)])[0])
    row.save()


def _take(job_id: int, holder: str) -> bool:
    now = timezone.now()
    free = Q(lease_holder="") | Q(lease_until__lt=now) | Q(lease_until__isnull=True)
    waiting = Import.objects.filter(free, pk=job_id, state__in=WORKABLE)
    return bool(waiting.update(lease_holder=holder, lease_until=now + LEASE))


def _release(job: Import, holder: str) -> None:
    # What was left by a command that died is found by the sweep; nobody sends a message for it.
    until = timezone.now() if job.by_system else None
    held = Import.objects.filter(pk=job.pk, lease_holder=holder)
    released = bool(held.update(lease_holder="", lease_until=until))
    unfinished = Import.objects.filter(pk=job.pk, state__in=WORKABLE, by_system=False)
    if released and unfinished.exists():
        send(WORK, job.pk)


def _refuse_strangers(job: Import) -> None:
    """Rights count when the work is done, not only when it was asked for: a feed runs for years."""
    if job.by_system:
        return
    user = job.user
    mine = user is not None and user.is_active and (sees_all_dealers(user) or manages(user, job.dealer))
    if not mine or not user.has_perm("listings.import_listing"):  # type: ignore[union-attr]
        reason = _("Who set this up (%(who)s) may not load cars of %(dealer)s: somebody who may has to set it up anew.")
        raise FileError(reason % {"who": user or "—", "dealer": job.dealer})


class _Worker:
    """One turn of a worker at one import."""

    def __init__(self, job: Import, deadline: float, on_batch: OnBatch) -> None:
        self.job, self.deadline, self.on_batch = job, deadline, on_batch

    def work(self) -> None:
        _refuse_strangers(self.job)
        steps = {
            ImportState.PULLING: self._pull,
            ImportState.CHECKING: self._check,
            ImportState.RUNNING: self._run_direct if self.job.direct else self._run,
        }
        while step := steps.get(ImportState(self.job.state)):
            self._pause()
            step()

    def _pull(self) -> None:
        found = feeds.fetch_file(self.job)
        with transaction.atomic():
            self._advance(**found)
            if self.job.state in (ImportState.MAPPING, ImportState.FAILED):
                notices.tell(self.job)

    def _check(self) -> None:
        job, checker = self.job, Checker(self.job)
        if not job.position:
            job.rows.all().delete()
        for batch in batches(source_rows(job, after=job.position)):
            self._pause()
            with transaction.atomic():
                verdicts = checker.check([SourceRow(row.number, row.cells, row.photos) for row in batch])
                insert_many(ImportRow, (staged(job, verdict) for verdict in verdicts))
                self._read(batch[-1].number, verdicts)
            self.on_batch(job)
        self._end_check()

    def _end_check(self) -> None:
        job = self.job
        if not job.read:
            raise FileError(_("The file has no rows below its header."))
        found: dict[str, Any] = {"total": job.read, "position": 0, "state": ImportState.CHECKED}
        if job.archive:
            found["unmatched"] = photo_archive.unmatched(job)
        if job.archive_vanished:
            found["vanished"] = vanishing.vanished(job).count()
        if job.feed_id:
            too_much = job.archive_vanished and vanishing.is_too_much(job)
            found["state"] = ImportState.WAITING if too_much else ImportState.RUNNING
            found["started_at"] = None if too_much else timezone.now()
        with transaction.atomic():
            self._advance(**found)
            if job.state == ImportState.WAITING:
                notices.tell(job)

    def _run(self) -> None:
        """Writes the staged rows. Those that were refused stay so until somebody corrects them."""
        job, checker = self.job, Checker(self.job)
        for rows in self._staged_batches():
            self._pause()
            before = Counter(row.outcome for row in rows)
            todo = [row for row in rows if row.done_at is None and row.outcome != RowOutcome.REFUSED]

            def write_batch(rows: list[ImportRow] = rows, todo: list[ImportRow] = todo, before: Any = before) -> None:
                if todo:
                    write_rows(job, checker, todo)
                counts = Counter(job.counts)
                counts.subtract(before)
                counts.update(row.outcome for row in rows)
                self._advance(position=rows[-1].number, written=job.written + len(rows), counts=dict(counts))

            self._whole(write_batch)
            self.on_batch(job)
        self._end_run()

    def _staged_batches(self) -> Iterator[list[ImportRow]]:
        while rows := list(self.job.rows.filter(number__gt=self.job.position).order_by("number")[:BATCH]):
            yield rows

    def _run_direct(self) -> None:
        """Reads, judges and writes at once; only rows that are refused are kept, to be told of."""
        job, checker = self.job, Checker(self.job)
        for batch in batches(source_rows(job, after=job.position)):
            self._pause()
            rows = [SourceRow(row.number, row.cells, row.photos) for row in batch]

            def write_batch(rows: list[SourceRow] = rows) -> None:
                verdicts = checker.check(rows)
                write(job, verdicts)
                refused = [verdict for verdict in verdicts if verdict.outcome == RowOutcome.REFUSED]
                insert_many(ImportRow, (staged(job, verdict) for verdict in refused))
                self._read(rows[-1].number, verdicts, written=job.written + len(rows))

            self._whole(write_batch)
            self.on_batch(job)
        self._advance(total=job.read)
        self._end_run()

    def _end_run(self) -> None:
        """Archives what vanished, asks for the archive's photos, and ends. Can be done again after a crash."""
        job = self.job
        found: dict[str, Any] = {"state": ImportState.DONE, "finished_at": timezone.now()}
        if job.archive_vanished:
            self._pause()
            found["vanished"] = vanishing.archive_vanished(job)
        with transaction.atomic():
            if job.archive:
                found["unmatched"] = photo_archive.want_photos(job)
            if job.feed_id:
                # A feed comes every hour: of what it left as it was, the number says enough.
                job.rows.filter(outcome=RowOutcome.SAME).delete()
            self._advance(**found)
            tell_of_photos()

    def _read(self, position: int, verdicts: Sequence[Verdict], **values: Any) -> None:
        counts = Counter(self.job.counts) + Counter(verdict.outcome.value for verdict in verdicts)
        read = self.job.read + len(verdicts)
        total = max(self.job.total, read) if self.job.total else 0
        self._advance(position=position, read=read, total=total, counts=dict(counts), **values)

    def _advance(self, **values: Any) -> None:
        """The import's new place, in the transaction of what it has done. Raises LeaseLost."""
        mine = Import.objects.filter(pk=self.job.pk, lease_holder=self.job.lease_holder, state=self.job.state)
        if not mine.update(**values, lease_until=timezone.now() + LEASE):
            raise LeaseLost
        for name, value in values.items():
            setattr(self.job, name, value)

    def _pause(self) -> None:
        """Between batches: stops if somebody wants it, or if the turn is over. Raises Stop, LeaseLost."""
        mine = Import.objects.filter(pk=self.job.pk, lease_holder=self.job.lease_holder)
        wanted = mine.values_list("cancel_requested", flat=True).first()
        if wanted is None:
            raise LeaseLost
        if wanted:
            mine.update(state=ImportState.CANCELLED, finished_at=timezone.now(), cancel_requested=False)
            self.job.state = ImportState.CANCELLED
            feeds.forget_version(self.job)
            raise Stop
        if time.monotonic() > self.deadline:
            raise Stop

    def _whole(self, batch: Callable[[], None]) -> None:
        """A batch in one transaction, judged again if somebody else came between."""
        place = {name: getattr(self.job, name) for name in PLACE}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    batch()
                return
            except IntegrityError:
                # What was rolled back has not been done.
                vars(self.job).update(place)
                if attempt == ATTEMPTS:
                    raise
