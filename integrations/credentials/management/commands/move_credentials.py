"""manage.py move_credentials --to vault: takes everything along into another store, while the product runs."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.credentials.backends import backend
from integrations.credentials.models import CredentialInfo, CredentialRemoval, Store
from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, credential_store


class Command(BaseCommand):
    help = (
        "Copies all credentials into another store, reads each one back, opens it there from now on, and takes it out "
        "of the old store. Can be stopped and run again: what has been moved is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, choices=Store.values, help="the store that they go into")
        parser.add_argument("--keep", action="store_true", help="leave the copies in the old store")

    def handle(self, *args: Any, **options: Any) -> None:
        to: str = options["to"]
        try:
            backend(to)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        references = list(CredentialInfo.objects.exclude(store=to).order_by("stored_at").values_list("pk", flat=True))
        moved, failed = 0, 0
        for number, reference in enumerate(references, 1):
            try:
                moved += credential_store().move(str(reference), to, keep=options["keep"])
            except (CredentialsUnreadable, CredentialsUnavailable) as error:
                failed += 1
                self.stderr.write(f"{number} of {len(references)}: {reference} stays where it is: {error}")
            else:
                self.stdout.write(f"{number} of {len(references)}: {reference}")
        self._sum_up(to, moved, failed)

    def _sum_up(self, to: str, moved: int, failed: int) -> None:
        left = credential_store().clear_stores()
        there = CredentialInfo.objects.filter(store=to).count()
        self.stdout.write(f"{moved} moved; {there} credentials are now in {Store(to).label}.")
        if left:
            stores = ", ".join(sorted(set(CredentialRemoval.objects.values_list("store", flat=True))))
            self.stdout.write(f"{left} could not be taken out of {stores} yet: the product tries it again each night.")
        if failed:
            raise CommandError(f"{failed} were not moved. Nothing of them is lost; see above, then run this again.")
