"""`manage.py ensure_demo_channel`: the channel that publishes to the local sandbox. Can be run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.publications.demo import ensure_demo_channel


class Command(BaseCommand):
    help = "Makes the demo's channel and points it at SANDBOX_URL. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.SANDBOX_URL):
            raise CommandError("This is for the demo only: DEMO and SANDBOX_URL are not set.")
        self.stdout.write(f"Channel: {ensure_demo_channel().name}")
