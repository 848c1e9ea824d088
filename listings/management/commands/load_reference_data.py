"""`manage.py load_reference_data`: makes, models, cities, equipment and the rest. Can be run again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from modelsearch.backends import get_search_backends

from listings.models import CarModel, City, Make
from listings.reference_data import load_reference_data


class Command(BaseCommand):
    help = "Adds missing reference data. What editors have changed stays, unless --force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="Set rows that are there back to the shipped values.")

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        changed = False
        for result in load_reference_data(force=force):
            changed = changed or bool(result.created or result.updated)
            counts = f"{result.created:5} created {result.updated:5} updated {result.unchanged:5} as they were"
            self.stdout.write(f"{result.kind:15} {counts}")
        if changed:
            # Rows written in bulk send no signals: the admin's search hears of them here.
            for backend in get_search_backends(with_auto_update=True):
                for model in (Make, CarModel, City):
                    backend.add_bulk(model, model.objects.all())
