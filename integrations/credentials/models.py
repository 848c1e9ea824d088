"""Encrypted secrets. Nothing but `database.py` reads them."""

import uuid

from django.db import models


class Credential(models.Model):
    """One set of secrets as a Fernet token."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.TextField(editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        # Nobody is to browse them: no permissions, no admin.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.reference)
