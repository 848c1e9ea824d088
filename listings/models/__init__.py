from .dealer import Dealer
from .document import PublishedListing, Version
from .listing import Listing, ListingPhoto
from .reference import (
    CarModel,
    City,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Generation,
    Make,
    PaymentType,
    Trim,
)

__all__ = [
    "CarModel",
    "City",
    "Dealer",
    "Equipment",
    "EquipmentGroup",
    "ExchangeRate",
    "Generation",
    "Listing",
    "ListingPhoto",
    "Make",
    "PaymentType",
    "PublishedListing",
    "Trim",
    "Version",
]
