"""The e-mail about a new enquiry, made from the stored row."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.pages.models import SiteSettings

from .models import Lead, LeadQuerySet

logger = logging.getLogger(__name__)

SWEEP_BATCH = 50


def notify(pk: int) -> None:
    """Tells dealer and site of the enquiry, once. Does nothing if somebody else has, or is at it."""
    if not Lead.objects.take(pk):
        return
    lead = Lead.objects.select_related("listing", "dealer").get(pk=pk)
    recipients = _recipients(lead)
    if not recipients:
        _failed(lead, _("Neither the dealer nor the site settings have an e-mail address."))
        return
    try:
        _message(lead, recipients).send()
    except (SMTPException, OSError) as error:
        # Only the class: a mail server's answer may repeat addresses and text.
        logger.warning("Notice of enquiry %s was not sent: %s", pk, type(error).__name__)
        _failed(lead, _("The mail server did not take the message (%s).") % type(error).__name__)
        return
    Lead.objects.filter(pk=pk).update(notified_at=timezone.now(), notify_error="")


def due() -> LeadQuerySet:
    """Enquiries whose message to a worker was lost, or whose e-mail failed."""
    return Lead.objects.to_notify().order_by("notify_after")[:SWEEP_BATCH]


def _message(lead: Lead, recipients: list[str]) -> EmailMessage:
    with override("ru"):
        subject = _("Enquiry: %(car)s") % {"car": lead.car} if lead.car else _("Enquiry from the site")
        context = {
            "lead": lead,
            "car_url": f"{settings.SITE_URL}{lead.listing.path}" if lead.listing else "",
            "admin_url": f"{settings.CMS_URL}{reverse('lead:edit', args=[lead.pk])}",
        }
        body = render_to_string("leads/notice.txt", context)
    return EmailMessage(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, recipients)


def _recipients(lead: Lead) -> list[str]:
    site = SiteSettings.objects.filter(site__is_default_site=True).values_list("email", flat=True).first()
    addresses = [lead.dealer.email if lead.dealer else "", site or ""]
    return list(dict.fromkeys(address for address in addresses if address))


def _failed(lead: Lead, reason: str) -> None:
    Lead.objects.filter(pk=lead.pk).update(notify_after=timezone.now() + lead.retry_wait(), notify_error=reason[:200])
