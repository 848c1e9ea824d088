"""The e-mail after a feed's run that failed or waits: nobody watches it as somebody watches an upload."""

import logging
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from listings.models import Import

from .states import ImportState

logger = logging.getLogger(__name__)


def tell(job: Import) -> None:
    """Sent when the transaction is through. Uploads are watched by those who made them."""
    if not job.feed_id:
        return
    addresses = [job.user.email if job.user and job.user.is_active else "", job.dealer.email]
    recipient = next((address for address in addresses if address), "")
    if recipient:
        transaction.on_commit(partial(_send, job, recipient))


def _send(job: Import, recipient: str) -> None:
    address = f"{settings.CMS_URL}{reverse('listing_import', args=[job.pk])}"
    with override("ru"):
        words = {"feed": job.feed, "dealer": job.dealer, "error": job.error, "count": job.vanished}
        if job.state == ImportState.FAILED:
            subject = _("The feed “%(feed)s” was not loaded") % words
            text = _("The feed “%(feed)s” of %(dealer)s was not loaded: %(error)s") % words
        elif job.state == ImportState.MAPPING:
            subject = _("The feed “%(feed)s” waits for the meaning of its columns") % words
            text = _("The columns of the feed “%(feed)s” of %(dealer)s are not understood: say what they mean.") % words
        else:
            subject = _("The feed “%(feed)s” waits for your decision") % words
            text = _("The feed “%(feed)s” of %(dealer)s would archive too many cars: %(count)d. Decide.") % words
    message = EmailMessage(
        " ".join(subject.split()), f"{text}\n\n{address}\n", settings.DEFAULT_FROM_EMAIL, [recipient]
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # The run itself stands in the admin; the mail server's trouble must not undo anything.
        logger.warning("Notice of import %s was not sent: %s", job.pk, type(error).__name__)
