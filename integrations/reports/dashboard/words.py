"""Times as people say them."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import ngettext

PRECISE_BELOW = timedelta(hours=3)
"""“1 hour, 50 minutes” is worth saying, “2 days, 4 hours” is not."""


def in_words(span: timedelta) -> str:
    """As a label says it: “12 minutes”, “3 hours”. Nothing is negative: clocks of two machines differ a little."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    now = timezone.now()
    return str(timesince(now - timedelta(seconds=seconds), now, depth=2 if span < PRECISE_BELOW else 1))
