"""Everything that happened to a car in all channels, newest first. A constant number of queries for a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from integrations.marketplaces.base import Words
from integrations.monitoring.models import RemoteCheck
from integrations.monitoring.vocabulary import PostState
from integrations.publications.models import Choice, Publication, PublicationAttempt
from integrations.publications.vocabulary import Result
from integrations.reports.people import Names
from listings.admin.change_report import action_label, own_changes
from listings.admin.price_history import money
from listings.models import ChangeLogEntry, Listing, PricePoint
from listings.places import Tone
from listings.vocabulary import ChangeAction

PER_PAGE = 60
SHOWN_ACTIONS = (
    ChangeAction.PUBLISH, ChangeAction.UNPUBLISH, ChangeAction.ARCHIVE, ChangeAction.RESTORE, ChangeAction.SALE_STATE,
    ChangeAction.CHANNELS,
)  # fmt: skip
GOOD, BAD = (Result.DONE,), (Result.INVALID, Result.AUTH, Result.UNCERTAIN, Result.MANUAL)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_CURSOR = 17
"""Digits of microseconds since 1970."""


@dataclass(frozen=True)
class Event:
    at: datetime
    icon: str
    title: Words
    tone: Tone = "off"
    detail: Words = ""
    channel: str = ""
    who: str = ""
    address: str = ""
    publication_id: int | None = None


@dataclass(frozen=True)
class Page:
    planned: Sequence[Event]
    """What is still to come, the next first; on the first page only."""
    days: Sequence[tuple[date, Sequence[Event]]]
    older: str
    """Where the next page begins; empty: this is the end."""


def timeline(listing: Listing, reader: Any, *, channel: int | None = None, before: datetime | None = None) -> Page:
    """`channel`: only what happened there, nothing of the car itself."""
    publications = {
        row.pk: row
        for row in Publication.objects.filter(document__listing=listing).select_related("channel", "watch")
        if channel in (None, row.channel_id)
    }
    names = Names(reader)
    found = [
        *_attempts(publications, before),
        *_decisions(publications, names, before),
        *_checks(publications, names, before),
    ]
    if channel is None:
        found += [*_changes(listing, reader, names, before), *_prices(listing, before)]
    events, older = _cut(sorted(found, key=lambda event: event.at, reverse=True))
    planned = [] if before else _plans(listing, channel)
    return Page(planned, _by_day(events), older)


def channels_of(listing: Listing) -> list[tuple[int, str]]:
    """Those that ever heard of the car."""
    rows = Publication.objects.filter(document__listing=listing).order_by("channel__name")
    return list(rows.values_list("channel_id", "channel__name"))


def read_cursor(text: str) -> datetime | None:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_CURSOR:
        return None
    return EPOCH + timedelta(microseconds=int(text))


# --- Sources: each gives a little more than a page needs ------------------------------------------
Rows = Mapping[int, Publication]


def _newest(rows: QuerySet[Any], column: str, before: datetime | None) -> Iterable[Any]:
    if before is not None:
        rows = rows.filter(**{f"{column}__lt": before})
    return rows.order_by(f"-{column}", "-pk")[: PER_PAGE + 1]


def _attempts(publications: Rows, before: datetime | None) -> list[Event]:
    attempts = PublicationAttempt.objects.filter(publication__in=publications).defer("payload")
    return [
        Event(
            at=attempt.started_at,
            icon="upload",
            title=f"{attempt.get_operation_display()}: {_result(attempt)}",
            tone="good" if attempt.result in GOOD else "bad" if attempt.result in BAD else "waiting",
            # What a platform says to a success is for programmers.
            detail="" if attempt.result == Result.DONE else attempt.response,
            channel=publications[attempt.publication_id].channel.name,
            address=_address(publications[attempt.publication_id], attempt),
            publication_id=attempt.publication_id,
        )
        for attempt in _newest(attempts, "started_at", before)
    ]


def _result(attempt: PublicationAttempt) -> str:
    if attempt.finished_at is None:
        return _("under way")
    seconds = number_format((attempt.finished_at - attempt.started_at).total_seconds(), decimal_pos=2)
    return _("%(result)s, %(seconds)s s") % {"result": _inside(attempt.get_result_display()), "seconds": seconds}


def _inside(words: str) -> str:
    """As it reads within a sentence."""
    return words[:1].lower() + words[1:]


def _address(row: Publication, attempt: PublicationAttempt) -> str:
    """Of the post that the attempt made, as long as anybody remembers it: its time names it."""
    watch = getattr(row, "watch", None)
    for known in (row, watch):
        if known is not None and known.published_at == attempt.started_at:
            return known.address
    return ""


def _decisions(publications: Rows, names: Names, before: datetime | None) -> list[Event]:
    entries = ModelLogEntry.objects.get_for_model(Publication).select_related("user")
    entries = entries.filter(object_id__in=[str(pk) for pk in publications])
    return [
        Event(
            at=entry.timestamp,
            icon="user",
            title=entry.message,
            detail=entry.data.get("how", "") or entry.data.get("address", ""),
            channel=publications[int(entry.object_id)].channel.name,
            who=names.of(entry.user),
            publication_id=int(entry.object_id),
        )
        for entry in _newest(entries, "timestamp", before)
    ]


def _checks(publications: Rows, names: Names, before: datetime | None) -> list[Event]:
    checks = RemoteCheck.objects.filter(publication__in=publications)
    return [
        Event(
            at=check.at,
            icon="view",
            title=_seen(check),
            tone=_tone(check),
            detail=" ".join([check.how, *map(str, check.problems)]).strip(),
            channel=publications[check.publication_id].channel.name,
            who=names.as_told(check.person) or check.get_source_display(),
            address=check.address,
            publication_id=check.publication_id,
        )
        for check in _newest(checks, "at", before)
    ]


def _seen(check: RemoteCheck) -> str:
    words = _("Checked after the withdrawal: %(state)s") if check.after_withdrawal else _("Checked: %(state)s")
    return words % {"state": _inside(check.get_state_display())}


def _tone(check: RemoteCheck) -> Tone:
    if check.state == PostState.UNKNOWN:
        return "off"
    wanted = PostState.REMOVED if check.after_withdrawal else PostState.LIVE
    return "good" if check.state == wanted else "bad"


def _changes(listing: Listing, reader: Any, names: Names, before: datetime | None) -> list[Event]:
    entries = own_changes(reader).filter(listing=listing, action__in=SHOWN_ACTIONS)
    return [
        Event(
            at=entry.at,
            icon="edit",
            title=action_label(entry),
            detail=_told(entry),
            who=names.as_told(entry.user_name) or _("System"),
        )
        for entry in _newest(entries, "at", before)
    ]


def _told(entry: ChangeLogEntry) -> str:
    labels = dict(Listing._meta.get_field("sale_state").flatchoices)
    pair = entry.fields.get("sale_state") or entry.fields.get("channels") or ["", ""]
    old, new = (str(labels.get(value, value) or "") for value in pair)
    told = f"{old} → {new}" if old and new else new or old
    return " ".join(part for part in (told, entry.comment) if part)


def _prices(listing: Listing, before: datetime | None) -> list[Event]:
    points = list(_newest(PricePoint.objects.filter(listing=listing), "at", before))
    olds: list[PricePoint | None] = [*points[1:], None]
    return [
        Event(
            at=point.at,
            icon="tag",
            title=_("Price on the site: %(price)s") % {"price": money(point.price, point.currency)},
            detail=_("before: %(price)s") % {"price": money(old.price, old.currency)} if old else "",
        )
        for point, old in zip(points, olds, strict=True)
    ]


def _plans(listing: Listing, channel: int | None) -> list[Event]:
    choices = Choice.objects.filter(listing=listing, wanted=True, not_before__gt=timezone.now())
    if channel is not None:
        choices = choices.filter(channel=channel)
    return [
        Event(
            at=choice.not_before,
            icon="date",
            title=_("Planned"),
            tone="waiting",
            detail=_("Campaign “%(name)s”") % {"name": choice.campaign} if choice.campaign else "",
            channel=choice.channel.name,
        )
        for choice in choices.select_related("channel", "campaign").order_by("not_before")
        if choice.not_before
    ]


# --- Pages ----------------------------------------------------------------------------------------
def _cut(events: list[Event]) -> tuple[list[Event], str]:
    """A page, and where the next begins. What happened at the very same time stays together."""
    if len(events) <= PER_PAGE:
        return events, ""
    last = events[PER_PAGE - 1].at
    page = [event for event in events if event.at >= last]
    cursor = (last - EPOCH) // timedelta(microseconds=1)
    return page, str(cursor) if len(page) < len(events) else ""


def _by_day(events: list[Event]) -> list[tuple[date, list[Event]]]:
    return [(day, list(rows)) for day, rows in groupby(events, key=_day)]


def _day(event: Event) -> date:
    return timezone.localdate(event.at)
