"""How a run of the engine ends: each function writes one outcome and gives the lease back. It
returns True if there is more to do at once, mostly because the wish has changed meanwhile.

A wish that has changed while the run was under way is never overwritten: then the row stays due.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.credentials.redaction import scrub
from integrations.feeds.entries import drop_entry, is_feed, write_entry
from integrations.marketplaces.base import (
    AdapterError,
    AuthFailed,
    InvalidPayload,
    ManualActionRequired,
    NotYet,
    Placed,
    RateLimited,
    RetryLater,
    Withdrawn,
)

from .models import Channel, Publication, PublicationAttempt
from .vocabulary import Desired, Result, State

logger = logging.getLogger(__name__)

FIRST_PAUSE = 5
"""Seconds before the second try; each further pause is twice as long …"""
LONGEST_PAUSE = 3600
"""… up to an hour: a platform that is down for a night must not be hammered, nor forgotten."""
BUDGET = 30
"""Tries of one step: about a day. Then a person is asked, who knows whether the platform will ever be back."""
GIVEN_UP = _("It has been tried for a day. When the platform works again, press “Try now”.")
EXCERPT = 500
"""Characters of an answer that the attempt keeps."""
GIVEN_BACK = {"lease_holder": "", "lease_until": None, "signalled_at": None}
"""Columns of a row that nobody is at any more."""


@dataclass(frozen=True)
class Run:
    """One holder's time with a publication, as it was read when the lease began."""

    publication: Publication
    holder: str
    clock: Callable[[], datetime]
    until: datetime
    """When requests may no longer begin."""
    all_stopped: bool
    """By the switch for all channels."""
    was_left: bool
    """There is an attempt without a result: whoever made it has died."""


def release(run: Run) -> bool:
    """Nothing was done; it stays due."""
    return _write(run, {}, due=run.publication.next_attempt_at)


def nothing_to_do(run: Run) -> bool:
    state = State.PUBLISHED if run.publication.has_post else State.WITHDRAWN
    return _write(run, {"state": state, "tries": 0, "error_class": "", "error_text": ""})


def still_invalid(run: Run) -> bool:
    return _write(run, {"state": State.FAILED})


def postpone(run: Run, until: datetime) -> bool:
    """Something has to be waited for that is nobody's failure."""
    return _write(run, {"state": run.publication.waiting_state()}, due=until)


def goes_on(run: Run, attempt: PublicationAttempt, error: NotYet) -> bool:
    """A step of several is done; the next one follows where it left off."""
    values = {
        "state": run.publication.waiting_state(),
        "progress": {attempt.payload_hash: error.progress},
        "tries": 0,
        "error_class": "",
        "error_text": "",
    }
    due = run.clock() + timedelta(seconds=error.after)
    changed = _write(run, values, due=due, attempt=attempt, result=Result.WAITING, response=str(error))
    return changed or error.after <= 0


def placed(run: Run, attempt: PublicationAttempt, result: Placed) -> bool:
    publication = run.publication
    values = {
        "state": State.PUBLISHED,
        "external": dict(result.external),
        "address": result.address,
        "note": str(result.note),
        "actual_hash": attempt.payload_hash,
        "published_at": publication.published_at or attempt.started_at,
        "key": result.key,
        "confirmed_at": publication.confirmed_at or (run.clock() if result.confirmed else None),
        "progress": {},
        "tries": 0,
        "error_class": "",
        "error_text": "",
    }
    try:
        return _write(run, values, attempt=attempt, result=Result.DONE, response=result.response, entry=result.entry)
    except InvalidPayload as error:
        # The file has no room for it.
        return refused(run, error, attempt)


def withdrawn(run: Run, attempt: PublicationAttempt, result: Withdrawn) -> bool:
    """A new publishing makes a new post, whatever has stayed of this one."""
    again = run.publication.renew and run.publication.desired == Desired.PRESENT
    values = cleared_post() | {
        "state": State.PENDING if again else State.WITHDRAWN,
        "renew": False,
        "address": "" if result.removed else run.publication.address,
        "note": str(result.note),
        "tries": 0,
        "error_class": "",
        "error_text": "",
    }
    due = run.clock() if again else None
    changed = _write(run, values, due=due, attempt=attempt, result=Result.DONE, response=result.response, entry="")
    return changed or again


def uncertain(run: Run, attempt: PublicationAttempt, error: AdapterError) -> bool:
    values = {"state": State.UNCERTAIN, "error_class": Result.UNCERTAIN, "error_text": str(error)}
    return _write(run, values, attempt=attempt, result=Result.UNCERTAIN)


def refused(run: Run, error: AdapterError, attempt: PublicationAttempt | None = None) -> bool:
    """The platform, or the adapter on its behalf, said no; certainly nothing was done."""
    publication, now = run.publication, run.clock()
    waiting = publication.waiting_state()
    values: dict[str, Any] = {"state": waiting, "error_class": error.code, "error_text": str(error)}
    due: datetime | None = None
    if isinstance(error, InvalidPayload):
        values["state"] = State.FAILED
    elif isinstance(error, ManualActionRequired):
        values["state"] = State.MANUAL
    elif isinstance(error, RateLimited):
        due = now + timedelta(seconds=error.retry_after)
    elif isinstance(error, AuthFailed):
        _pause_channel(publication.channel, str(error), now)
        due = now
    elif publication.tries + 1 >= BUDGET:
        values |= {"state": State.FAILED, "tries": 0, "error_text": f"{error} {GIVEN_UP}".strip()}
    else:
        values["tries"] = publication.tries + 1
        due = now + timedelta(seconds=pause_before_try(publication.tries))
    return _write(run, values, due=due, attempt=attempt, result=Result(error.code))


def internal_failure(error: Exception) -> RetryLater:
    # Only its kind: the text of an unforeseen error may quote anything.
    return RetryLater(_("Unexpected failure (%(kind)s).") % {"kind": type(error).__name__})


def pause_before_try(tries: int) -> float:
    """Doubles, with jitter, so that a thousand listings do not return in the same second."""
    pause = min(FIRST_PAUSE * 2 ** min(tries, 16), LONGEST_PAUSE)
    return pause * random.uniform(0.5, 1)  # noqa: S311  no secret


def cleared_post() -> dict[str, Any]:
    """The columns of a publication that has no post."""
    return {
        "external": {},
        "address": "",
        "key": "",
        "actual_hash": "",
        "published_at": None,
        "confirmed_at": None,
        "progress": {},
    }


def forget_post(row: Publication) -> None:
    """Of a locked row: there is no post any more, and no car in the file that the platform fetches. Does not save."""
    for name, value in cleared_post().items():
        setattr(row, name, value)
    if is_feed(row.channel):
        drop_entry(row)


def close(attempt: PublicationAttempt, result: Result, now: datetime, response: str = "") -> None:
    """Finishes the attempt, once."""
    PublicationAttempt.objects.filter(pk=attempt.pk, finished_at=None).update(
        finished_at=now, result=result, response=scrub(response)[:EXCERPT]
    )


def _write(
    run: Run,
    values: dict[str, Any],
    *,
    due: datetime | None = None,
    attempt: PublicationAttempt | None = None,
    result: Result = Result.DONE,
    response: str = "",
    entry: str | None = None,
) -> bool:
    """The row, if the lease is still ours, and the attempt, in one transaction. True: the wish has changed."""
    clean = {name: scrub(value) if isinstance(value, str) else value for name, value in values.items()}
    with transaction.atomic(durable=True):
        if attempt is not None:
            close(attempt, result, run.clock(), response or values.get("error_text", ""))
        if _write_row(run, clean, due):
            wish_changed = False
        elif _write_beside_new_wish(run, clean):
            wish_changed = True
        else:
            logger.error("Publication %s: the lease was lost, see its attempt for the result", run.publication.pk)
            return False
        if entry is not None and is_feed(run.publication.channel):
            write_entry(run.publication, entry)
    return wish_changed


def _write_row(run: Run, values: dict[str, Any], due: datetime | None) -> bool:
    """One statement, without reading the row again. False: the wish is another one, or the lease is not ours."""
    publication = run.publication
    same = _held(run).filter(desired=publication.desired, desired_version=publication.desired_version)
    values = values | GIVEN_BACK | {"next_attempt_at": due, "changed_at": timezone.now()}
    return bool(same.update(**(values if due else values | {"wanted_at": None})))


def _write_beside_new_wish(run: Run, values: dict[str, Any]) -> bool:
    """Who changed the wish has also said when it is due, but not what for: a post may be there by now."""
    row = _held(run).select_for_update().first()
    if row is None:
        return False
    for name, value in (values | GIVEN_BACK).items():
        setattr(row, name, value)
    if row.next_attempt_at is None:
        row.wanted_at = None
    if row.state not in {State.UNCERTAIN, State.MANUAL}:
        row.state = row.waiting_state()
    row.save()
    return True


def _held(run: Run) -> QuerySet[Publication]:
    return Publication.objects.filter(pk=run.publication.pk, lease_holder=run.holder)


def _pause_channel(channel: Channel, words: str, now: datetime) -> None:
    """Nothing works there until a person acts; the first reason is the one worth reading."""
    Channel.objects.filter(pk=channel.pk, paused_at=None).update(paused_at=now, paused_reason=words)
