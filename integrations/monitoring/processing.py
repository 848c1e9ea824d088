"""Reads the kept calls of platforms: what each says of which post."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from integrations.marketplaces.base import Event, IncomingCall
from integrations.marketplaces.registry import get_adapter
from integrations.publications.models import Channel, Publication

from . import checks, figures
from .models import IncomingWebhook
from .vocabulary import CheckSource

logger = logging.getLogger(__name__)

MAX_EVENTS = 1000
"""Of one call: more is a mistake or an attack."""
TRIES = 6
FIRST_PAUSE = timedelta(minutes=1)
"""Before a call that could not be read is tried again; each further pause is four times as long: 17 hours in all."""
SWEEP_BATCH = 200
LOST_AFTER = timedelta(seconds=30)
"""A message that has not been followed in this time is lost."""
KEPT_FOR = timedelta(days=14)


def process(pk: int, clock: Callable[[], datetime] = timezone.now) -> None:
    """Follows what the call says, whole or not at all. Does nothing if it is done, or somebody else is at it."""
    try:
        with transaction.atomic():
            row = (
                IncomingWebhook.objects.due(clock())
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("channel")
                .filter(pk=pk)
                .first()
            )
            if row is None:
                return
            _follow(row)
            IncomingWebhook.objects.filter(pk=pk).update(processed_at=clock(), next_try_at=None, error="")
    except Exception as error:
        logger.exception("Webhook %s cannot be read", pk)
        # The row keeps only its kind: the text of an unforeseen error may quote anything.
        _failed(pk, type(error).__name__, clock())


def overdue(now: datetime) -> list[int]:
    """Those whose message to a worker was lost, or whose next try is due."""
    rows = IncomingWebhook.objects.due(now).exclude(tries=0, received_at__gt=now - LOST_AFTER)
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:SWEEP_BATCH])


def prune(now: datetime) -> int:
    """Forgets old calls, those set aside too: what they said of posts stays."""
    return IncomingWebhook.objects.filter(received_at__lt=now - KEPT_FOR).delete()[0]


def _follow(row: IncomingWebhook) -> None:
    """The call is read from its body alone: headers and address, which carry secrets, are not kept."""
    call = IncomingCall(method="POST", query={}, headers={}, body=bytes(row.body))
    events = list(islice(get_adapter(row.channel.adapter).events(call), MAX_EVENTS))
    posts = _posts(row.channel, events)
    for event in events:
        # When it happened, where the adapter can say so; else it is as fresh as the call.
        at = event.at or row.received_at
        for publication_id in posts[event.key]:
            if event.stats is not None:
                figures.record(publication_id, event.stats, min(at, row.received_at))
            if event.seen is not None:
                checks.record(publication_id, event.seen, CheckSource.WEBHOOK, min(at, row.received_at))


def _posts(channel: Channel, events: Iterable[Event]) -> dict[str, list[int]]:
    """Publications by the platform's name of their post, of this channel only."""
    keys = {event.key for event in events if event.key}
    found: dict[str, list[int]] = defaultdict(list)
    for pk, key in Publication.objects.filter(channel=channel, key__in=keys).values_list("pk", "key"):
        found[key].append(pk)
    return found


def _failed(pk: int, kind: str, now: datetime) -> None:
    row = IncomingWebhook.objects.filter(pk=pk, processed_at=None).first()
    if row is None:
        return
    tries = row.tries + 1
    pause = FIRST_PAUSE * 4 ** (tries - 1)
    IncomingWebhook.objects.filter(pk=pk, processed_at=None).update(
        tries=tries, error=kind, next_try_at=now + pause if tries < TRIES else None
    )
