"""Opens an alert when a channel breaks and closes it when it works again. The rows first; e-mails follow from them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from integrations.credentials.selectors import expiring
from integrations.publications.models import Channel, MasterSwitch, Publication
from integrations.publications.vocabulary import HELD

from .drift import drift_by_channel
from .models import Alert, ChannelWatch
from .vocabulary import AlertKind

RESTING_AFTER = timedelta(minutes=15)
"""A platform that fails for less is a hiccup."""
QUEUE_AFTER = timedelta(hours=1)
EXPIRES_WITHIN = timedelta(days=7)
DRIFT_FROM = 5
"""Posts of a channel that are not as they should be: fewer are somebody's own doing, and stand in the report."""
STILL_RESTING = timedelta(minutes=5)
"""Between the end of a rest and the next call that fails."""

Troubles = dict[tuple[int, str], str]


def raise_alerts(now: datetime) -> tuple[int, int]:
    """Returns how many were opened and closed. A constant number of queries, whatever the number of channels."""
    # The words are stored, and read by people: in the language of the house.
    with override("ru"):
        troubles = _troubles(now)
    with transaction.atomic():
        known = {(row.channel_id, row.kind): row for row in Alert.objects.open().select_for_update()}
        new = [
            Alert(channel_id=channel, kind=kind, detail=detail, opened_at=now, tell_after=now)
            for (channel, kind), detail in troubles.items()
            if (channel, kind) not in known
        ]
        # Two who look at the same time: the constraint lets one of them in.
        Alert.objects.bulk_create(new, ignore_conflicts=True)
        over = [row.pk for key, row in known.items() if key not in troubles]
        Alert.objects.filter(pk__in=over).update(closed_at=now, tell_after=now, tries=0)
        changed = [row for key, row in known.items() if key in troubles and row.detail != troubles[key]]
        for row in changed:
            row.detail = troubles[row.channel_id, row.kind]
        Alert.objects.bulk_update(changed, ["detail"])
    return len(new), len(over)


def _troubles(now: datetime) -> Troubles:
    channels = {channel.pk: channel for channel in Channel.objects.active()}
    stopped = {pk: channel for pk, channel in channels.items() if channel.paused_at}
    working = {pk: channel for pk, channel in channels.items() if not channel.paused_at}
    # Whoever pauses a channel by hand knows it.
    found: Troubles = {
        (pk, AlertKind.PAUSED): channel.paused_reason for pk, channel in stopped.items() if not channel.paused_by_hand
    }
    found |= _resting(working, now)
    if not MasterSwitch.objects.exists():
        found |= _queues(working, now)
    found |= _credentials(channels, now)
    for channel, count in drift_by_channel(now).items():
        if channel in channels and count >= DRIFT_FROM:
            words = ngettext(
                "%(count)d post is not as it should be.", "%(count)d posts are not as they should be.", count
            )
            found[channel, AlertKind.DRIFT] = words % {"count": count}
    return found


def _resting(channels: dict[int, Channel], now: datetime) -> Troubles:
    """Those whose platform has failed for a while. Since when stands beside the channel: it knows only until when."""
    failing = {
        pk for pk, row in channels.items() if row.resting_until is not None and row.resting_until > now - STILL_RESTING
    }
    ChannelWatch.objects.filter(failing_since__isnull=False).exclude(channel__in=failing).update(failing_since=None)
    ChannelWatch.objects.bulk_create([ChannelWatch(channel_id=pk) for pk in failing], ignore_conflicts=True)
    ChannelWatch.objects.filter(channel__in=failing, failing_since=None).update(failing_since=now)
    long = ChannelWatch.objects.filter(channel__in=failing, failing_since__lte=now - RESTING_AFTER)
    words = _("Calls fail since %(when)s. Publishing goes on by itself as soon as the platform answers again.")
    return {(row.channel_id, AlertKind.RESTING): words % {"when": _moment(row.failing_since)} for row in long}


def _queues(channels: dict[int, Channel], now: datetime) -> Troubles:
    waiting = (
        Publication.objects.filter(channel__in=channels, next_attempt_at__lt=now - QUEUE_AFTER)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .exclude(state__in=HELD)
        .order_by()
        .values_list("channel_id")
        .annotate(oldest=Min("next_attempt_at"))
    )
    words = _("The oldest one waits since %(when)s. Tell your administrator: perhaps no worker is running.")
    return {(pk, AlertKind.QUEUE): words % {"when": _moment(oldest)} for pk, oldest in waiting}


def _credentials(channels: dict[int, Channel], now: datetime) -> Troubles:
    owners = {channel.credential: pk for pk, channel in channels.items() if channel.credential}
    words = _("They hold until %(when)s. Enter new ones in the channel, or let the platform renew them.")
    return {
        (owners[str(info.reference)], AlertKind.CREDENTIALS): words % {"when": _moment(info.expires_at)}
        for info in expiring(EXPIRES_WITHIN, now)
        if str(info.reference) in owners
    }


def _moment(moment: datetime | None) -> str:
    return date_format(localtime(moment), "j E, H:i") if moment else ""
