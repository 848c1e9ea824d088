from .change import ChangeLogEntry
from .dealer import Dealer, DealerMember
from .document import PublishedListing, Version
from .listing import Listing, ListingPhoto
from .price import PricePoint
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
from .settings import InventorySettings, ReturnReason

__all__ = [
    "CarModel",
    "ChangeLogEntry",
    "City",
    "Dealer",
    "DealerMember",
    "Equipment",
    "EquipmentGroup",
    "ExchangeRate",
    "Generation",
    "InventorySettings",
    "Listing",
    "ListingPhoto",
    "Make",
    "PaymentType",
    "PricePoint",
    "PublishedListing",
    "ReturnReason",
    "Trim",
    "Version",
]
