"""What similar cars cost: the median of what stands on the site, and which cars it was taken from."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from listings.models import Listing

ENOUGH = 8
"""With fewer comparable cars there is no market to speak of."""
SHOWN = 40
"""At most so many of the nearest in mileage are compared: the query stays short for the commonest model too."""
STEPS = ((1, 30_000), (2, 60_000))
"""Years and kilometres by which a comparable car may differ; the wider one if the narrow one finds too few."""


@dataclass(frozen=True)
class Market:
    """`median` and prices in BYN. `comparables` are public cars, the cheapest first."""

    median: int
    comparables: Sequence[Listing]

    def deviation(self, price_byn: int) -> int:
        """Percent above (+) or below (-) the median."""
        return round((price_byn - self.median) * 100 / self.median)


def market_price(listing: Listing) -> Market | None:
    """By model, generation (where it is known), year, mileage and condition. None: too few cars to compare with."""
    similar = Listing.objects.public().filter(model_id=listing.model_id, condition=listing.condition)
    if listing.generation_id:
        similar = similar.filter(generation_id=listing.generation_id)
    for years, kilometres in STEPS:
        found = similar.filter(
            year__range=(listing.year - years, listing.year + years),
            mileage_km__range=(max(0, listing.mileage_km - kilometres), listing.mileage_km + kilometres),
        ).exclude(pk=listing.pk)
        cars = list(found.select_related("dealer").order_by("-pk")[:SHOWN])
        if len(cars) >= ENOUGH:
            prices = [car.price_byn for car in cars]
            return Market(round(median(prices)), sorted(cars, key=lambda car: car.price_byn))
    return None
