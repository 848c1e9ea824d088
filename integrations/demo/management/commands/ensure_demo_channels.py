"""`manage.py ensure_demo_channels`: the channels that publish to the local sandbox. Can be run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo.channels import ensure_demo_channels
from integrations.publications.wishes import publish_existing


class Command(BaseCommand):
    help = "Makes the demo's channels, points them at SANDBOX_URL and sends them the cars that there are. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.SANDBOX_URL):
            raise CommandError("This is for the demo only: DEMO and SANDBOX_URL are not set.")
        channels = ensure_demo_channels()
        for channel in channels:
            if not channel.publications.exists():
                # Nobody waits for these: the sweep sends them after what people do.
                publish_existing(channel)
        self.stdout.write(f"Channels: {', '.join(channel.name for channel in channels)}")
