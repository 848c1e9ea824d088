from django.apps import AppConfig

CARD = (
    *("slug", "title", "make", "model", "generation", "trim", "year", "mileage_km", "condition", "fuel", "engine_cc"),
    *(
        "power_hp",
        "gearbox",
        "drive",
        "body",
        "color",
        "price",
        "currency",
        "old_price",
        "price_byn",
        "vat",
        "exchange",
    ),
    *("leasing", "city", "dealer", "sale_state", "photos"),
)
"""The fields that our card has too."""


class BenchConfig(AppConfig):
    """Stands first, so that listings have API fields before Wagtail's own API looks which snippets do."""

    name = "scripts.lib.bench"
    label = "bench"

    def ready(self) -> None:
        from wagtail.api import APIField

        from listings.models import Listing

        Listing.api_fields = [APIField(name) for name in CARD]
