"""Makes a channel look as it should: one publication at a time, once, whatever dies in the middle.

The order that everything rests on: take the lease, write the attempt and commit, call the platform, write the
result. Whoever finds an attempt without a result while holding the lease knows that somebody died in between. If
it was a create, the platform is asked; if it cannot tell, a person is. Nothing is ever posted again blindly.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.outgoing import TOTAL_TIMEOUT
from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    LookedUp,
    NotYet,
    PhotoUnavailable,
    Placed,
    RateLimited,
    RetryLater,
    Withdrawn,
)
from integrations.marketplaces.registry import Adapter, get_adapter
from listings.vocabulary import SaleState

from . import breaker, gates, limits, outcomes
from .accounts import open_account
from .models import MasterSwitch, Publication, PublicationAttempt
from .outcomes import Run
from .steps import Step, is_known_bad, next_step, with_progress
from .vocabulary import HELD, Desired, Operation, Result, State

logger = logging.getLogger(__name__)

WORKING_TIME = timedelta(seconds=settings.PUBLISHING_SECONDS)
"""In which requests may begin: ten photos on a slow line take about a minute."""
LEASE = WORKING_TIME + timedelta(seconds=TOTAL_TIMEOUT + 10)
"""The last request has ended before the lease does: when it has run out, nobody is at it any more."""
TASK_SOFT_LIMIT = int(LEASE.total_seconds())
TASK_HARD_LIMIT = TASK_SOFT_LIMIT + 20
"""Only for what is stuck elsewhere. Thread pools know no such limits, so nothing is built on them."""
MAX_ROUNDS = 4
"""How often one run follows wishes that change meanwhile, before it leaves the rest to the sweep."""

IN_FLIGHT = {
    Operation.CREATE: State.PUBLISHING,
    Operation.UPDATE: State.UPDATING,
    Operation.WITHDRAW: State.WITHDRAWING,
}

INTERRUPTED = _("Publishing was interrupted. The post may have appeared in the channel or not.")

Clock = Callable[[], datetime]


def reconcile(publication_id: int, *, clock: Clock = timezone.now) -> None:
    """Does all that is due for the publication. Safe to call at any time, by anybody, any number of times."""
    for _round in range(MAX_ROUNDS):
        run = take_lease(publication_id, clock)
        if run is None:
            return
        # An exception leaves the lease in place: what is not understood must not be tried again at once.
        if not _reconcile_once(run):
            return


def take_lease(publication_id: int, clock: Clock = timezone.now) -> Run | None:
    """A conditional UPDATE of the row's own columns: of several callers exactly one gets the row."""
    holder, now = uuid.uuid4().hex, clock()
    taken = (
        Publication.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=publication_id)
        .filter(next_attempt_at__lte=now)
        .exclude(state__in=HELD)
        .update(lease_holder=holder, lease_until=now + LEASE)
    )
    if not taken:
        return None
    # One query, one snapshot: the wish, the document that it speaks of, and all that may stand in the way.
    unfinished = PublicationAttempt.objects.filter(publication=OuterRef("pk"), finished_at=None)
    publication = (
        Publication.objects.select_related("document", "channel")
        .defer("document__card", "document__search_words")
        .annotate(all_stopped=Exists(MasterSwitch.objects.all()), was_left=Exists(unfinished))
        .get(pk=publication_id)
    )
    return Run(
        publication,
        holder,
        clock,
        until=now + WORKING_TIME,
        all_stopped=publication.all_stopped,
        was_left=publication.was_left,
    )


def _reconcile_once(run: Run) -> bool:
    """True: the wish has changed meanwhile, look again at once."""
    publication = run.publication
    channel = publication.channel
    if run.all_stopped or gates.is_off(channel):
        return outcomes.release(run)
    adapter = get_adapter(channel.adapter)
    try:
        account = open_account(channel, clock=run.clock, until=run.until)
        left_behind = _interrupted_create(run)
        if left_behind:
            account = with_progress(account, publication, left_behind.payload_hash)
            return _resolve(run, left_behind, Ambiguous(INTERRUPTED), adapter, account)
        step = next_step(publication, adapter, account)
    except AdapterError as error:
        return outcomes.refused(run, error)
    if step is None:
        return outcomes.nothing_to_do(run)
    if is_known_bad(publication, step):
        return outcomes.still_invalid(run)
    account = with_progress(account, publication, step.digest)
    later = gates.time_to_wait(publication, step, adapter, account, run.clock())
    return outcomes.postpone(run, later) if later else _carry_out(run, step, adapter, account)


def _carry_out(run: Run, step: Step, adapter: Adapter, account: Account[Any, Any]) -> bool:
    attempt = _write_attempt(run, step)
    if attempt is None:
        return False
    error: AdapterError
    try:
        result = _call(run.publication, step, adapter, account)
    except AdapterError as known:
        error = known
        if isinstance(error, (Ambiguous, RetryLater)) and not isinstance(error, PhotoUnavailable):
            breaker.failed(run.publication.channel, run.clock())
    except Exception as unknown:
        logger.exception("Publication %s: the adapter failed", run.publication.pk)
        created = step.operation == Operation.CREATE
        error = Ambiguous(INTERRUPTED) if created else outcomes.internal_failure(unknown)
    else:
        breaker.worked(run.publication.channel)
        if isinstance(result, Withdrawn):
            return outcomes.withdrawn(run, attempt, result)
        # In the log before the database: whoever reads it after a crash finds the post.
        logger.info("Publication %s stands at %s", run.publication.pk, result.address)
        return outcomes.placed(run, attempt, result)
    if isinstance(error, NotYet):
        return outcomes.goes_on(run, attempt, error)
    if isinstance(error, Ambiguous):
        return _resolve(run, attempt, error, adapter, account)
    if isinstance(error, RateLimited):
        limits.pause(adapter.rate(account)[0], error.retry_after)
    return outcomes.refused(run, error, attempt)


def _write_attempt(run: Run, step: Step) -> PublicationAttempt | None:
    """Committed before the call. None: the lease was lost meanwhile."""
    with transaction.atomic(durable=True):
        held = Publication.objects.filter(pk=run.publication.pk, lease_holder=run.holder).update(
            state=IN_FLIGHT[step.operation], desired_hash=step.digest
        )
        if not held:
            return None
        now = run.clock()
        return PublicationAttempt.objects.create(
            publication=run.publication,
            operation=step.operation,
            wanted_at=run.publication.wanted_at or now,
            started_at=now,
            request_id=uuid.uuid4(),
            payload=step.payload.model_dump(mode="json") if step.payload else {},
            payload_hash=step.digest,
        )


def _call(publication: Publication, step: Step, adapter: Adapter, account: Account[Any, Any]) -> Placed | Withdrawn:
    if step.operation == Operation.CREATE:
        return adapter.create(step.payload, account)
    if step.operation == Operation.UPDATE:
        return adapter.update(publication.external, step.payload, account)
    document = publication.document
    goodbye = Farewell(
        f"{document.title}, {document.year}",
        sold=document.sale_state == SaleState.SOLD,
        renewed=publication.desired == Desired.PRESENT,
    )
    return adapter.withdraw(publication.external, goodbye, account)


def _interrupted_create(run: Run) -> PublicationAttempt | None:
    """A create that somebody left behind. Updates and withdrawals may be repeated: theirs are just closed."""
    attempt = run.publication.attempts.filter(finished_at=None).first() if run.was_left else None
    if attempt and (attempt.operation != Operation.CREATE or run.publication.has_post):
        outcomes.close(attempt, Result.INTERRUPTED, run.clock())
        return None
    return attempt


def _resolve(
    run: Run, attempt: PublicationAttempt, error: Ambiguous, adapter: Adapter, account: Account[Any, Any]
) -> bool:
    """Asks the platform whether a create happened. If it cannot be asked now, the attempt stays open until it can."""
    try:
        found = _look_up(attempt, adapter, account)
    except AdapterError as unanswered:
        return outcomes.refused(run, unanswered)
    if found.outcome == "absent":
        return outcomes.refused(run, RetryLater(error.words), attempt)
    if found.outcome == "found" and found.placed:
        return outcomes.placed(run, attempt, found.placed)
    return outcomes.uncertain(run, attempt, error)


def _look_up(attempt: PublicationAttempt, adapter: Adapter, account: Account[Any, Any]) -> LookedUp:
    if not adapter.capabilities.can_look_up:
        return LookedUp("unknown")
    try:
        return adapter.lookup(adapter.Payload.model_validate(attempt.payload), account)
    except (AuthFailed, RateLimited, RetryLater):
        raise
    except Exception:
        logger.exception("Attempt %s cannot be looked up", attempt.pk)
        return LookedUp("unknown")
