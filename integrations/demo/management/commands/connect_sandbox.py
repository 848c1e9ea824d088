"""`manage.py connect_sandbox`: tells the running sandbox which files to fetch. Can be run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo.channels import connect_sandbox


class Command(BaseCommand):
    help = "Tells the sandbox the addresses of the demo channels' files. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.SANDBOX_URL):
            raise CommandError("This is for the demo only: DEMO and SANDBOX_URL are not set.")
        connect_sandbox()
