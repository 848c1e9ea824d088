"""Codes of a listing's fields. They are stable and English; people see their translated labels.

Adapters, feeds and the API use the codes, never the labels.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Condition(TextChoices):
    NEW = "new", pgettext_lazy("condition of a car", "New")
    USED = "used", pgettext_lazy("condition of a car", "Used")
    DAMAGED = "damaged", pgettext_lazy("condition of a car", "Damaged")
    PARTS = "parts", pgettext_lazy("condition of a car", "For parts")


class Fuel(TextChoices):
    PETROL = "petrol", _("Petrol")
    DIESEL = "diesel", _("Diesel")
    PETROL_LPG = "petrol_lpg", _("Petrol and propane")
    PETROL_CNG = "petrol_cng", _("Petrol and methane")
    HYBRID = "hybrid", _("Hybrid")
    PLUG_IN_HYBRID = "plug_in_hybrid", _("Plug-in hybrid")
    ELECTRIC = "electric", _("Electric")


class Gearbox(TextChoices):
    MANUAL = "manual", _("Manual")
    AUTOMATIC = "automatic", _("Automatic")
    ROBOT = "robot", _("Robotised")
    CVT = "cvt", _("CVT")
    REDUCER = "reducer", _("Reduction gear")


class Drive(TextChoices):
    FRONT = "front", _("Front-wheel")
    REAR = "rear", _("Rear-wheel")
    ALL = "all", _("All-wheel")


class Body(TextChoices):
    SEDAN = "sedan", _("Sedan")
    HATCHBACK = "hatchback", _("Hatchback")
    LIFTBACK = "liftback", _("Liftback")
    WAGON = "wagon", _("Estate")
    SUV = "suv", _("SUV")
    CROSSOVER = "crossover", _("Crossover")
    COUPE = "coupe", _("Coupe")
    CONVERTIBLE = "convertible", _("Convertible")
    MINIVAN = "minivan", _("Minivan")
    VAN = "van", _("Van")
    MINIBUS = "minibus", _("Minibus")
    PICKUP = "pickup", _("Pickup")
    LIMOUSINE = "limousine", _("Limousine")


class Color(TextChoices):
    BLACK = "black", _("Black")
    WHITE = "white", _("White")
    SILVER = "silver", _("Silver")
    GREY = "grey", _("Grey")
    BLUE = "blue", _("Blue")
    LIGHT_BLUE = "light_blue", _("Light blue")
    RED = "red", _("Red")
    BURGUNDY = "burgundy", _("Burgundy")
    GREEN = "green", _("Green")
    BROWN = "brown", _("Brown")
    BEIGE = "beige", _("Beige")
    YELLOW = "yellow", _("Yellow")
    ORANGE = "orange", _("Orange")
    PURPLE = "purple", _("Purple")
    GOLD = "gold", _("Gold")
    OTHER = "other", pgettext_lazy("colour", "Other")


class SaleState(TextChoices):
    DUE_IN = "due_in", _("Due in")
    AVAILABLE = "available", _("Available")
    RESERVED = "reserved", _("Reserved")
    SOLD = "sold", _("Sold")


class Oblast(TextChoices):
    MINSK = "minsk", _("Minsk")
    MINSK_REGION = "minsk_region", _("Minsk region")
    BREST = "brest", _("Brest region")
    VITEBSK = "vitebsk", _("Vitebsk region")
    GOMEL = "gomel", _("Gomel region")
    GRODNO = "grodno", _("Grodno region")
    MOGILEV = "mogilev", _("Mogilev region")


class Country(TextChoices):
    """Where a car is registered. ISO 3166-1 codes in lower case."""

    BELARUS = "by", _("Belarus")
    RUSSIA = "ru", _("Russia")
    KAZAKHSTAN = "kz", _("Kazakhstan")
    ARMENIA = "am", _("Armenia")
    KYRGYZSTAN = "kg", _("Kyrgyzstan")
    GERMANY = "de", _("Germany")
    POLAND = "pl", _("Poland")
    LITHUANIA = "lt", _("Lithuania")
    LATVIA = "lv", _("Latvia")
    USA = "us", _("USA")
    CHINA = "cn", _("China")
    KOREA = "kr", _("South Korea")
    UAE = "ae", _("United Arab Emirates")
    OTHER = "zz", pgettext_lazy("country", "Another country")


class Currency(TextChoices):
    BYN = "BYN", "BYN"
    USD = "USD", "USD"
    EUR = "EUR", "EUR"


class RateSource(TextChoices):
    """Where an exchange rate comes from."""

    NATIONAL_BANK = "nbrb", _("National Bank")
    TYPED = "typed", pgettext_lazy("exchange rate", "Typed in")


class PublicationState(TextChoices):
    """Where a listing is on its way to the public. Wagtail's drafts, workflow and `archived_at`, in one word."""

    DRAFT = "draft", pgettext_lazy("publication of a listing", "Draft")
    IN_MODERATION = "in_moderation", _("In moderation")
    PUBLISHED = "published", pgettext_lazy("publication of a listing", "Published")
    ARCHIVED = "archived", pgettext_lazy("publication of a listing", "Archived")


class MemberRole(TextChoices):
    """What somebody is at a dealer."""

    MANAGER = "manager", _("Dealer manager")
    AGENT = "agent", _("Agent")
    INTEGRATION = "integration", _("Integration (DMS, CRM)")


class Way(TextChoices):
    """By which way in a change came."""

    ADMIN = "admin", pgettext_lazy("way in", "Admin")
    API = "api", "API"
    IMPORT = "import", pgettext_lazy("way in", "Import")
    RULE = "rule", pgettext_lazy("way in", "Rule")
    COMMAND = "command", pgettext_lazy("way in", "Command")


class Scope(TextChoices):
    """What a token of the API may be used for."""

    LISTINGS_READ = "listings:read", _("read the dealer's cars, drafts too")
    LISTINGS_WRITE = "listings:write", _("create and change cars, submit and archive them")
    LISTINGS_MODERATE = "listings:moderate", _("approve, return and publish cars without a moderator")
    PHOTOS_WRITE = "photos:write", _("upload and arrange photos")
    IMPORTS_WRITE = "imports:write", _("import files")
    LEADS_READ = "leads:read", _("read enquiries")


class Removal(TextChoices):
    """Why a car is no longer in its dealer's list."""

    ARCHIVED = "archived", pgettext_lazy("removal of a car", "archived")
    DELETED = "deleted", pgettext_lazy("removal of a car", "deleted")
    MOVED = "moved", pgettext_lazy("removal of a car", "moved to another dealer")


class ChangeAction(TextChoices):
    """What the change log tells of a listing."""

    CREATE = "create", pgettext_lazy("change of a listing", "Created")
    EDIT = "edit", pgettext_lazy("change of a listing", "Changed")
    SUBMIT = "submit", pgettext_lazy("change of a listing", "Submitted for moderation")
    APPROVE = "approve", pgettext_lazy("change of a listing", "Approved")
    RETURN = "return", pgettext_lazy("change of a listing", "Returned to the dealer")
    WITHDRAW = "withdraw", pgettext_lazy("change of a listing", "Taken back from moderation")
    PUBLISH = "publish", pgettext_lazy("change of a listing", "Published")
    UNPUBLISH = "unpublish", pgettext_lazy("change of a listing", "Taken off the site")
    ARCHIVE = "archive", pgettext_lazy("change of a listing", "Archived")
    RESTORE = "restore", pgettext_lazy("change of a listing", "Restored from the archive")
    SALE_STATE = "sale_state", pgettext_lazy("change of a listing", "Sale state changed")
    CHANNELS = "channels", pgettext_lazy("change of a listing", "Channels changed")
    DELETE = "delete", pgettext_lazy("change of a listing", "Deleted")
