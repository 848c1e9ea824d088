"""`manage.py import_listings FILE --mapping NAME --dealer SLUG`"""

import csv
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listings.exchange.importer import FileError, ImportResult, import_listings
from listings.exchange.mappings import load_mapping, mapping_names
from listings.models import Dealer


class Command(BaseCommand):
    help = "Creates and publishes listings from a CSV file. Can be run again: rows that are there stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", required=True, choices=mapping_names(), help="How the file's columns are meant."
        )
        parser.add_argument("--dealer", help="Slug of the dealer whose cars these are; the first one by default.")
        parser.add_argument("--report", type=Path, help="Write every refused row with its reason into this CSV file.")

    def handle(
        self, *args: Any, file: Path, mapping: str, dealer: str | None, report: Path | None, **options: Any
    ) -> None:
        owner = Dealer.objects.filter(**({"slug": dealer} if dealer else {})).order_by("pk").first()
        if owner is None:
            raise CommandError(f"There is no dealer {dealer or ''}: add one in the admin or run load_demo.")
        try:
            result = import_listings(file, load_mapping(mapping), owner, self._show)
        except FileError as error:
            raise CommandError(f"{file}: {error}") from error
        self.stdout.write(f"\n{result.created} created, {result.known} were there already, {result.refused} refused.")
        for (column, reason), count in Counter((item.column, item.reason) for item in result.errors).most_common():
            self.stdout.write(f"  {count:6}  {column}: {reason}")
        if report:
            write_report(result, report)
            self.stdout.write(f"Every refused row: {report}")

    def _show(self, rows: int) -> None:
        self.stdout.write(f"\r{rows} rows read", ending="")
        self.stdout.flush()


def write_report(result: ImportResult, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "column", "value", "reason"])
        writer.writerows((item.row, item.column, item.value, item.reason) for item in result.errors)
