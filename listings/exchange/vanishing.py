"""Cars that are not in a full file any more: which they are, whether they are too many, and how they are archived."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listings import lifecycle
from listings.models import FeedListing, Import, InventorySettings, Listing

from .staging import batches


def known_listings(job: Import) -> QuerySet[Listing]:
    """Cars that can vanish: those that were in the feed, or that carry a number of the dealer's own system."""
    known = Listing.objects.filter(dealer=job.dealer_id, archived_at__isnull=True)
    if job.feed_id:
        return known.filter(pk__in=FeedListing.objects.filter(feed=job.feed_id).values("listing"))
    return known.exclude(external_id="")


def vanished(job: Import) -> QuerySet[Listing]:
    """Of these, those that no row of the file names. A row that was refused names its car as well."""
    rows = job.rows.order_by()
    return (
        known_listings(job)
        .exclude(external_id__in=rows.exclude(external_id="").values("external_id"))
        .exclude(vin__in=rows.exclude(vin="").values("vin"))
        .exclude(pk__in=rows.filter(listing__isnull=False).values("listing"))
    )


def is_too_much(job: Import) -> bool:
    """Whether the file would archive a larger share than the settings trust. It may be broken or cut off."""
    percent = InventorySettings.load().max_archive_percent
    return vanished(job).count() * 100 > percent * known_listings(job).count()


def archive_vanished(job: Import) -> int:
    """Archives them in batches, whole each; done again it finds the rest. Returns how many."""
    count = 0
    comment = _("Is not in “%s” any more.") % (job.feed or job.filename)
    for ids in batches(vanished(job).order_by("pk").values_list("pk", flat=True)):
        listings = list(Listing.objects.filter(pk__in=ids))
        refused = lifecycle.archive(listings, job.user, comment)
        count += len(listings) - len(refused)
    return count
