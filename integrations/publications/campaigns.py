"""Campaigns: what has become of each entry, moving and dropping single ones, stopping the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User
from listings.models import Listing
from listings.permissions import own_rows, sees_all_dealers

from .models import Campaign, Choice, Publication
from .planning import Timing, check_timing, fit, planned_by_others, require_plan
from .texts import problem_of, state_label, tone
from .vocabulary import TROUBLED, State
from .wishes import look_again

NOT_PUBLIC = _("The car is not public")
LEFT_OUT = _("Left out")


@dataclass(frozen=True)
class Entry:
    """A car in a channel, as the timetable shows it."""

    choice: Choice
    publication: Publication | None

    @property
    def is_published(self) -> bool:
        return self.publication is not None and self.publication.has_post

    @property
    def has_failed(self) -> bool:
        return self.publication is not None and self.publication.state in TROUBLED

    @property
    def is_open(self) -> bool:
        """Not published, not under way: it can still be moved or dropped."""
        row = self.publication
        under_way = row is not None and (row.state in (State.PUBLISHING, State.UNCERTAIN) or row.has_post)
        return self.choice.wanted and not under_way

    @property
    def label(self) -> str:
        if not self.choice.wanted and not self.is_published:
            return str(LEFT_OUT)
        return state_label(self.publication) if self.publication else str(NOT_PUBLIC)

    @property
    def tone(self) -> str:
        if self.publication is None or (not self.choice.wanted and not self.is_published):
            return "off"
        return tone(self.publication)

    @property
    def problem(self) -> str:
        return problem_of(self.publication) if self.publication else ""


def visible_campaigns(user: Any) -> QuerySet[Campaign]:
    """The user's dealers', and those that he has made himself; all of them for the group's staff."""
    if not user.has_perm("publications.view_publication"):
        return Campaign.objects.none()
    if sees_all_dealers(user):
        return Campaign.objects.all()
    return Campaign.objects.filter(own_rows(user, "dealer", None) | Q(created_by=user))


def visible_choices(user: Any) -> QuerySet[Choice]:
    if not user.has_perm("publications.view_publication"):
        return Choice.objects.none()
    return Choice.objects.filter(own_rows(user, "listing__dealer", "listing__agent"))


def entries_of(choices: QuerySet[Choice]) -> list[Entry]:
    """By time. Two queries."""
    found = list(
        choices.select_related("channel", "listing__make", "listing__model").order_by("not_before", "channel", "pk")
    )
    rows = Publication.objects.filter(
        document__listing__in={choice.listing_id for choice in found},
        channel__in={choice.channel_id for choice in found},
    ).select_related("channel", "document")
    known = {(row.document.listing_id, row.channel_id): row for row in rows}
    return [Entry(choice, known.get((choice.listing_id, choice.channel_id))) for choice in found]


def stop(campaign: Campaign, user: User) -> int:
    """What has not been published yet stays out; returns how many. Raises ValidationError."""
    _require(campaign, user)
    with transaction.atomic():
        if not Campaign.objects.filter(pk=campaign.pk, stopped_at=None).update(stopped_at=timezone.now()):
            raise ValidationError(_("The campaign has been stopped already."))
        entries = [entry for entry in entries_of(campaign.choices.all()) if entry.is_open]
        _require_cars([entry.choice.listing for entry in entries], user)
        _leave_out([entry.choice for entry in entries])
        log(instance=campaign, action="publications.stop_campaign", user=user, data={"count": len(entries)})
    return len(entries)


def drop(choice: Choice, user: User) -> None:
    """This car stays out of this channel. Raises ValidationError."""
    campaign = _open_campaign(choice, user)
    with transaction.atomic():
        _require_open(choice)
        _leave_out([choice])
        log(instance=campaign, action="publications.drop_entry", user=user, data={"entry": _told(choice)})


def move(choice: Choice, user: User, at: datetime) -> datetime:
    """To another time, or the first one after it at which the channel posts; returns it. Raises ValidationError."""
    campaign = _open_campaign(choice, user)
    check_timing(Timing(at), timezone.now())
    planned = planned_by_others([choice.listing], [choice.channel], at)
    moment = fit(choice.channel, at, planned.get(choice.channel_id, []))
    with transaction.atomic():
        _require_open(choice)
        Choice.objects.filter(pk=choice.pk).update(not_before=moment)
        Campaign.objects.filter(pk=campaign.pk, ends_at__lt=moment).update(ends_at=moment)
        if choice.channel.is_active:
            look_again([choice.listing_id], choice.channel)
        log(instance=campaign, action="publications.move_entry", user=user, data={"entry": _told(choice)})
    return moment


def _leave_out(choices: Sequence[Choice]) -> None:
    Choice.objects.filter(pk__in=[choice.pk for choice in choices]).update(wanted=False, not_before=None)
    for channel in {choice.channel_id: choice.channel for choice in choices}.values():
        if channel.is_active:
            look_again([choice.listing_id for choice in choices if choice.channel_id == channel.pk], channel)


def _require_open(choice: Choice) -> None:
    """Locks the choice: a campaign that is stopped meanwhile is not revived by a move."""
    if not Choice.objects.select_for_update().filter(pk=choice.pk, wanted=True).exists():
        raise ValidationError(_("It is left out already."))
    entry = entries_of(Choice.objects.filter(pk=choice.pk))[0]
    if not entry.is_open:
        raise ValidationError(_("It is published already, or just being published."))


def _open_campaign(choice: Choice, user: User) -> Campaign:
    campaign = choice.campaign
    if campaign is None or campaign.stopped_at:
        raise ValidationError(_("The campaign has been stopped already."))
    _require(campaign, user)
    _require_cars([choice.listing], user)
    return campaign


def _require(campaign: Campaign, user: User) -> None:
    if not visible_campaigns(user).filter(pk=campaign.pk).exists():
        raise PermissionDenied


def _require_cars(listings: Sequence[Listing], user: User) -> None:
    require_plan(listings, user)


def _told(choice: Choice) -> str:
    return f"{choice.listing} → {choice.channel}"
