"""`manage.py ensure_demo_channels`: the channels that publish to the local sandbox. Can be run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo.channels import ensure_demo_channels


class Command(BaseCommand):
    help = "Makes the demo's channels and points them at SANDBOX_URL. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.SANDBOX_URL):
            raise CommandError("This is for the demo only: DEMO and SANDBOX_URL are not set.")
        names = ", ".join(channel.name for channel in ensure_demo_channels())
        self.stdout.write(f"Channels: {names}")
