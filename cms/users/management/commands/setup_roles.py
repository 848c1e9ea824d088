"""`manage.py setup_roles`: the groups of docs/roles.md with their rights. Can be run again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.users.roles import UnknownPermissionError, set_up_roles


class Command(BaseCommand):
    help = "Sets up the roles' groups, the dealers' groups and the moderation of cars. Run it after every migrate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="Also take away the rights that were given to these groups by hand."
        )

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        try:
            changed = set_up_roles(reset=reset)
        except UnknownPermissionError as error:
            raise CommandError(str(error)) from error
        for group, changes in changed.items():
            self.stdout.write(f"{group}: {' '.join(changes)}")
        self.stdout.write("Roles: set up" if changed else "Roles: nothing to change")
