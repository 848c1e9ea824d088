"""A channel that is tried, and what its engine and its people do in a test."""

from collections.abc import Callable

from django.utils import timezone

from cms.users.models import User
from integrations.monitoring.following import follow
from integrations.publications.models import Channel, Publication
from integrations.reports.golive import runs as golive
from integrations.reports.golive.stages import stages_of
from integrations.reports.models import GoLiveRun
from listings.lifecycle import publish_listing
from listings.models import Listing
from tests.integrations.conftest import work

Make = Callable[..., Listing]


def begin(channel: Channel, user: User, listing: Listing) -> GoLiveRun:
    golive.start(channel, user, listing.pk)
    return reread(channel)


def reread(channel: Channel) -> GoLiveRun:
    return GoLiveRun.objects.select_related("channel__dealer", "listing").get(channel=channel, ended_at=None)


def standings(channel: Channel, user: User) -> dict[str, str]:
    return {stage.code.value: stage.standing for stage in stages_of(reread(channel), user)}


def engine(channel: Channel) -> Publication:
    row = Publication.objects.get(channel=channel)
    Publication.objects.filter(pk=row.pk, next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    return work(row)


def new_price(listing: Listing, price: int) -> None:
    """A moderator has approved it."""
    listing.refresh_from_db()
    listing.price = price
    listing.save_revision()
    publish_listing(listing)


def passed(channel: Channel, user: User, listing: Listing) -> GoLiveRun:
    golive.switch_on_for_test(channel, user)
    run = begin(channel, user, listing)
    golive.check_access(run, user)
    golive.send(run, user)
    engine(channel)
    new_price(listing, 93_000)
    engine(channel)
    follow(timezone.now())
    golive.withdraw(run, user)
    engine(channel)
    follow(timezone.now())
    golive.finish(reread(channel), user)
    return GoLiveRun.objects.get(pk=run.pk)
