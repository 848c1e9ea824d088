"""The e-mails about alerts, made from the stored rows: one when it begins, one when it is over."""

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.users.models import User
from integrations.publications.models import Channel

from .models import Alert
from .visibility import visible_channels

logger = logging.getLogger(__name__)

BATCH = 50
"""E-mails of one run."""


def tell(now: datetime) -> int:
    """Sends what is to be told and returns how many. Each once, whoever else is at it."""
    ids = list(Alert.objects.to_tell(now).order_by("tell_after").values_list("pk", flat=True)[:BATCH])
    return sum(_tell(pk, now) for pk in ids)


def _tell(pk: int, now: datetime) -> bool:
    if not Alert.objects.take(pk, now):
        return False
    alert = Alert.objects.select_related("channel").get(pk=pk)
    over = alert.closed_at is not None
    recipients = _recipients(alert.channel)
    with override("ru"):
        if not recipients:
            return _failed(alert, _("Nobody who may see the channel has an e-mail address."))
        try:
            _message(alert, over, recipients).send()
        except (SMTPException, OSError) as error:
            # Only the class: a mail server's answer may repeat addresses and text.
            logger.warning("Alert %s was not sent: %s", pk, type(error).__name__)
            return _failed(alert, _("The mail server did not take the message (%s).") % type(error).__name__)
    done = {"end_told_at" if over else "told_at": timezone.now()}
    Alert.objects.filter(pk=pk).update(tell_error="", tries=0, **done)
    return True


def _message(alert: Alert, over: bool, recipients: list[str]) -> EmailMessage:
    words = _("It works again: %(channel)s") if over else _("Channel %(channel)s: %(trouble)s")
    subject = words % {"channel": alert.channel.name, "trouble": alert.get_kind_display()}
    url = f"{settings.CMS_URL}{reverse('monitoring_channel', args=[alert.channel_id])}"
    body = render_to_string("monitoring/alert.txt", {"alert": alert, "over": over, "url": url})
    # Blind copies: addresses of colleagues are nobody else's.
    return EmailMessage(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, bcc=recipients)


def _recipients(channel: Channel) -> list[str]:
    """Everybody who manages this channel."""
    managers = User.objects.with_perm(
        "publications.change_channel", backend="django.contrib.auth.backends.ModelBackend"
    )
    viewers = User.objects.with_perm("publications.view_channel", backend="django.contrib.auth.backends.ModelBackend")
    found = User.objects.filter(Q(pk__in=managers.values("pk")) | Q(pk__in=viewers.values("pk")), is_active=True)
    people = [user for user in found.exclude(email="") if visible_channels(user).filter(pk=channel.pk).exists()]
    return sorted({user.email for user in people})


def _failed(alert: Alert, reason: str) -> bool:
    Alert.objects.filter(pk=alert.pk).update(tell_after=timezone.now() + alert.retry_wait(), tell_error=reason[:200])
    return False
