"""What people decide of a car in a file."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User
from integrations.marketplaces.base import AdapterError
from integrations.marketplaces.feed import FeedPayload
from integrations.publications.accounts import open_account
from integrations.publications.actions import require_change
from integrations.publications.models import Publication

from .entries import feed_adapter, is_feed


def seen_there(publication: Publication, user: User, *, address: str = "") -> None:
    """A person has seen the car on the platform. With the ad's address its page can be looked at later.

    Raises PermissionDenied and ValidationError.
    """
    require_change(publication, user)
    now = timezone.now()
    with transaction.atomic():
        row = Publication.objects.select_for_update().get(pk=publication.pk)
        under_way = row.lease_until is not None and row.lease_until >= now
        if row.published_at is None or under_way or not is_feed(row.channel):
            raise ValidationError(_("The state has changed meanwhile. Look again."))
        payload = FeedPayload(id=row.external.get("id", row.key), entry="")
        try:
            placed = feed_adapter(row.channel).adopt(
                payload, address or row.address, row.published_at, open_account(row.channel)
            )
        except AdapterError as error:
            raise ValidationError(str(error)) from error
        row.external, row.address, row.confirmed_at = dict(placed.external), placed.address, row.confirmed_at or now
        row.save(update_fields=["external", "address", "confirmed_at", "changed_at"])
        log(instance=row, action="feeds.seen_there", user=user)
