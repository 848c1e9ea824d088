"""What needs a person today, the most urgent first. Each thing leads to where it is done."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.credentials.selectors import SOON
from integrations.monitoring.models import Alert
from integrations.monitoring.visibility import visible_channels
from integrations.monitoring.vocabulary import AlertKind
from integrations.publications.models import Channel, MasterSwitch
from integrations.publications.vocabulary import IN_MOTION, State

from .overview import ChannelLine, overdue
from .words import in_words

QUEUE_AFTER = timedelta(minutes=15)
KNOWN_OTHERWISE = (AlertKind.PAUSED, AlertKind.QUEUE, AlertKind.CREDENTIALS, AlertKind.DRIFT)
"""Alerts of which the lines themselves tell, sooner and from the first post on."""


@dataclass(frozen=True)
class Todo:
    words: str
    url: str = ""
    """Empty: others have to do it."""
    detail: str = ""
    is_urgent: bool = True
    parts: list[tuple[str, str]] = field(default_factory=list)
    """The channels that it is about: words and address."""


def todos(lines: Iterable[ChannelLine], user: Any, now: datetime, switch: MasterSwitch | None) -> list[Todo]:
    """`switch`: while somebody has stopped all channels. One query, for the alerts."""
    return list(_Finder(list(lines), user, now, switch).find())


def publications_url(**query: Any) -> str:
    return f"{reverse('publication:index')}?{urlencode(query, doseq=True)}"


class _Finder:
    def __init__(self, lines: list[ChannelLine], user: Any, now: datetime, switch: MasterSwitch | None) -> None:
        self.lines, self.user, self.now, self.switch = lines, user, now, switch
        self.may_change = user.has_perm("publications.change_channel")
        self.working = [line for line in lines if line.channel.is_active and not line.channel.paused_at and not switch]

    def find(self) -> Iterator[Todo]:
        if self.switch:
            yield self._stopped_all(self.switch)
        yield from self._stopped()
        yield from self._alerts()
        yield from self._credentials(ended=True)
        yield from self._queues()
        yield from self._posts()
        yield from self._drift()
        yield from self._credentials(ended=False)
        yield from self._quotas()
        yield from self._paused_by_hand()

    # --- Channels -------------------------------------------------------------------------------------
    def _stopped_all(self, switch: MasterSwitch) -> Todo:
        url = reverse("publications_switch") if self.may_change else ""
        since = _("Since %(when)s. Reason: %(why)s") % {"when": _moment(switch.paused_at), "why": switch.reason or "—"}
        return Todo(_("All channels are stopped: nothing is published, changed or withdrawn."), url, since)

    def _stopped(self) -> Iterator[Todo]:
        for line in self.lines:
            channel = line.channel
            if line.health and channel.is_active and channel.paused_at and not channel.paused_by_hand:
                words = _("“%(channel)s” is stopped by a problem") % {"channel": channel}
                yield Todo(words, self._page(channel), channel.paused_reason)

    def _alerts(self) -> Iterator[Todo]:
        rows = Alert.objects.open().filter(channel__in=visible_channels(self.user)).exclude(kind__in=KNOWN_OTHERWISE)
        for alert in rows.select_related("channel").order_by("opened_at", "pk"):
            words = _("%(trouble)s: “%(channel)s”") % {"trouble": alert.get_kind_display(), "channel": alert.channel}
            yield Todo(words, reverse("monitoring_channel", args=[alert.channel_id]), alert.detail)

    def _paused_by_hand(self) -> Iterator[Todo]:
        for line in self.lines:
            channel = line.channel
            if line.health and channel.is_active and channel.paused_at and channel.paused_by_hand:
                words = _("“%(channel)s” has been paused by hand since %(when)s") % {
                    "channel": channel,
                    "when": _moment(channel.paused_at),
                }
                yield Todo(words, self._page(channel), channel.paused_reason, is_urgent=False)

    def _credentials(self, *, ended: bool) -> Iterator[Todo]:
        held = [
            (line.health.expires_at, line.channel, line.health.renewal_problem)
            for line in self.lines
            if line.health and line.health.expires_at and line.channel.is_active
        ]
        for until, channel, problem in sorted(held, key=lambda row: row[0]):
            if until > self.now + SOON or (until <= self.now) != ended:
                continue
            if ended:
                words = _("Access to “%(channel)s” ran out on %(when)s: enter new access data")
            else:
                words = _("Access to “%(channel)s” runs out on %(when)s: enter new access data")
            names = {"channel": channel, "when": _moment(until)}
            yield Todo(words % names, self._page(channel), problem, is_urgent=ended)

    def _quotas(self) -> Iterator[Todo]:
        for line in self.lines:
            if not line.health or not line.health.quota or not line.health.is_nearly_used:
                continue
            quota = line.health.quota
            words = _("The platform's limit of “%(channel)s” is nearly used: %(used)d of %(total)d") % {
                "channel": line.channel,
                "used": quota.used,
                "total": quota.total,
            }
            url = reverse("monitoring_channel", args=[line.channel.pk])
            yield Todo(words, url, _("What is over the limit waits until the platform lets it through."), False)

    def _page(self, channel: Channel) -> str:
        return reverse("channel:edit" if self.may_change else "monitoring_channel", args=[channel.pk])

    # --- Posts ----------------------------------------------------------------------------------------
    def _queues(self) -> Iterator[Todo]:
        late = sorted(((overdue(line, self.now), line) for line in self.working), key=lambda row: row[0], reverse=True)
        parts = [
            (f"{line.channel}: {in_words(waits)}", publications_url(channel=line.channel.pk, state=IN_MOTION))
            for waits, line in late
            if waits > QUEUE_AFTER
        ]
        if parts:
            words = _("Publications are late by more than %(time)s") % {"time": in_words(QUEUE_AFTER)}
            advice = _("If this lasts, tell your administrator: perhaps no worker is running.")
            yield Todo(words, publications_url(state=IN_MOTION), advice, parts=parts)

    def _posts(self) -> Iterator[Todo]:
        kinds: list[tuple[State, Callable[[int], str]]] = [
            (State.UNCERTAIN, _uncertain),
            (State.MANUAL, _by_hand),
            (State.FAILED, _refused),
        ]
        for state, words in kinds:
            found = [(line.channel, count) for line in self.lines if (count := line.counts.get(state, 0))]
            if found:
                total = sum(count for _channel, count in found)
                parts = [
                    (f"{channel}: {count}", publications_url(channel=channel.pk, state=state))
                    for channel, count in found
                ]
                yield Todo(words(total), publications_url(state=state), parts=parts)

    def _drift(self) -> Iterator[Todo]:
        report = reverse("monitoring_drift")
        parts = [
            (f"{line.channel}: {line.drifting}", f"{report}?channel={line.channel.pk}")
            for line in self.lines
            if line.drifting
        ]
        if parts:
            total = sum(line.drifting for line in self.lines)
            words = ngettext(
                "The platform shows something else: %(count)d post",
                "The platform shows something else: %(count)d posts",
                total,
            )
            yield Todo(words % {"count": total}, report, is_urgent=False, parts=parts)


def _uncertain(count: int) -> str:
    words = ngettext(
        "Look into the channel whether it is there: %(count)d post",
        "Look into the channel whether they are there: %(count)d posts",
        count,
    )
    return words % {"count": count}


def _by_hand(count: int) -> str:
    words = ngettext(
        "Do it in the channel yourself: %(count)d post", "Do it in the channel yourself: %(count)d posts", count
    )
    return words % {"count": count}


def _refused(count: int) -> str:
    words = ngettext(
        "Not accepted, correct and try again: %(count)d post",
        "Not accepted, correct and try again: %(count)d posts",
        count,
    )
    return words % {"count": count}


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "j E, H:i")
