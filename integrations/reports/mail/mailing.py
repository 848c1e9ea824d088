"""Sends reports by e-mail: each once, whoever else is at it, and never more than the reader may see at that moment.

The days of a report are marked as told just before the mail server is asked, and freed again if it says no. Who dies in
between leaves a report of which nobody knows whether it arrived; it is not sent again, and the page says so.
"""

import logging
from datetime import datetime
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from cms.users.models import User
from integrations.reports.models import ReportSubscription
from integrations.reports.summary import exports
from integrations.reports.summary.counting import Scope
from integrations.reports.summary.exports import COLUMNS, Format
from integrations.reports.summary.lines import Line, cars_in, lines_of_cars, report, total_of
from integrations.reports.summary.lines import all_lines as all_lines_of
from integrations.reports.summary.periods import Chosen, Period, told_period
from integrations.reports.vocabulary import GroupBy

from .subscriptions import planned, refusal, scope_of

logger = logging.getLogger(__name__)

BATCH = 200
"""Reports of one sweep."""
ROWS_IN_MAIL = 40
"""The rest is in the attached file."""
MAIL_COLUMNS = ("published", "updated", "withdrawn", "refused", "success", "standing", "views")
"""As many as a mail can show; the file has them all."""

BY = {
    GroupBy.CHANNEL: gettext_lazy("by channel"),
    GroupBy.DEALER: gettext_lazy("by dealer"),
    GroupBy.DAY: gettext_lazy("by day"),
    GroupBy.CAR: gettext_lazy("by car"),
}


def due(now: datetime) -> list[int]:
    return list(ReportSubscription.objects.due(now).order_by("next_at").values_list("pk", flat=True)[:BATCH])


def send_due(pk: int, now: datetime) -> bool:
    """The newest report of a subscription, if it is its time. True: the mail server has taken it."""
    if not ReportSubscription.objects.take(pk, now):
        return False
    subscription = ReportSubscription.objects.select_related("user", "dealer", "channel").get(pk=pk)
    with override("ru"):
        reason = refusal(subscription)
        if reason:
            _write(subscription, paused_at=now, paused_reason=reason[:200])
            return False
        period = told_period(subscription.every, subscription.weekday, subscription.hour, now)
        if subscription.told_until and subscription.told_until >= period.until:
            _skip(subscription, now)
            return False
        return _send(subscription, period, now)


def send_now(subscription: ReportSubscription, reader: User, now: datetime) -> str:
    """To the one who asks, with what he may see, beside the schedule. Returns why it was not sent; empty: it was."""
    if not reader.email:
        return _("The account has no e-mail address.")
    period = told_period(subscription.every, subscription.weekday, subscription.hour, now)
    with override("ru"):
        message = compose(subscription, reader, period, now)
        return _hand_over(message, subscription.pk)


def _send(subscription: ReportSubscription, period: Period, now: datetime) -> bool:
    message = compose(subscription, subscription.user, period, now)
    message.extra_headers["Message-ID"] = _message_id(subscription, period)
    if not ReportSubscription.objects.claim(subscription.pk, period.until):
        return False
    error = _hand_over(message, subscription.pk)
    if error:
        before = {"told_until": subscription.told_until, "sent_at": subscription.sent_at}
        _write(subscription, **before, next_at=timezone.now() + subscription.retry_wait(), error=error[:200])
        return False
    _write(subscription, sent_at=timezone.now(), next_at=planned(subscription, now), tries=0, error="")
    return True


def _skip(subscription: ReportSubscription, now: datetime) -> None:
    """These days have been told already, or somebody died while telling them."""
    unknown = subscription.sent_at is None
    words = _("It is not known whether the last report arrived: sending it was interrupted.") if unknown else ""
    _write(subscription, next_at=planned(subscription, now), tries=0, error=words)


def _hand_over(message: EmailMultiAlternatives, pk: int) -> str:
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # Only the class: a mail server's answer may repeat addresses and text.
        logger.warning("Report %s was not sent: %s", pk, type(error).__name__)
        return _("The mail server did not take the message (%s).") % type(error).__name__
    return ""


def _write(subscription: ReportSubscription, **values: Any) -> None:
    ReportSubscription.objects.filter(pk=subscription.pk).update(**values)


def _message_id(subscription: ReportSubscription, period: Period) -> str:
    """The same for the same report: should a mail server get it twice, mail programs show it once."""
    host = urlsplit(settings.CMS_URL).hostname or "localhost"
    return f"<report-{subscription.pk}-{period.until:%Y%m%d}@{host}>"


# --- The e-mail -------------------------------------------------------------------------------------
def compose(subscription: ReportSubscription, reader: User, period: Period, now: datetime) -> EmailMultiAlternatives:
    scope = scope_of(subscription, reader, period, now)
    lines, total, more = _lines(scope, subscription.group_by)
    page = f"{settings.CMS_URL}{reverse('reports_publications')}?{urlencode(_choice(subscription, period))}"
    stop = f"{settings.CMS_URL}{reverse('reports_subscription_stop', args=[subscription.pk])}"
    columns = [column for column in COLUMNS if column.name in MAIL_COLUMNS]
    context = {
        "what": what_of(subscription),
        "period": period,
        "first_column": GroupBy(subscription.group_by).label,
        "columns": columns,
        "rows": [(line.name, [column.show(getattr(line, column.name)) for column in columns]) for line in lines],
        "total": [(column.label, column.show(getattr(total, column.name))) for column in columns],
        "more": more,
        "page": page,
        "stop": stop,
    }
    subject = _("Report of publications: %(period)s") % {"period": period}
    message = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string("reports/mail.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [reader.email],
        headers={"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{stop}>"},
    )
    message.attach_alternative(render_to_string("reports/mail.html", context), "text/html")
    file = b"".join(exports.file_of(all_lines_of(scope, subscription.group_by), subscription.group_by, Format.XLSX))
    name = f"{exports.file_name(period, subscription.group_by)}.xlsx"
    message.attach(name, file, exports.CONTENT_TYPES[Format.XLSX])
    return message


def what_of(subscription: ReportSubscription) -> str:
    """In words: dealer, channel, grouping."""
    parts = [
        subscription.dealer.name if subscription.dealer else _("all own cars"),
        subscription.channel.name if subscription.channel else _("all channels"),
        str(BY[GroupBy(subscription.group_by)]),
    ]
    return ", ".join(parts)


def _lines(scope: Scope, group_by: str) -> tuple[list[Line], Line, int]:
    """What the mail shows, the total, and how many lines only the file has."""
    if group_by == GroupBy.CAR:
        cars = cars_in(scope)
        return lines_of_cars(scope, cars[:ROWS_IN_MAIL]), total_of(scope), max(cars.count() - ROWS_IN_MAIL, 0)
    lines, total = report(scope, group_by)
    return lines[:ROWS_IN_MAIL], total, max(len(lines) - ROWS_IN_MAIL, 0)


def _choice(subscription: ReportSubscription, period: Period) -> dict[str, Any]:
    """Of the page that shows the same."""
    chosen = {
        "period": Chosen.DATES.value,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "group_by": subscription.group_by,
        "dealer": subscription.dealer_id,
        "channel": subscription.channel_id,
    }
    return {name: value for name, value in chosen.items() if value}
