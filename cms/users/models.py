"""The project's own user model, so that later fields need no swap of a live table."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """One who logs in to the admin."""
