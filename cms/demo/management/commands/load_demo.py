"""`manage.py load_demo`: users, dealers, cars, pages and posts to try the product with. Can be run again."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.demo.cars import load_cars
from cms.demo.dealers import load_dealers
from cms.demo.pages import load_pages
from cms.demo.people import load_dealer_people, load_people, logins
from cms.users.models import User

LINES_EVERY = 10
"""Where no line can be updated, as in a log file, every tenth car gets a line."""


class Command(BaseCommand):
    help = "Adds the demo's users, dealers, cars and pages where they are missing. Demo only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show-logins", action="store_true", help="Only print names and passwords.")

    def handle(self, *args: Any, show_logins: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This adds users with known passwords, so it works only where DEMO is set.")
        if show_logins:
            self.stdout.write(logins())
            return
        started = time.monotonic()
        # Wagtail reports each publishing: two lines a car that would break the progress up.
        logging.getLogger("wagtail").setLevel(logging.WARNING)
        load_people()
        # In whose name everything is published.
        moderator = User.objects.filter(username="moderator").first() or User.objects.filter(is_superuser=True).first()
        if moderator is None:
            raise CommandError("There is nobody to publish the demo's cars: add a superuser.")
        dealers = load_dealers()
        load_dealer_people(dealers)
        cars = load_cars(dealers, moderator, self._progress)
        pages = load_pages(moderator)
        seconds = time.monotonic() - started
        added = f"{cars} cars and {pages} pages added" if cars or pages else "everything was there"
        self.stdout.write(f"Demo data: {added} in {seconds:.1f} s")

    def _progress(self, done: int, total: int) -> None:
        line = f"Cars: {done} of {total}"
        if self.stdout.isatty():
            self.stdout.write(f"\r{line}", ending="\n" if done == total else "")
        elif done % LINES_EVERY == 0 or done == total:
            self.stdout.write(line)
        self.stdout.flush()
