"""What is known of credentials, who has used them, and, in one table, the encrypted secrets themselves."""

import uuid
from datetime import timedelta
from typing import Any, Never

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Credential(models.Model):
    """One set of secrets as a Fernet token. Nothing but `database.py` reads it."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.TextField(editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        # Nobody is to browse them: no permissions, no admin.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.reference)


class Store(models.TextChoices):
    """Where secrets can be kept."""

    DATABASE = "database", _("database")
    VAULT = "vault", "Vault"
    AWS = "aws", "AWS Secrets Manager"


class CredentialInfo(models.Model):
    """Everything about a set of secrets except the secrets: one row for each, whatever store keeps it."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    store = models.CharField(max_length=10, choices=Store)
    version = models.PositiveIntegerField(default=0, help_text="Grows with every change: what caches are checked by.")
    owner = models.CharField(max_length=150, blank=True, help_text="Whose they are, in words.")
    fields = models.JSONField(default=list, help_text="Names of what is stored, never values.")
    stored_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When the platform was last asked for newer ones.")
    refresh_until = models.DateTimeField(null=True, help_text="Until then one worker is refreshing them.")
    problem = models.TextField(blank=True, help_text="Why the last refresh failed.")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["expires_at"], name="credential_expires")]

    def __str__(self) -> str:
        return self.owner or str(self.reference)


class CredentialRemoval(models.Model):
    """Secrets that are no longer needed in a store and still have to be taken out of it."""

    reference = models.UUIDField()
    store = models.CharField(max_length=10, choices=Store)
    wished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["reference", "store"], name="credential_removal_once")]

    def __str__(self) -> str:
        return f"{self.reference} ({self.store})"


class Action(models.TextChoices):
    USED = "used", _("Opened")
    STORED = "stored", _("Entered")
    REFRESHED = "refreshed", _("Renewed by the platform")
    REFRESH_FAILED = "refresh_failed", _("Could not be renewed")
    ROTATED = "rotated", _("Encrypted with the new key")
    MOVED = "moved", _("Moved to another store")
    DELETED = "deleted", _("Deleted")


class Source(models.TextChoices):
    WORKER = "worker", _("Worker")
    ADMIN = "admin", pgettext_lazy("way in", "Admin")
    API = "api", "API"
    COMMAND = "command", pgettext_lazy("way in", "Command")


class EventsAreKeptError(TypeError):
    """Somebody tried to change or forget the past."""


KEPT_FOR = timedelta(days=366)
"""How long events are kept. On PostgreSQL the table itself refuses to give up any that are younger than a year."""


class CredentialEventQuerySet(models.QuerySet["CredentialEvent"]):
    def update(self, **kwargs: Any) -> Never:
        raise EventsAreKeptError

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise EventsAreKeptError

    def delete(self) -> Never:
        raise EventsAreKeptError


class CredentialEvent(models.Model):
    """One act on credentials, or the uses of one hour. References are no constraints: the entry outlives them."""

    reference = models.UUIDField()
    owner = models.CharField(max_length=150, blank=True, help_text="As the channel was called then.")
    store = models.CharField(max_length=10, choices=Store)
    action = models.CharField(max_length=20, choices=Action)
    source = models.CharField(max_length=10, choices=Source)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    user_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    last_at = models.DateTimeField(default=timezone.now)
    uses = models.PositiveIntegerField(default=1)
    hour = models.CharField(
        max_length=160, blank=True, help_text="What uses are counted together by; empty for anything else."
    )

    objects = models.Manager.from_queryset(CredentialEventQuerySet)()

    class Meta:
        ordering = ["-last_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["reference", "-last_at"], name="event_of_credential")]
        constraints = [
            models.UniqueConstraint(fields=["hour"], condition=~models.Q(hour=""), name="credential_uses_of_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.owner}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise EventsAreKeptError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise EventsAreKeptError
