"""The page “Platforms” in the admin: what to do today, and how the channels fare."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from integrations.credentials.selectors import SOON
from integrations.publications.admin.viewers import ViewersPage
from integrations.publications.pausing import master_switch
from integrations.publications.vocabulary import State

from .charts import attempts_of, parts_of, shares_of
from .overview import ChannelLine, Overview, overdue, overview_of
from .pace import Span, stretch_of
from .today import QUEUE_AFTER, publications_url, todos
from .words import in_words


class OverviewPage(ViewersPage):
    template_name = "reports/overview.html"
    page_title = gettext_lazy("Platforms")
    header_icon = "site"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user, now, span = self.request.user, timezone.now(), self._span()
        overview = overview_of(user, stretch_of(span, now))
        total, may_change = overview.paces.total, user.has_perm("publications.change_channel")
        switch = master_switch()
        return context | {
            "switch": switch,
            "todos": todos(overview.lines, user, now, switch),
            "spans": [(each, f"?period={each.value}", each == span) for each in Span],
            "span": span,
            "tiles": _tiles(overview),
            "chart": attempts_of(overview.paces),
            "errors": shares_of((str(result.label), count) for result, count in total.errors),
            "cards": [_card(line, now, may_change=may_change) for line in overview.lines],
            "states": list(State),
        }

    def _span(self) -> Span:
        chosen = self.request.GET.get("period", Span.DAY)
        if chosen in Span.values:
            return Span(chosen)
        messages.warning(self.request, _("There is no such period: the last 24 hours are shown."))
        return Span.DAY


def _tiles(overview: Overview) -> dict[str, Any]:
    pace = overview.paces.total
    return {
        "standing": sum(line.standing for line in overview.lines),
        "troubled": sum(line.troubled for line in overview.lines),
        "pace": pace,
        "median": in_words(pace.took.median) if pace.took else "",
        "longest": in_words(pace.took.longest) if pace.took else "",
    }


def _card(line: ChannelLine, now: datetime, *, may_change: bool) -> dict[str, Any]:
    """What the template shows of a channel."""
    waits, took, health = overdue(line, now), line.pace.took, line.health
    channel = line.channel
    return {
        "line": line,
        "channel": channel,
        "page": _page_of(line, may_change=may_change),
        "parts": [(part, _url_of(line, part.state)) for part in parts_of(line)],
        "cells": [(state, line.counts.get(state, 0), _url_of(line, state)) for state in State],
        "late": in_words(waits) if waits else "",
        "is_late": waits > QUEUE_AFTER and channel.is_active and not channel.paused_at,
        "rests": bool(channel.resting_until and channel.resting_until > now),
        "median": in_words(took.median) if took else "",
        "longest": in_words(took.longest) if took else "",
        "health": health,
        "expires_soon": bool(health and health.expires_at and health.expires_at <= now + SOON),
    }


def _page_of(line: ChannelLine, *, may_change: bool) -> str:
    """The channel's own page, for who may open one."""
    if may_change:
        return reverse("channel:edit", args=[line.channel.pk])
    return reverse("monitoring_channel", args=[line.channel.pk]) if line.health else ""


def _url_of(line: ChannelLine, state: State) -> str:
    return publications_url(channel=line.channel.pk, state=state)
