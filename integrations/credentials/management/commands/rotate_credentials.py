"""manage.py rotate_credentials: after a new key was put first in CREDENTIALS_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.credentials.database import encrypt_again


class Command(BaseCommand):
    help = "Encrypts all credentials with the first key of CREDENTIALS_KEYS, so that older keys can be removed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{encrypt_again()} credentials are now under the first key.")
