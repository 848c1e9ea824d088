"""`manage.py pull_feeds`: what beat does every minute, for setups without it, and to see that it works."""

from typing import Any

from django.core.management.base import BaseCommand

from listings.exchange.feeds import pull_due


class Command(BaseCommand):
    help = "Begins the runs of all feeds whose time has come; workers of the queue `imports` carry them out."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{pull_due()} feeds begun.")
