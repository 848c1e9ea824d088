"""manage.py rotate_credentials: after a new key was put first in CREDENTIALS_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.credentials.rotation import encrypt_again


class Command(BaseCommand):
    help = "Encrypts all credentials of the database with the first key of CREDENTIALS_KEYS, so that older keys can go."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = encrypt_again()
        self.stdout.write(f"{done} credentials are now under the first key.")
        if lost:
            raise CommandError(
                f"No key opens {', '.join(map(str, lost))}: put the key back that they were stored with and run this "
                "again, or type them in anew."
            )
