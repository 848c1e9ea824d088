"""What somebody has to be told of a channel."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from integrations.monitoring.vocabulary import AlertKind
from integrations.publications.models import Channel

LEASE = timedelta(minutes=5)
"""How long a worker may take for one e-mail before another one tries."""
MAX_RETRY_WAIT = timedelta(hours=6)


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> "AlertQuerySet":
        return self.filter(closed_at=None)

    def to_tell(self, now: datetime) -> "AlertQuerySet":
        """Its beginning, or the end of one whose beginning was told. What was over before is not worth an e-mail."""
        begins = Q(closed_at=None, told_at=None)
        ends = Q(closed_at__isnull=False, told_at__isnull=False, end_told_at=None)
        return self.filter(begins | ends, tell_after__lte=now)

    def take(self, pk: int, now: datetime) -> bool:
        """Takes the e-mail for this worker. A conditional update: of several workers one wins."""
        return bool(self.to_tell(now).filter(pk=pk).update(tell_after=now + LEASE, tries=F("tries") + 1))


class Alert(models.Model):
    """A trouble of a channel from its beginning to its end. Of each kind a channel has one that is open."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(_("what is wrong"), max_length=20, choices=AlertKind)
    detail = models.TextField(blank=True)
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("until"), null=True)
    told_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True)
    tell_after = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    tell_error = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(AlertQuerySet)()

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-opened_at", "-pk"]
        default_permissions = ()
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind"], condition=Q(closed_at=None), name="alert_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_kind_display()}"

    def retry_wait(self) -> timedelta:
        """Twice as long after each failure: a mail server that is down all night is not asked every minute."""
        return min(timedelta(minutes=2 ** min(self.tries, 10)), MAX_RETRY_WAIT)
