"""When which car goes into which channel: the timetable, and how it is carried out.

A timetable is counted first and shown; what is carried out is that very count.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cms.users.models import User
from listings.changes import Change, record
from listings.models import Dealer, Listing, PublishedListing
from listings.permissions import own_dealers, own_rows, sees_all_dealers
from listings.vocabulary import ChangeAction

from .models import Campaign, Channel, Choice, Publication
from .windows import next_opening
from .wishes import look_again

MOST = 2000
"""Entries of one plan: cars times channels."""
FARTHEST = timedelta(days=366)
HOUR = timedelta(hours=1)
PUBLISH = "listings.publish_listing"


@dataclass(frozen=True)
class Timing:
    """Neither: at once. `start` alone: all at that time. Both: spread evenly from one to the other."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Slot:
    listing: Listing
    channel: Channel
    at: datetime | None
    """Empty: at once."""
    refusal: str = ""
    note: str = ""


def channels_to_plan(user: Any) -> list[Channel]:
    """Those of the user's dealers, and the group's unless they take only cars of other dealers."""
    found = Channel.objects.select_related("dealer")
    if sees_all_dealers(user):
        return list(found)
    own = set(own_dealers(user).values_list("slug", flat=True))
    rows = found.filter(Q(dealer=None) | Q(dealer__in=own_dealers(user)))
    return [row for row in rows if row.dealer_id or not row.rules.get("dealers") or own & set(row.rules["dealers"])]


def may_plan(user: Any) -> bool:
    """At all; which cars is asked by `require_plan`."""
    return any(user.has_perm(right) for right in (PUBLISH, "publications.plan_publication"))


def check_timing(timing: Timing, now: datetime) -> None:
    """Raises ValidationError."""
    for moment in (timing.start, timing.end):
        if moment is not None and moment <= now:
            raise ValidationError(_("This time is past. Choose a later one."))
        if moment is not None and moment > now + FARTHEST:
            raise ValidationError(_("Plan at most a year ahead."))
    if timing.start and timing.end and timing.end <= timing.start:
        raise ValidationError(_("The end must be after the beginning."))


def timetable(listings: Sequence[Listing], channels: Sequence[Channel], timing: Timing, now: datetime) -> list[Slot]:
    """Every car in every channel, cars in their order. Three queries, whatever their number."""
    if len(listings) * len(channels) > MOST:
        raise ValidationError(_("That is too much for one plan: at most %d cars times channels.") % MOST)
    check_timing(timing, now)
    documents = {
        document.listing_id: document
        for document in PublishedListing.objects.filter(listing__in=listings).defer("card", "detail", "search_words")
    }
    standing = set(
        Publication.objects.filter(document__listing__in=listings, channel__in=channels)
        .exclude(published_at=None)
        .values_list("document__listing_id", "channel_id")
    )
    planned = planned_by_others(listings, channels, timing.start) if timing.start else {}
    slots: list[Slot] = []
    for channel in channels:
        refused = {car.pk: _refusal(car, channel, documents.get(car.pk), standing) for car in listings}
        going = [car for car in listings if not refused[car.pk]]
        times = dict(
            zip(
                [car.pk for car in going], _times(len(going), channel, timing, planned.get(channel.pk, [])), strict=True
            )
        )
        for car in listings:
            note = (
                "" if _is_public(documents.get(car.pk)) else str(_("It is not public yet: it goes there once it is."))
            )
            slots.append(Slot(car, channel, times.get(car.pk), refused[car.pk], "" if refused[car.pk] else note))
    return slots


def plan(slots: Sequence[Slot], timing: Timing, user: User, *, name: str = "") -> Campaign | None:
    """Writes the choices of a timetable; a spread one is a campaign with this name. Raises ValidationError."""
    going = [slot for slot in slots if not slot.refusal]
    listings = {slot.listing.pk: slot.listing for slot in going}
    require_plan(list(listings.values()), user)
    _require_channels(going, user)
    if not going:
        raise ValidationError(_("Nothing is left to plan: everything was refused."))
    check_timing(timing, timezone.now())
    with transaction.atomic():
        campaign = _campaign(going, timing, name, user) if timing.end else None
        Choice.objects.bulk_create(
            [
                Choice(channel=slot.channel, listing=slot.listing, wanted=True, not_before=slot.at, campaign=campaign)
                for slot in going
            ],
            update_conflicts=True,
            unique_fields=["channel", "listing"],
            update_fields=["wanted", "not_before", "campaign"],
        )
        for channel in {slot.channel.pk: slot.channel for slot in going}.values():
            if channel.is_active:
                look_again([slot.listing.pk for slot in going if slot.channel.pk == channel.pk], channel)
        record([Change(slot.listing, ChangeAction.CHANNELS, {"channels": ["", _told(slot)]}) for slot in going], user)
    return campaign


def require_plan(listings: Sequence[Listing], user: User) -> None:
    """Raises PermissionDenied unless every car is the user's and may be planned by him. One query."""
    if not may_plan(user):
        raise PermissionDenied
    ids = {listing.pk for listing in listings}
    if Listing.objects.filter(own_rows(user), pk__in=ids).distinct().count() != len(ids):
        raise PermissionDenied


def _require_channels(slots: Sequence[Slot], user: User) -> None:
    """Only who publishes puts a car back into a channel of the group out of which somebody keeps it."""
    if {slot.channel.pk for slot in slots} - {channel.pk for channel in channels_to_plan(user)}:
        raise PermissionDenied
    if user.has_perm(PUBLISH):
        return
    kept_out = set(
        Choice.objects.filter(
            wanted=False, channel__dealer=None, listing__in=[slot.listing.pk for slot in slots]
        ).values_list("listing_id", "channel_id")
    )
    for slot in slots:
        if (slot.listing.pk, slot.channel.pk) in kept_out:
            words = _("%(car)s is kept out of the channel “%(channel)s”. Ask a moderator to put it back.")
            raise ValidationError(words % {"car": slot.listing, "channel": slot.channel})


def planned_by_others(
    listings: Sequence[Listing], channels: Sequence[Channel], since: datetime
) -> dict[int, list[datetime]]:
    """By channel, in order: when other cars are to appear in those with a cap. One query at most."""
    capped = [channel for channel in channels if channel.per_hour]
    found: dict[int, list[datetime]] = {}
    if capped:
        others = Choice.objects.filter(channel__in=capped, wanted=True, not_before__gt=since - HOUR)
        rows = others.exclude(listing__in=listings).order_by("not_before").values_list("channel_id", "not_before")
        for channel_id, moment in rows:
            if moment is not None:
                found.setdefault(channel_id, []).append(moment)
    return found


def fit(channel: Channel, wanted: datetime, taken: Sequence[datetime]) -> datetime:
    """The first time from then on within the channel's hours and under its cap; `taken` is in order."""
    at = next_opening(channel, wanted) or wanted
    while full_until := _full_until(at, taken, channel.per_hour or 0):
        at = next_opening(channel, full_until) or full_until
    return at


def _full_until(at: datetime, taken: Sequence[datetime], cap: int) -> datetime | None:
    """When the hour that has no room for one more post at this time is over; None: there is room."""
    near = taken[bisect_right(taken, at - HOUR) : bisect_left(taken, at + HOUR)] if cap else []
    for first, last in zip(near, near[cap - 1 :], strict=False):
        if max(last, at) - min(first, at) < HOUR:
            return first + HOUR
    return None


def _times(count: int, channel: Channel, timing: Timing, others: Sequence[datetime]) -> Sequence[datetime | None]:
    if timing.start is None:
        return [None] * count
    pause = (timing.end - timing.start) / count if timing.end and count else timedelta()
    taken, times = list(others), list[datetime]()
    for number in range(count):
        wanted = (timing.start + pause * number).replace(second=0, microsecond=0)
        times.append(fit(channel, max(wanted, times[-1]) if times else wanted, taken))
        insort(taken, times[-1])
    return times


def _refusal(car: Listing, channel: Channel, document: Any, standing: Set[tuple[Any, int]]) -> str:
    if channel.dealer_id not in (None, car.dealer_id):
        return str(_("The channel “%s” takes only its own dealer's cars.") % channel)
    if (car.pk, channel.pk) in standing:
        return str(_("It is published there already."))
    if _is_public(document) and not channel.accepts(document, Choice(wanted=True)):
        return str(_("The rules of the channel do not take this car."))
    return ""


def _is_public(document: PublishedListing | None) -> bool:
    return document is not None and document.is_public


def _told(slot: Slot) -> str:
    when = f", {date_format(localtime(slot.at), 'j E Y, H:i')}" if slot.at else ""
    return f"{slot.channel}{when}"


def _campaign(slots: Sequence[Slot], timing: Timing, name: str, user: User) -> Campaign:
    dealers = {slot.listing.dealer_id for slot in slots}
    if not name.strip():
        raise ValidationError(_("Give the campaign a name."))
    if len(dealers) > 1 and not sees_all_dealers(user):
        raise ValidationError(_("A campaign holds cars of one dealer: tick those of one."))
    last = max(slot.at for slot in slots if slot.at)
    return Campaign.objects.create(
        name=name.strip()[:100],
        dealer=Dealer.objects.get(pk=dealers.pop()) if len(dealers) == 1 else None,
        starts_at=timing.start or last,
        ends_at=max(last, timing.end) if timing.end else last,
        created_by=user,
    )
