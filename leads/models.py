"""Enquiries of visitors: who asks, about which car, and what became of it."""

from datetime import timedelta
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from listings.models import Dealer, PublishedListing
from listings.validators import validate_phone

MAX_NAME, MAX_MESSAGE, MAX_PAGE = 100, 2000, 500
LEASE = timedelta(minutes=5)
"""How long a worker may take for one notice before another one tries."""
MAX_RETRY_WAIT = timedelta(hours=6)


class LeadStatus(models.TextChoices):
    NEW = "new", pgettext_lazy("status of an enquiry", "New")
    IN_WORK = "in_work", pgettext_lazy("status of an enquiry", "In work")
    DONE = "done", pgettext_lazy("status of an enquiry", "Done")
    SPAM = "spam", pgettext_lazy("status of an enquiry", "Spam")


class SpamReason(models.TextChoices):
    NONE = "", _("Not spam")
    HONEYPOT = "honeypot", _("Filled in a field that people do not see")
    LINKS = "links", _("Too many links in the message")


class LeadQuerySet(models.QuerySet["Lead"]):
    def to_notify(self) -> "LeadQuerySet":
        """Those whose dealer has to be told, and whom no worker is telling now."""
        return self.filter(notified_at=None, spam_reason="", notify_after__lte=timezone.now())

    def take(self, pk: int) -> bool:
        """Takes the notice for this worker. A conditional update: of several workers one wins."""
        taken = self.to_notify().filter(pk=pk)
        return bool(taken.update(notify_after=timezone.now() + LEASE, notify_attempts=F("notify_attempts") + 1))


class Lead(models.Model):
    listing = models.ForeignKey(
        PublishedListing, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("car")
    )
    dealer = models.ForeignKey(
        Dealer, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("dealer")
    )
    name = models.CharField(_("visitor"), max_length=MAX_NAME)
    phone = models.CharField(_("phone"), max_length=16, validators=[validate_phone])
    message = models.TextField(_("message"), blank=True, validators=[MaxLengthValidator(MAX_MESSAGE)])
    consent_text = models.TextField(_("what was agreed to"))
    consent_at = models.DateTimeField(_("agreed"))
    page = models.CharField(_("page"), max_length=MAX_PAGE, default="/")
    source = models.JSONField(_("where from"), default=dict, blank=True, help_text=_("Advertising tags (utm)."))

    status = models.CharField(_("status"), max_length=10, choices=LeadStatus, default=LeadStatus.NEW, db_index=True)
    spam_reason = models.CharField(
        _("why it is spam"), max_length=10, choices=SpamReason, default=SpamReason.NONE, blank=True
    )
    contacts = models.PositiveSmallIntegerField(
        _("times asked"), default=1, help_text=_("The same person about the same car within ten minutes.")
    )
    note = models.TextField(
        _("notes"), blank=True, help_text=_("For colleagues: what was agreed, when to call. Visitors do not see it.")
    )
    created_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    last_contact_at = models.DateTimeField(_("last asked"), default=timezone.now)

    notified_at = models.DateTimeField(_("e-mail sent"), null=True, blank=True)
    notify_after = models.DateTimeField(default=timezone.now, editable=False)
    notify_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    notify_error = models.CharField(_("why no e-mail was sent"), max_length=200, blank=True, editable=False)

    # Nobody asks the admin where an enquiry is used; each one would pay for the index.
    wagtail_reference_index_ignore = True

    objects = models.Manager.from_queryset(LeadQuerySet)()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        indexes = [
            models.Index(fields=["phone", "listing", "-last_contact_at"], name="lead_same_person"),
            models.Index(fields=["notify_after"], condition=Q(notified_at=None, spam_reason=""), name="lead_to_notify"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.phone}"

    @property
    def car(self) -> str:
        """The car as lists show it."""
        return f"{self.listing.title}, {self.listing.year}" if self.listing else ""

    def clean(self) -> None:
        """A lead that a person has taken out of the spam is told to the dealer like any other."""
        if self.status != LeadStatus.SPAM:
            self.spam_reason = SpamReason.NONE

    def retry_wait(self) -> timedelta:
        """Twice as long after each failure: a mail server that is down all night is not asked every minute."""
        wait: Any = timedelta(minutes=2 ** min(self.notify_attempts, 10))
        return min(wait, MAX_RETRY_WAIT)
