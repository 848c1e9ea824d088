"""Writes down what was seen of a post, and lets the publication know.

A post that has disappeared is never published again silently: the publication says so and waits for a person, unless
the channel is set to publish it again.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.credentials.redaction import scrub
from integrations.feeds.entries import drop_entry, is_feed
from integrations.marketplaces.base import Seen
from integrations.publications.models import Publication
from integrations.publications.outcomes import cleared_post
from integrations.publications.vocabulary import Desired, Result, State
from integrations.publications.wishes import look_soon

from . import timing
from .models import ChannelWatch, RemoteCheck, Watch
from .vocabulary import CheckSource, PostState

logger = logging.getLogger(__name__)


def record(publication_id: int, seen: Seen, source: CheckSource, at: datetime, *, post: datetime | None = None) -> bool:
    """Takes an answer about a publication's post. False: it is about a post that is not watched any more, or too old.

    `post` names the post that was asked for, by the time it was published.
    """
    with transaction.atomic():
        watch = (
            Watch.objects.select_for_update(of=("self",))
            .select_related("publication")
            .filter(publication_id=publication_id)
            .first()
        )
        if watch is None or (post is not None and post != watch.published_at) or _is_old_news(watch, at):
            return False
        if watch.standing and watch.published_at == watch.publication.published_at:
            watch.external, watch.address = watch.publication.external, watch.publication.address
        _write(watch, seen, source, at)
        _schedule(watch, seen, at)
        _tell_publication(watch, seen, at)
        watch.save()
    return True


def confirm_by_person(watch: Watch, person: str, at: datetime) -> None:
    """Somebody has looked and says that a withdrawn post is gone."""
    with transaction.atomic():
        row = Watch.objects.select_for_update().get(pk=watch.pk)
        row.state, row.how, row.checked_at, row.next_check_at = (
            PostState.REMOVED, _("A person has confirmed that the post is gone."), at, None,
        )  # fmt: skip
        row.save()
        _add_check(row, row.how, [], CheckSource.PERSON, at, person)


def _is_old_news(watch: Watch, at: datetime) -> bool:
    return (watch.checked_at is not None and at < watch.checked_at) or (
        watch.published_at is not None and at < watch.published_at
    )


def _write(watch: Watch, seen: Seen, source: CheckSource, at: datetime) -> None:
    """What is known changes with a clear answer only: "unknown" takes nothing back."""
    state, how = PostState(seen.state), scrub(str(seen.how))
    problems = [scrub(str(problem)) for problem in seen.problems]
    certain = state != PostState.UNKNOWN
    proof = not watch.standing and state == PostState.REMOVED and watch.next_check_at is not None
    differs = certain and (state != watch.state or problems != watch.problems)
    watch.checked_at, watch.how = at, how
    if certain:
        watch.state, watch.problems = state, problems
    if differs or proof:
        _add_check(watch, how, problems, source, at)


def _add_check(
    watch: Watch, how: str, problems: list[str], source: CheckSource, at: datetime, person: str = ""
) -> None:
    RemoteCheck.objects.create(
        publication_id=watch.publication_id,
        at=at,
        state=watch.state,
        how=how,
        problems=problems,
        source=source,
        person=person,
        address=watch.address,
        after_withdrawal=not watch.standing,
    )


def _schedule(watch: Watch, seen: Seen, at: datetime) -> None:
    if watch.next_check_at is None:
        return
    if not watch.standing:
        gone, since = seen.state == "removed", watch.withdrawn_at or at
        watch.next_check_at = None if gone else timing.next_after_withdrawal(since, at)
    else:
        known = seen.state == "live" or watch.publication.confirmed_at is not None
        watch.next_check_at = timing.next_look(watch.published_at or at, known, at)


def _tell_publication(watch: Watch, seen: Seen, at: datetime) -> None:
    if not watch.standing:
        return
    if seen.state == "live":
        _is_there(watch, at)
    elif seen.state == "removed" and watch.publication.desired == Desired.PRESENT:
        _is_gone(watch, at)


def _is_there(watch: Watch, at: datetime) -> None:
    ours = Publication.objects.filter(pk=watch.publication_id, published_at=watch.published_at)
    ours.filter(confirmed_at=None).update(confirmed_at=at)
    if watch.flagged_at is None:
        return
    # It has come back before anybody decided: nothing was done to the publication since we spoke up.
    same = ours.filter(state=State.FAILED, changed_at=watch.flagged_at)
    same.update(state=State.PUBLISHED, error_class="", error_text="")
    watch.flagged_at = None


def _is_gone(watch: Watch, at: datetime) -> None:
    """Only where nobody is at it and nothing is to be done: by the row's own columns."""
    idle = Publication.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=at + timedelta(seconds=1)),
        pk=watch.publication_id,
        published_at=watch.published_at,
        state=State.PUBLISHED,
        desired=Desired.PRESENT,
        next_attempt_at=None,
    )
    if ChannelWatch.objects.filter(channel__publications=watch.publication_id, republish_gone=True).exists():
        if idle.update(**cleared_post(), state=State.PENDING, next_attempt_at=at, changed_at=at):
            _drop_from_file(watch.publication)
            logger.info("Publication %s has disappeared and is published again", watch.publication_id)
            look_soon(Publication.objects.filter(pk=watch.publication_id))
        return
    words = _(
        "The post is no longer on the platform: somebody removed it there. Publish it again, or take the car out of "
        "the channel."
    )
    if idle.update(state=State.FAILED, error_class=Result.INVALID, error_text=words, changed_at=at):
        watch.flagged_at = at


def _drop_from_file(publication: Publication) -> None:
    """A row without a post has no car in the file, or nobody would ever take it out."""
    if is_feed(publication.channel):
        drop_entry(publication)
