"""Who gets which report by e-mail, and what became of the last one."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from integrations.publications.models import Channel
from integrations.reports.vocabulary import Every, GroupBy, Weekday
from listings.models import Dealer

LEASE = timedelta(minutes=10)
"""How long a worker may take for one e-mail before another one looks."""
MAX_RETRY_WAIT = timedelta(hours=6)


class SubscriptionQuerySet(models.QuerySet["ReportSubscription"]):
    def due(self, now: datetime) -> "SubscriptionQuerySet":
        return self.filter(paused_at=None, next_at__lte=now)

    def take(self, pk: int, now: datetime) -> bool:
        """Takes the e-mail for this worker. A conditional update: of several workers one wins."""
        return bool(self.due(now).filter(pk=pk).update(next_at=now + LEASE, tries=F("tries") + 1))

    def claim(self, pk: int, until: date) -> bool:
        """Marks the days up to `until` as told, just before the mail server is asked: nobody tells them again."""
        untold = Q(told_until=None) | Q(told_until__lt=until)
        return bool(self.filter(untold, pk=pk).update(told_until=until, sent_at=None))


class ReportSubscription(models.Model):
    """A report that a person gets by e-mail. What he may see in it is asked when it is sent."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="report_subscriptions",
        verbose_name=_("recipient"),
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    dealer = models.ForeignKey(
        Dealer, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("dealer")
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("channel")
    )
    group_by = models.CharField(_("a row for each"), max_length=10, choices=GroupBy, default=GroupBy.CHANNEL)
    every = models.CharField(_("how often"), max_length=10, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, default=Weekday.MONDAY)
    hour = models.PositiveSmallIntegerField(_("hour"), default=9, validators=[MaxValueValidator(23)])

    next_at = models.DateTimeField(_("next e-mail"))
    told_until = models.DateField(null=True, help_text="The last day of the newest report that was handed over.")
    sent_at = models.DateTimeField(_("last e-mail"), null=True, help_text="Empty while the mail server is asked.")
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True)
    paused_reason = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(SubscriptionQuerySet)()

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["user__last_name", "user__username", "pk"]
        # Everybody manages his own; this one is for those of others.
        default_permissions = ("change",)
        verbose_name = _("report by e-mail")
        verbose_name_plural = _("reports by e-mail")
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="subscription_hour"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="subscription_weekday"),
            models.CheckConstraint(condition=Q(every__in=Every.values), name="subscription_every"),
            models.CheckConstraint(condition=Q(group_by__in=GroupBy.values), name="subscription_group"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(paused_at__isnull=True), name="subscription_due"),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_every_display()}"

    def retry_wait(self) -> timedelta:
        """Twice as long after each failure: a mail server that is down all night is not asked every minute."""
        return min(timedelta(minutes=2 ** min(self.tries, 10)), MAX_RETRY_WAIT)
