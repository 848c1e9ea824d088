"""Writes what was judged: one batch, whole or not at all, through the verbs that everybody uses."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from cms.users.models import User
from listings import lifecycle
from listings.bulk import create_listings, newest_drafts
from listings.models import FeedListing, Import, Listing

from .checking import RELATED, Verdict, applied
from .photos import want_photos
from .states import RowOutcome

CREATABLE = (RowOutcome.CREATE, RowOutcome.CHANGE)


def may_publish(user: User | None) -> bool:
    return user is None or user.has_perm("listings.publish_listing")


def write(job: Import, verdicts: Sequence[Verdict]) -> None:
    """Creates and changes listings; `verdict.listing` is set, refusals become errors of their rows.

    One transaction, a constant number of queries.
    """
    with transaction.atomic():
        _create(job, [verdict for verdict in verdicts if verdict.outcome == RowOutcome.CREATE])
        _change(job, [verdict for verdict in verdicts if verdict.outcome == RowOutcome.CHANGE])
        present = [verdict for verdict in verdicts if verdict.listing and verdict.outcome != RowOutcome.REFUSED]
        wanted = {verdict.listing.pk: verdict.photos for verdict in present if verdict.listing and verdict.photos}
        want_photos(job, wanted, {verdict.fresh.pk for verdict in present if verdict.fresh})
        if job.feed_id:
            FeedListing.objects.bulk_create(
                [FeedListing(feed_id=job.feed_id, listing=verdict.listing) for verdict in present],
                ignore_conflicts=True,
            )


def _create(job: Import, verdicts: Sequence[Verdict]) -> None:
    fresh = [verdict.fresh for verdict in verdicts if verdict.fresh]
    if not fresh:
        return
    publish = job.publish and may_publish(job.user)
    create_listings(fresh, user=job.user, publish=publish)
    for verdict in verdicts:
        verdict.listing = verdict.fresh
    if job.submit and not publish:
        # A car whose photos are still to come is submitted when they are there: moderators look at photos.
        ready = [verdict.fresh for verdict in verdicts if verdict.fresh and not verdict.photos and not job.archive]
        _refuse(verdicts, lifecycle.submit(ready, job.user) if ready else {}, keep=True)


def _change(job: Import, verdicts: Sequence[Verdict]) -> None:
    """Cars in the archive come back first, as drafts; then all get their new content."""
    listings = {verdict.listing.pk: verdict.listing for verdict in verdicts if verdict.listing}
    if not listings:
        return
    locked = Listing.objects.select_for_update(of=("self",)).filter(pk__in=listings).order_by("pk")
    archived = [listing for listing in locked if listing.archived_at]
    refused = lifecycle.restore(archived, job.user) if archived else {}
    changed = {
        verdict.listing.pk: verdict.values
        for verdict in verdicts
        if verdict.listing and verdict.listing.pk not in refused and _has_new_values(verdict)
    }
    refused |= _save(job, changed) if changed else {}
    _refuse(verdicts, refused)
    back = [listing for listing in archived if listing.pk not in refused]
    follow = lifecycle.publish if job.publish and may_publish(job.user) else lifecycle.submit if job.submit else None
    if back and follow:
        _refuse(verdicts, follow(back, job.user), keep=True)


def _save(job: Import, values: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    drafts = newest_drafts(list(values))
    prefetch_related_objects(list(drafts.values()), *RELATED)
    for pk, draft in drafts.items():
        applied(draft, values[pk]).fill_in()
    return lifecycle.save_changes(list(drafts.values()), job.user)


def _has_new_values(verdict: Verdict) -> bool:
    return bool(verdict.changes.keys() - {"publication", "photos"})


def _refuse(verdicts: Sequence[Verdict], refused: Mapping[int, str], *, keep: bool = False) -> None:
    """`keep`: the car itself is written, only what should have followed was refused."""
    for verdict in verdicts:
        reason = refused.get(verdict.listing.pk) if verdict.listing else None
        if reason is not None:
            verdict.errors.append({"column": "", "header": "", "value": "", "reason": str(reason)})
            if not keep:
                verdict.outcome = RowOutcome.REFUSED
