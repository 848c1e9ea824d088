"""Run as a module in the product's environment: changes prices one by one and times each until its page shows it."""

import sys
import time
from pathlib import Path

import django

WARM_UP = 3
"""Clicks that are not counted: connections are opened and code is compiled."""


def main(clicks: int, report: Path) -> None:
    django.setup()
    # Django must be set up before its models are imported.
    from django.conf import settings

    from cms.storefront.models import DirtyRoute
    from listings.lifecycle import change_price
    from listings.models import Listing, PublishedListing

    from .publish import wait_for

    # The bulk load's own pages are not what is measured.
    DirtyRoute.objects.all().delete()
    seconds = []
    for number, listing in enumerate(Listing.objects.public().order_by("pk")[: WARM_UP + clicks], start=1):
        page = Path(settings.SITE_ROOT) / PublishedListing.objects.get(listing=listing).path.lstrip("/") / "index.html"
        price = 700_000 + number
        start = time.perf_counter()
        change_price(listing, price)
        wait_for(page, str(price))
        seconds.append(time.perf_counter() - start)
        time.sleep(0.5)  # the pages around it are written meanwhile
    report.write_text("\n".join(map(str, seconds[WARM_UP:])))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
