"""`manage.py setup_demo`: schema, reference data, demo data and channels in one process. Can be run again."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

STEPS = ("load_reference_data", "load_demo", "ensure_demo_channels")


class Command(BaseCommand):
    help = "Prepares the demo's database, from nothing or from an earlier version."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, stdout=self.stdout)
        for step in STEPS:
            call_command(step, stdout=self.stdout)
