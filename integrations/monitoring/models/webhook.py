"""What platforms send by themselves."""

from datetime import datetime

from django.db import models

from integrations.publications.models import Channel


class IncomingWebhookQuerySet(models.QuerySet["IncomingWebhook"]):
    def due(self, now: datetime) -> "IncomingWebhookQuerySet":
        return self.filter(next_try_at__lte=now)

    def set_aside(self) -> "IncomingWebhookQuerySet":
        """Those that could not be read, again and again."""
        return self.filter(next_try_at=None, processed_at=None)


class IncomingWebhook(models.Model):
    """A genuine call, kept as it came until it is pruned. `next_try_at` is the to-do mark: empty when all is done."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="webhooks")
    digest = models.CharField(max_length=64, help_text="Of the body: the same one is taken once.")
    body = models.BinaryField()
    received_at = models.DateTimeField(db_index=True)
    processed_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(IncomingWebhookQuerySet)()

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["channel", "digest"], name="webhook_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(next_try_at__isnull=False), name="webhook_to_process"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}, {self.received_at:%d.%m.%Y %H:%M:%S}"
