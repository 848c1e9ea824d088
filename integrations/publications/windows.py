"""When a channel makes new posts. Changes and withdrawals never wait for it."""

from datetime import datetime, time, timedelta

from django.utils.timezone import localtime

from .models import Channel

WEEK = 7


def next_opening(channel: Channel, now: datetime) -> datetime | None:
    """When the channel's window opens next, by local time; None if it is open now."""
    days = set(channel.window_days) or set(range(WEEK))
    start, end = channel.window_from or time.min, channel.window_to or time.max
    today = localtime(now)
    for ahead in range(WEEK + 1):
        day = today.date() + timedelta(days=ahead)
        opens = datetime.combine(day, start, today.tzinfo)
        closes = datetime.combine(day, end, today.tzinfo)
        if day.weekday() not in days or closes <= today:
            continue
        return None if opens <= today else opens
    return None
