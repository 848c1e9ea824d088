"""Addresses of the comparison: Wagtail's own snippet API and a plain Django view over the same listings."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from wagtail.api.v3.urls import api as wagtail_api

from listings.filters import ListingFilters
from listings.models import Listing

FIELDS = (
    "slug",
    "title",
    "make__name",
    "model__name",
    "year",
    "mileage_km",
    "price_byn",
    "fuel",
    "gearbox",
    "city__name",
)


class PlainFilterSet(ListingFilters):
    class Meta:
        model = Listing
        fields: list[str] = []


def plain_list(request: HttpRequest) -> JsonResponse:
    """What a few lines of Django do: SQL filters, a count, 24 rows of values(); no facets."""
    found = PlainFilterSet(request.GET, Listing.objects.public()).qs
    return JsonResponse(
        {"count": found.count(), "items": list(found.order_by("-first_published_at").values(*FIELDS)[:24])}
    )


urlpatterns = [
    path("wagtail-api/", wagtail_api.urls),
    path("plain/", plain_list),
    path("", include("cms.urls")),
]
