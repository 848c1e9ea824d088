"""The page “Everything that happened to the car”, and the links that lead there."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.publications.admin.viewers import ViewersPage
from listings.models import Listing
from listings.permissions import own_rows
from listings.places import PlaceAction

from .timeline import channels_of, read_cursor, timeline


class TimelinePage(ViewersPage):
    template_name = "reports/timeline.html"
    page_title = gettext_lazy("What happened to the car")
    header_icon = "history"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *above, here = super().get_breadcrumbs_items()
        matrix = {"url": reverse("reports_matrix"), "label": gettext_lazy("Cars by channels")}
        return [*above, matrix, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cars = Listing.objects.filter(own_rows(self.request.user)).select_related("make", "model")
        listing = get_object_or_404(cars.distinct(), pk=self.kwargs["pk"])
        self.page_subtitle = str(listing)
        channels = channels_of(listing)
        asked = self.request.GET.get("channel", "")
        channel = next((pk for pk, _name in channels if str(pk) == asked), None)
        before = read_cursor(self.request.GET.get("before", ""))
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "listing": listing,
            "channels": channels,
            "channel": channel,
            "page": timeline(listing, self.request.user, channel=channel, before=before),
            "is_later_page": before is not None,
            "may_edit": self.request.user.has_perm("listings.change_listing"),
        }


def timeline_link(listing: Listing, user: Any) -> list[PlaceAction]:
    """For the hook `register_listing_links`: on the car's page."""
    if not user.has_perm("publications.view_publication"):
        return []
    return [PlaceAction(_("What happened in the channels"), reverse("reports_timeline", args=[listing.pk]))]
