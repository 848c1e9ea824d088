"""Buttons of channels and publications. Each is a POST that calls one action and goes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from integrations.publications import actions, decisions
from integrations.publications.models import Channel, Publication
from listings.permissions import own_rows

LONGEST_ADDRESS = 500

DECISIONS: dict[str, Callable[..., None]] = {
    "confirm": actions.confirm_published,
    "missing": actions.confirm_missing,
    "by-hand": actions.done_by_hand,
    "retry": actions.retry_now,
    "anew": actions.publish_anew,
    "posted-by-hand": decisions.posted_by_hand,
}
WITH_ADDRESS = ("confirm", "posted-by-hand")
CONFIRMED_FIRST = {
    "post_again": _lazy("Publish anew"),
    "withdraw": _lazy("Withdraw"),
    "skip": _lazy("Leave out"),
    "put_back": _lazy("Put back"),
    "removed_by_hand": _lazy("Removed by hand"),
}
"""Decisions that have a page of their own, the one of the bulk action."""


@dataclass(frozen=True)
class Decisions:
    """What the page of a publication offers beyond its problems."""

    links: list[tuple[Any, str]]
    posted_by_hand: str
    """Where the form with the post's address goes; empty: it does not fit."""


def decisions_of(row: Publication, request: HttpRequest) -> Decisions:
    if not actions.may_change(row, request.user):  # type: ignore[arg-type]
        return Decisions([], "")
    links = []
    for verb, label in CONFIRMED_FIRST.items():
        if not decisions.refusal(row, verb):
            page = reverse("wagtail_bulk_action", args=["publications", "publication", verb.replace("_", "-")])
            links.append((label, f"{page}?{urlencode({'id': row.pk, 'next': request.path})}"))
    fits = not decisions.refusal(row, "posted_by_hand")
    return Decisions(links, reverse("publications_decide", args=[row.pk, "posted-by-hand"]) if fits else "")


def visible_publications(user: Any) -> QuerySet[Publication]:
    """Publications of the user's cars; those of all dealers for the group's staff."""
    if not any(user.has_perm(f"publications.{verb}_publication") for verb in ("view", "change")):
        return Publication.objects.none()
    return Publication.objects.filter(own_rows(user, "document__listing__dealer", "document__listing__agent"))


@require_POST
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    publication = get_object_or_404(
        visible_publications(request.user).select_related("document__listing", "channel"), pk=pk
    )
    action = DECISIONS.get(verb)
    if action is None:
        raise PermissionDenied
    extra = {"address": request.POST.get("address", "")[:LONGEST_ADDRESS]} if verb in WITH_ADDRESS else {}
    try:
        action(publication, request.user, **extra)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Done. The state refreshes in a moment."))
    return _back(request, reverse("publication:inspect", args=[pk]))


@require_POST
def check_channel(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel, pk=pk)
    result = actions.check_channel(channel, request.user)  # type: ignore[arg-type]
    (messages.success if result.ok else messages.error)(request, str(result.words))
    return _back(request, reverse("channel:edit", args=[pk]))


@require_POST
def publish_existing(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel.objects.select_related("dealer"), pk=pk)
    if not channel.is_active:
        messages.error(request, _("Switch the channel on first."))
        return _back(request, reverse("channel:edit", args=[pk]))
    count = actions.publish_existing_listings(channel, request.user)  # type: ignore[arg-type]
    words = ngettext(
        "%(count)d car is on its way to the channel.", "%(count)d cars are on their way to the channel.", count
    )
    messages.success(request, words % {"count": count})
    return _back(request, reverse("channel:edit", args=[pk]))


def _back(request: HttpRequest, fallback: str) -> HttpResponse:
    return redirect(get_valid_next_url_from_request(request) or fallback)
