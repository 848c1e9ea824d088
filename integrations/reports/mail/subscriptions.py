"""Reports by e-mail: who may have which, when the next one is due, pausing and ending. Sending is in `mailing`."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from cms.users.models import User
from integrations.publications.admin.views import visible_publications
from integrations.reports.models import ReportSubscription
from integrations.reports.summary.counting import Scope, of_dealer
from integrations.reports.summary.periods import Period, next_sending
from listings.permissions import own_dealers, sees_all_dealers

SEE = "publications.view_publication"
MOST = 20
"""Subscriptions of one person."""


# --- Rights -----------------------------------------------------------------------------------------
def may_manage_others(user: Any) -> bool:
    return bool(user.has_perm("reports.change_reportsubscription") and sees_all_dealers(user))


def manageable(user: Any) -> QuerySet[ReportSubscription]:
    """His own; those of all people for who may manage them."""
    if not user.has_perm(SEE):
        return ReportSubscription.objects.none()
    rows = ReportSubscription.objects.select_related("user", "dealer", "channel")
    return rows if may_manage_others(user) else rows.filter(user=user)


def recipients() -> QuerySet[User]:
    """Whom a report can be sent to."""
    backend = "django.contrib.auth.backends.ModelBackend"
    ids = User.objects.with_perm(SEE, backend=backend).values("pk")
    return User.objects.filter(pk__in=ids).exclude(email="").order_by("last_name", "username")


def refusal(subscription: ReportSubscription) -> str:
    """Why this person may not have this report; empty: he may. Asked when it is ordered and each time it is sent."""
    return _account_refusal(subscription.user) or _rows_refusal(subscription)


def _account_refusal(user: User) -> str:
    if not user.is_active:
        return _("The account is switched off.")
    if not user.email:
        return _("The account has no e-mail address.")
    return "" if user.has_perm(SEE) else _("There is no right to see publications.")


def _rows_refusal(subscription: ReportSubscription) -> str:
    user, dealer, channel = subscription.user, subscription.dealer, subscription.channel
    mine = own_dealers(user)
    if not sees_all_dealers(user) and not mine.exists():
        return _("The person works for no dealer.")
    if dealer is not None and not mine.filter(pk=dealer.pk).exists():
        return _("There is no right to see the cars of this dealer.")
    if channel is not None and channel.dealer_id and not mine.filter(pk=channel.dealer_id).exists():
        return _("There is no right to see this channel.")
    return ""


def scope_of(subscription: ReportSubscription, reader: Any, period: Period, now: datetime) -> Scope:
    """What the report tells the reader: never more than he may see himself."""
    publications = visible_publications(reader)
    if subscription.dealer is not None:
        publications = of_dealer(publications, subscription.dealer.slug)
    if subscription.channel is not None:
        publications = publications.filter(channel=subscription.channel)
    return Scope(publications, period, now)


# --- What people do ---------------------------------------------------------------------------------
def subscribe(subscription: ReportSubscription, user: User, now: datetime) -> None:
    """Saves a new or changed subscription and plans its next e-mail. Raises ValidationError, PermissionDenied."""
    _require(subscription, user)
    reason = refusal(subscription)
    if reason:
        raise ValidationError(reason)
    is_new = subscription.pk is None
    if is_new and ReportSubscription.objects.filter(user=subscription.user).count() >= MOST:
        raise ValidationError(_("At most %(count)d reports for one person.") % {"count": MOST})
    if is_new:
        subscription.created_by = user
    subscription.next_at = planned(subscription, now)
    subscription.paused_at, subscription.paused_reason = None, ""
    subscription.tries, subscription.error = 0, ""
    subscription.save()
    log(instance=subscription, action="wagtail.create" if is_new else "wagtail.edit", user=user)


def resume(subscription: ReportSubscription, user: User, now: datetime) -> None:
    subscribe(subscription, user, now)


def stop(subscription: ReportSubscription, user: User) -> None:
    _require(subscription, user)
    log(instance=subscription, action="wagtail.delete", user=user, deleted=True)
    subscription.delete()


def planned(subscription: ReportSubscription, now: datetime) -> datetime:
    return next_sending(subscription.every, subscription.weekday, subscription.hour, now)


def _require(subscription: ReportSubscription, user: User) -> None:
    """Everybody for himself, or who may for others."""
    if not user.has_perm(SEE) or not (subscription.user_id == user.pk or may_manage_others(user)):
        raise PermissionDenied
