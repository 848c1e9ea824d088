"""What people decide of a publication beyond its problems: withdraw, skip, make anew, say what was done by hand.

`refusal` says in words why a decision does not fit; lists show it before, the verbs ask it again under the lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.users.models import User
from integrations.feeds.entries import is_feed
from integrations.marketplaces.base import AdapterError, Words
from integrations.marketplaces.registry import get_adapter

from .accounts import open_account
from .actions import CHANGED, adopted, decision, require_change, set_values
from .models import Choice, Publication
from .outcomes import forget_post
from .steps import next_step
from .vocabulary import IN_MOTION, Desired, Operation, State
from .wishes import look_again

LONGEST_PROOF = 500
SETTLED = tuple(state for state in State if state != State.UNCERTAIN)
UNDER_WAY = _("A worker is at it just now. Look again in a minute.")
UNKNOWN = _("First say whether the post is in the channel.")


def refusal(row: Publication, verb: str) -> Words:
    """Why the decision does not fit the publication as it is; empty: it fits. No queries for a loaded row."""
    if row.lease_until and row.lease_until >= timezone.now():
        return UNDER_WAY
    if row.state == State.UNCERTAIN:
        return UNKNOWN
    return REFUSALS[verb](row)


# --- In or out ------------------------------------------------------------------------------------
def withdraw(publication: Publication, user: User) -> None:
    """The post is taken away, and the car stays out of the channel until somebody puts it in again."""
    with _choosing(publication, user, "withdraw", wanted=False) as row:
        row.renew = False


def skip(publication: Publication, user: User) -> None:
    """What has not been published stays out of the channel until somebody puts it in again."""
    with _choosing(publication, user, "skip", wanted=False):
        pass


def put_back(publication: Publication, user: User) -> None:
    """What a person has kept out goes into the channel again."""
    with _choosing(publication, user, "put_back", wanted=True) as row:
        if row.desired != Desired.PRESENT:
            raise ValidationError(
                _("The channel does not take this car: it is not public, sold, or against its rules.")
            )


def post_again(publication: Publication, user: User) -> None:
    """The post is taken away and made anew, so that the car comes up again."""
    with _deciding(publication, user, "post_again") as row:
        row.renew = True


# --- Done by hand ---------------------------------------------------------------------------------
def posted_by_hand(publication: Publication, user: User, *, address: str) -> None:
    """A person has made the post. With its address it is changed and withdrawn as one of ours, if that can be."""
    if not address.strip():
        raise ValidationError(_("Enter the address of the post."))
    require_change(publication, user)
    wished = Publication.objects.select_related("document", "channel").get(pk=publication.pk)
    _require(wished, "posted_by_hand")
    now = timezone.now()
    try:
        step = next_step(wished, get_adapter(wished.channel.adapter), open_account(wished.channel))
    except AdapterError as error:
        raise ValidationError(str(error)) from error
    if step is None or step.operation != Operation.CREATE or step.payload is None:
        raise ValidationError(_("Nothing is to be published here any more."))
    placed = adopted(wished.channel, step.payload, address.strip(), now)
    with _deciding(publication, user, "posted_by_hand", address=address) as row:
        if (row.desired, row.desired_version) != (wished.desired, wished.desired_version):
            raise ValidationError(CHANGED)
        set_values(
            row,
            external=dict(placed.external),
            address=placed.address,
            key=placed.key,
            desired_hash=step.digest,
            actual_hash=step.digest,
            published_at=now,
            confirmed_at=now,
            progress={},
            note=_signed(gettext("Published by hand"), user, now),
        )


def removed_by_hand(publication: Publication, user: User, *, how: str) -> None:
    """A person has removed the post; the car stays out until somebody puts it in again. `how` is kept as proof."""
    if not how.strip():
        raise ValidationError(_("Say when and how the post was removed."))
    proof = how.strip()[:LONGEST_PROOF]
    with _choosing(publication, user, "removed_by_hand", wanted=False, how=proof) as row:
        signed = _signed(gettext("Removed by hand"), user, timezone.now())
        set_values(row, renew=False, note=f"{signed}: {proof}")
        forget_post(row)


def _signed(deed: str, user: User, now: datetime) -> str:
    name = user.get_full_name() or user.get_username()
    return f"{deed}, {name}, {date_format(localtime(now), 'j E Y, H:i')}"


# --- Common ---------------------------------------------------------------------------------------
@contextmanager
def _choosing(publication: Publication, user: User, verb: str, *, wanted: bool, **data: str) -> Iterator[Publication]:
    """As `_deciding`, after the car's choice for the channel is written and its wish with it."""
    require_change(publication, user)
    listing_id = publication.document.listing_id
    if listing_id is None:
        raise ValidationError(_("The car has been deleted: its post is withdrawn anyway."))
    with transaction.atomic():
        _require(Publication.objects.select_related("document", "channel").get(pk=publication.pk), verb)
        Choice.objects.update_or_create(
            channel_id=publication.channel_id,
            listing_id=listing_id,
            defaults={"wanted": wanted, "not_before": None, "campaign": None},
        )
        look_again([listing_id], publication.channel)
        with decision(publication, user, verb, *SETTLED, **data) as row:
            yield row


@contextmanager
def _deciding(publication: Publication, user: User, verb: str, **data: str) -> Iterator[Publication]:
    with decision(publication, user, verb, *SETTLED, **data) as row:
        _require(row, verb)
        yield row


def _require(row: Publication, verb: str) -> None:
    words = refusal(row, verb)
    if words:
        raise ValidationError(str(words))


def _not_retried(row: Publication) -> Words:
    waits = row.state in (State.FAILED, State.MANUAL) or (row.state in IN_MOTION and row.error_class)
    return "" if waits else gettext_lazy("There is nothing to try again.")


def _not_withdrawn(row: Publication) -> Words:
    if not row.has_post:
        return gettext_lazy("Nothing stands in the channel.")
    return "" if row.desired == Desired.PRESENT else gettext_lazy("It is being withdrawn already.")


def _not_skipped(row: Publication) -> Words:
    if row.has_post:
        return gettext_lazy("It is published already: withdraw it.")
    return "" if row.desired == Desired.PRESENT else gettext_lazy("It stays out already.")


def _not_put_back(row: Publication) -> Words:
    return "" if row.desired == Desired.ABSENT else gettext_lazy("It is in the channel, or on its way.")


def _not_posted_again(row: Publication) -> Words:
    if row.state != State.PUBLISHED or row.desired != Desired.PRESENT:
        return gettext_lazy("Only what stands in the channel can be made anew.")
    if is_feed(row.channel):
        return gettext_lazy("The platform fetches a file: there is no post to make anew.")
    return gettext_lazy("It is being made anew already.") if row.renew else ""


def _not_posted_by_hand(row: Publication) -> Words:
    if row.has_post or row.desired != Desired.PRESENT:
        return gettext_lazy("A post stands there already, or none should.")
    if is_feed(row.channel):
        return gettext_lazy("The car goes into the file first; then say that you see it on the platform.")
    if row.progress or row.attempts.filter(finished_at=None).exists():
        return UNDER_WAY
    return ""


def _not_removed_by_hand(row: Publication) -> Words:
    if not row.has_post:
        return gettext_lazy("Nothing stands in the channel.")
    return gettext_lazy("The car stands in our own file: withdraw it.") if is_feed(row.channel) else ""


REFUSALS = {
    "retry": _not_retried,
    "withdraw": _not_withdrawn,
    "skip": _not_skipped,
    "put_back": _not_put_back,
    "post_again": _not_posted_again,
    "posted_by_hand": _not_posted_by_hand,
    "removed_by_hand": _not_removed_by_hand,
}
