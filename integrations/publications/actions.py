"""What people decide: one verb each, with its permission check, called by the admin."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from cms.users.models import User
from integrations.credentials.redaction import scrub
from integrations.marketplaces.base import AdapterError, Checked, Payload, Placed
from integrations.marketplaces.registry import get_adapter

from .accounts import open_account
from .models import Channel, Publication
from .outcomes import forget_post, internal_failure
from .vocabulary import Desired, Result, State
from .wishes import catch_up, look_soon, publish_existing

logger = logging.getLogger(__name__)

CHANGED = _("The state has changed meanwhile. Look again.")
PATIENCE = timedelta(seconds=20)
"""In which requests may begin while a person waits for the page."""


# --- Publications ---------------------------------------------------------------------------------
def confirm_published(publication: Publication, user: User, *, address: str = "") -> None:
    """A person saw the post. With its address it can be changed and withdrawn later."""
    require_change(publication, user)
    if publication.state != State.UNCERTAIN:
        raise ValidationError(CHANGED)
    unknown = publication.attempts.filter(operation="create", result=Result.UNCERTAIN)
    attempt = unknown.first()
    if attempt is None:
        raise ValidationError(_("There is nothing to confirm any more."))
    payload = get_adapter(publication.channel.adapter).Payload.model_validate(attempt.payload)
    placed = adopted(publication.channel, payload, address, attempt.started_at)
    with decision(publication, user, "confirm", State.UNCERTAIN) as row:
        if unknown.first() != attempt:
            raise ValidationError(CHANGED)
        row.external, row.address = dict(placed.external), placed.address
        row.actual_hash, row.published_at = attempt.payload_hash, attempt.started_at
        row.key, row.confirmed_at = placed.key, timezone.now()


def confirm_missing(publication: Publication, user: User) -> None:
    """A person saw that there is no post: it is published again, if it still should be."""
    with decision(publication, user, "missing", State.UNCERTAIN):
        pass


def done_by_hand(publication: Publication, user: User) -> None:
    """A person did in the channel what the platform does not let a program do."""
    with decision(publication, user, "by_hand", State.MANUAL) as row:
        if row.desired == Desired.PRESENT:
            row.actual_hash = row.desired_hash
        else:
            forget_post(row)
        if row.renew:
            # What the platform does not let a program do was taking the old post away.
            row.renew = False
            forget_post(row)


def retry_now(publication: Publication, user: User) -> None:
    """Tries again at once, also what the platform has refused unchanged."""
    with decision(publication, user, "retry", *(state for state in State if state not in {State.UNCERTAIN})):
        pass


def publish_anew(publication: Publication, user: User) -> None:
    """The old post is gone or forgotten: a new one is made."""
    with decision(publication, user, "anew", State.FAILED, State.MANUAL) as row:
        row.renew = False
        forget_post(row)


def adopted(channel: Channel, payload: Payload, address: str, since: datetime) -> Placed:
    """What the platform knows of a post that a person has seen. Asks it: never under a lock. Raises ValidationError."""
    try:
        account = open_account(channel, until=timezone.now() + PATIENCE)
        return get_adapter(channel.adapter).adopt(payload, address, since, account)
    except AdapterError as error:
        raise ValidationError(str(error)) from error


@contextmanager
def decision(publication: Publication, user: User, action: str, *states: State, **data: str) -> Iterator[Publication]:
    """Locks the row, checks that the decision still fits, and lets the engine go on from what the caller sets.

    `data` goes into the log.
    """
    require_change(publication, user)
    with transaction.atomic():
        row = Publication.objects.select_for_update().get(pk=publication.pk)
        now = timezone.now()
        if row.state not in states or (row.lease_until and row.lease_until >= now):
            raise ValidationError(CHANGED)
        yield row
        row.error_class, row.error_text, row.tries = "", "", 0
        row.next_attempt_at = now
        row.state = row.waiting_state()
        row.save()
        log(instance=row, action=f"publications.{action}", user=user, data=data)
        look_soon(Publication.objects.filter(pk=row.pk))


def set_values(row: Publication, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def may_change(publication: Publication, user: User) -> bool:
    """Needs the right to change publications, and the right to publish this very listing."""
    if not user.has_perm("publications.change_publication"):
        return False
    listing = publication.document.listing
    if listing is None:
        return bool(user.has_perm("publications.change_channel"))
    return bool(policy_registry.get(listing).user_has_permission_for_instance(user, "publish", listing))


def require_change(publication: Publication, user: User) -> None:
    if not may_change(publication, user):
        raise PermissionDenied


# --- Channels -------------------------------------------------------------------------------------
def check_channel(channel: Channel, user: User) -> Checked:
    require_channel(user)
    return ask_platform(channel)


def ask_platform(channel: Channel) -> Checked:
    """Whether settings and access data work; a pause ends when they do. Who may ask is the caller's business."""
    try:
        result = get_adapter(channel.adapter).check(open_account(channel))
    except AdapterError as error:
        return Checked(False, str(error))
    except Exception as error:
        # Whatever the platform has answered, or the adapter has not thought of: the person wants to know, not to see a
        # page that says nothing.
        logger.exception("Channel %s: the check failed", channel.pk)
        return Checked(False, str(internal_failure(error)))
    if result.ok:
        resume(channel)
    return Checked(result.ok, scrub(str(result.words)))


def resume(channel: Channel) -> None:
    """Ends a pause by a problem and looks at everything again. What a person has paused, a person resumes."""
    problems = Channel.objects.filter(pk=channel.pk, paused_at__isnull=False, paused_by_hand=False)
    if problems.update(paused_at=None, paused_reason=""):
        catch_up(channel)


def publish_existing_listings(channel: Channel, user: User) -> int:
    require_channel(user)
    count = publish_existing(channel)
    log(instance=channel, action="publications.publish_existing", user=user, data={"count": count})
    return count


def require_channel(user: User) -> None:
    if not user.has_perm("publications.change_channel"):
        raise PermissionDenied
