"""`manage.py import_listings FILE --dealer SLUG [--mapping NAME] [--publish] [--direct] [--report FILE]`"""

import csv
import itertools
import re
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from listings.exchange import engine, jobs
from listings.exchange.errors import FileError
from listings.exchange.mappings import mapping_names
from listings.exchange.staging import KEYS
from listings.exchange.states import ImportState, RowOutcome
from listings.models import Dealer, Import

NUMBER = re.compile(r"\d+")
REPORT = ["row", "column", "value", "reason"]


class Command(BaseCommand):
    help = (
        "Loads cars from a file: CSV, XLSX, ODS, JSON, XML of auto.ru or MaxPoster. Can be run again: what is there "
        "and has not changed stays as it is. Without --direct every row is checked first and kept to be looked at."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dealer", help="Slug of the dealer whose cars these are; the first one by default.")
        parser.add_argument("--mapping", choices=mapping_names(), help="A built-in meaning of the file's columns.")
        parser.add_argument("--publish", action="store_true", help="Publish new cars at once.")
        parser.add_argument("--direct", action="store_true", help="Load while reading; keep only refused rows.")
        parser.add_argument("--report", type=Path, help="Write every refused row with its reason into this CSV file.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        slug = options["dealer"]
        dealer = Dealer.objects.filter(**({"slug": slug} if slug else {})).order_by("pk").first()
        if dealer is None:
            raise CommandError(f"There is no dealer {slug or ''}: add one in the admin or run load_demo.")
        try:
            job = self._started(dealer, file, options)
            if not job.direct:
                self._work(job)
                jobs.run(job)
            self._work(job)
        except (FileError, OSError) as error:
            raise CommandError(f"{file}: {error}") from error
        self._sum_up(job)
        if options["report"]:
            write_report(job, options["report"])
            self.stdout.write(f"Every refused row: {options['report']}")

    def _started(self, dealer: Dealer, file: Path, options: dict[str, Any]) -> Import:
        with file.open("rb") as handle:
            job = jobs.start(dealer, None, File(handle), file.name, publish=options["publish"])
        if options["mapping"]:
            job.built_in = options["mapping"]
        if not job.built_in and not job.mapping:
            raise FileError("Its columns are not understood: load it in the admin and say what they mean.")
        job.by_system, job.direct = True, options["direct"]
        if job.direct:
            engine.begin_run(job)
        else:
            jobs.begin_check(job)
        return job

    def _work(self, job: Import) -> None:
        """Here and not in a worker, until the import stops. Raises FileError with what went wrong."""
        state = job.state
        engine.work(job.pk, seconds=float("inf"), on_batch=self._show)
        job.refresh_from_db()
        self.stdout.write("")
        if job.state in (ImportState.FAILED, ImportState.CANCELLED, state):
            raise FileError(job.error or job.get_state_display())

    def _show(self, job: Import) -> None:
        word, rows = ("loaded", job.written) if job.state == ImportState.RUNNING else ("checked", job.read)
        self.stdout.write(f"\r{rows} rows {word}", ending="")
        self.stdout.flush()

    def _sum_up(self, job: Import) -> None:
        words = {"create": "created", "change": "changed", "same": "were there already", "refused": "refused"}
        found = [f"{job.counts.get(outcome, 0)} {words[outcome]}" for outcome in RowOutcome.values]
        self.stdout.write(f"{', '.join(found)}.")
        # "Row 5 and row 6 are the same car" is one reason, however many rows it names.
        reasons = Counter(
            (column, NUMBER.sub("…", reason) if column in KEYS else reason)
            for _row, column, _value, reason in refusals(job)
        )
        for (column, reason), count in reasons.most_common(30):
            self.stdout.write(f"  {count:6}  {column}: {reason}")


def refusals(job: Import) -> Any:
    """Row, column, value and reason of everything that was refused."""
    rows = job.rows.filter(outcome=RowOutcome.REFUSED).order_by("number").values_list("number", "errors")
    return itertools.chain.from_iterable(
        ((number, error["column"], error["value"], error["reason"]) for error in errors)
        for number, errors in rows.iterator(chunk_size=1000)
    )


def write_report(job: Import, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT)
        writer.writerows(refusals(job))
