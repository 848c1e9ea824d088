"""Cars by channels: what stands where, and why something does not. A constant number of queries for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integrations.marketplaces.base import Words
from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.texts import problem_of, state_label, tone
from integrations.publications.vocabulary import IN_MOTION, TROUBLED, State
from listings.admin.filters import search_listings
from listings.models import Listing, PublishedListing
from listings.permissions import own_rows
from listings.places import Tone

from .refusals import NEVER_SENT, why_absent


@dataclass(frozen=True)
class Look:
    """How a cell shows itself."""

    icon: str
    word: Words
    tone: Tone


LOOKS = {
    "published": Look("check", pgettext_lazy("cell", "published"), "good"),
    "handed_over": Look("download", pgettext_lazy("cell", "in the file"), "waiting"),
    "planned": Look("date", pgettext_lazy("cell", "planned"), "waiting"),
    "waiting": Look("time", pgettext_lazy("cell", "waiting"), "waiting"),
    "stuck": Look("warning", pgettext_lazy("cell", "stuck"), "bad"),
    "failed": Look("warning", pgettext_lazy("cell", "not accepted"), "bad"),
    "uncertain": Look("help", pgettext_lazy("cell", "check it"), "bad"),
    "manual": Look("edit", pgettext_lazy("cell", "by hand"), "bad"),
    "withdrawn": Look("cross", pgettext_lazy("cell", "withdrawn"), "off"),
    "absent": Look("minus", pgettext_lazy("cell", "not here"), "off"),
}
LEGEND: dict[str, Words] = {
    "published": gettext_lazy("The car stands in the channel as it should."),
    "handed_over": gettext_lazy("It is in our file; nobody has seen it on the platform yet."),
    "planned": gettext_lazy("It goes there at the planned time."),
    "waiting": gettext_lazy("It is on its way: being published, changed or withdrawn."),
    "stuck": gettext_lazy("It waits because of a problem; it is tried again."),
    "failed": gettext_lazy("The platform has not accepted it: correct it and try again."),
    "uncertain": gettext_lazy("Nobody knows whether it is there: look into the channel and say."),
    "manual": gettext_lazy("Do it in the channel yourself and say that it is done."),
    "withdrawn": gettext_lazy("It was there and has been withdrawn."),
    "absent": gettext_lazy("It is not in this channel; the reason stands below."),
}


@dataclass(frozen=True)
class Cell:
    look: Look
    why: str
    """In the cell, below the word."""
    title: str
    """All that is known, for who points at it."""
    publication_id: int | None = None


@dataclass(frozen=True)
class Row:
    document: PublishedListing
    cells: Sequence[Cell]


def visible_cars(
    user: Any, *, query: str = "", dealer: str = "", attention: bool = False
) -> QuerySet[PublishedListing]:
    """Public cars of the user, and those that still have a post or a problem somewhere."""
    mine = search_listings(Listing.objects.filter(own_rows(user)), query).order_by()
    cars = PublishedListing.objects.filter(listing__in=mine.values("pk"))
    publications = Publication.objects.filter(document=OuterRef("pk"))
    if attention:
        cars = cars.filter(Exists(publications.filter(needs_attention())))
    else:
        there = publications.filter(Q(published_at__isnull=False) | Q(state__in=TROUBLED))
        cars = cars.filter(Q(is_public=True) | Exists(there))
    if dealer:
        cars = cars.filter(dealer=dealer)
    return cars.defer("card", "detail", "search_words").order_by("-published_at", "-pk")


def needs_attention() -> Q:
    """A person has to do something, or a problem keeps the channel or the car waiting."""
    problem = ~Q(error_class="") | Q(channel__paused_at__isnull=False)
    return Q(state__in=TROUBLED) | (Q(state__in=IN_MOTION) & problem)


def rows_of(documents: Sequence[PublishedListing], channels: Sequence[Channel]) -> list[Row]:
    """Two queries. `dealer` of the channels must be loaded."""
    known = {channel.pk: channel for channel in channels}
    publications = {}
    for row in Publication.objects.filter(document__in=documents, channel__in=known):
        row.channel = known[row.channel_id]
        publications[row.document_id, row.channel_id] = row
    choices: dict[tuple[int | None, int], Choice] = {
        (choice.listing_id, choice.channel_id): choice
        for choice in Choice.objects.filter(listing__in=[car.listing_id for car in documents], channel__in=known)
    }
    now = timezone.now()
    return [
        Row(
            car,
            [
                _cell(
                    car, channel, publications.get((car.pk, channel.pk)), choices.get((car.listing_id, channel.pk)), now
                )
                for channel in channels
            ],
        )
        for car in documents
    ]


def _cell(
    car: PublishedListing, channel: Channel, row: Publication | None, choice: Choice | None, now: datetime
) -> Cell:
    if row is None:
        why = why_absent(channel, car, choice) or str(NEVER_SENT)
        return Cell(LOOKS["absent"], why, why)
    label, problem = state_label(row), problem_of(row)
    title = f"{label}. {problem}" if problem else label
    key = _key(row, now)
    why = ""
    if key == "planned" and row.not_before:
        why = date_format(localtime(row.not_before), "j E, H:i")
    elif key == "withdrawn":
        why = why_absent(channel, car, choice)
    elif key == "stuck" and not row.channel.paused_at:
        why = _("is tried again")
    return Cell(LOOKS[key], why, title, row.pk)


def _key(row: Publication, now: datetime) -> str:
    if row.state in TROUBLED:
        return {State.FAILED: "failed", State.UNCERTAIN: "uncertain", State.MANUAL: "manual"}[State(row.state)]
    if row.state == State.WITHDRAWN:
        return "withdrawn"
    if row.state == State.PUBLISHED:
        return "published" if row.confirmed_at else "handed_over"
    if tone(row) == "bad" or row.error_class:
        return "stuck"
    planned = row.state == State.PENDING and row.not_before and row.not_before > now
    return "planned" if planned else "waiting"
