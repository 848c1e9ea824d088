from .change import ChangeLogEntry
from .dealer import Dealer, DealerMember
from .document import PublishedListing, Version
from .exchange import Feed, FeedListing, Import, ImportMapping, ImportRow, PhotoDownload
from .listing import Listing, ListingPhoto
from .mark import ListingMark
from .moderation import ModerationTask
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
    RateFetch,
    Trim,
)
from .settings import InventorySettings, ReturnReason
from .token import ApiAnswer, ApiToken

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "CarModel",
    "ChangeLogEntry",
    "City",
    "Dealer",
    "DealerMember",
    "Equipment",
    "EquipmentGroup",
    "ExchangeRate",
    "Feed",
    "FeedListing",
    "Generation",
    "Import",
    "ImportMapping",
    "ImportRow",
    "InventorySettings",
    "Listing",
    "ListingMark",
    "ListingPhoto",
    "Make",
    "ModerationTask",
    "PaymentType",
    "PhotoDownload",
    "PricePoint",
    "PublishedListing",
    "RateFetch",
    "ReturnReason",
    "Trim",
    "Version",
]
