"""What all platforms share that fetch a file of cars: the adapter renders a car's piece of it and calls nobody.

`integrations.feeds` keeps the pieces and serves the file. "In the file" is never "published": that only a look at the
platform or a person says.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from .base import (
    Account,
    ChannelCredentials,
    ChannelSettings,
    Checked,
    CredentialsT,
    Farewell,
    InvalidPayload,
    LookedUp,
    MarketplaceAdapter,
    Payload,
    Placed,
    Seen,
    Withdrawn,
    Words,
)

PER_MINUTE = 100_000
"""Pieces of files are rows of our own database: there is nobody to be polite to."""
LONGEST_ADDRESS = 500

Currency = Literal["BYN", "USD", "EUR"]
CURRENCIES: tuple[tuple[str, Words], ...] = (("BYN", "BYN"), ("USD", "USD"), ("EUR", "EUR"))


@dataclass(frozen=True)
class FeedLimits:
    """What the platform takes in one file. None: no limit is known."""

    cars: int | None = None
    images: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class FeedFile:
    """What the file is like; `integrations.feeds.checking` checks the present one against it."""

    name: str
    """The last part of its address: "autoru.xml"."""
    kind: Literal["xml", "csv"]
    car: str = ""
    """The element of a car (XML)."""
    id: str = ""
    """Where a car's number stands: an element or column, "@name" for an attribute."""
    required: tuple[str, ...] = ()
    """Elements or columns that no car may lack."""
    images: str = ""
    """Where addresses of photos stand: "images/image", "Images/Image@url", or a column."""
    limits: FeedLimits = FeedLimits()

    @property
    def content_type(self) -> str:
        return "text/csv; charset=utf-8" if self.kind == "csv" else "application/xml; charset=utf-8"

    @property
    def line_end(self) -> str:
        return "\r\n" if self.kind == "csv" else "\n"


@dataclass(frozen=True)
class Listed:
    """What a platform tells of one car that it has read from the file."""

    seen: Seen
    address: str = ""
    read_at: datetime | None = None
    """When the platform read the file that it speaks of, if it says so."""


class NoCredentials(ChannelCredentials):
    """The platform asks us for the file; nothing is to be entered."""


class FeedPayload(Payload):
    id: str
    """Of the car in the file: never changes."""
    entry: str
    """The car's piece of the file. Empty: the car is sold and left out."""
    images: int = 0

    def identity(self) -> Any:
        return self.entry


FeedSettingsT = TypeVar("FeedSettingsT", bound=ChannelSettings)


class FeedAdapter(MarketplaceAdapter[FeedSettingsT, CredentialsT, FeedPayload]):
    """A dialect gives `file`, `frame` and `entry`."""

    file: ClassVar[FeedFile]
    Credentials: ClassVar[type[ChannelCredentials]] = NoCredentials
    Payload: ClassVar[type[Payload]] = FeedPayload

    @abstractmethod
    def frame(self, settings: FeedSettingsT, site_url: str, changed_at: datetime) -> tuple[str, str]:
        """What stands before the first car and after the last one."""

    @abstractmethod
    def entry(self, document: Mapping[str, Any], account: Account[FeedSettingsT, CredentialsT]) -> FeedPayload:
        """The piece of a car that is for sale. Raises InvalidPayload."""

    # --- Platforms that can be spoken to as well: see avito.py -----------------------------------
    def inspect_all(self, account: Account[FeedSettingsT, CredentialsT]) -> Mapping[str, Listed] | None:
        """What became of all cars of the file, by their numbers in it. None: the platform does not tell."""
        return None

    def announce(self, address: str, account: Account[FeedSettingsT, CredentialsT]) -> None:
        """Tells the platform where the file is, if it can be told by program."""

    def ask_to_fetch(self, account: Account[FeedSettingsT, CredentialsT]) -> None:
        """Asks for the file to be fetched soon. Raises RateLimited where it is too early."""

    def render(self, document: Mapping[str, Any], account: Account[FeedSettingsT, CredentialsT]) -> FeedPayload:
        if document["sale_state"] == "sold":
            return FeedPayload(id=document["uuid"], entry="")
        return self.entry(document, account)

    def create(self, payload: FeedPayload, account: Account[FeedSettingsT, CredentialsT]) -> Placed:
        return self._placed(payload, "")

    def update(
        self, external: Mapping[str, Any], payload: FeedPayload, account: Account[FeedSettingsT, CredentialsT]
    ) -> Placed:
        return self._placed(payload, str(external.get("address", "")))

    def withdraw(
        self, external: Mapping[str, Any], farewell: Farewell, account: Account[FeedSettingsT, CredentialsT]
    ) -> Withdrawn:
        note = _("It is out of the file. The platform takes the car down when it fetches the file next.")
        return Withdrawn(removed=True, note=note)

    def lookup(self, payload: FeedPayload, account: Account[FeedSettingsT, CredentialsT]) -> LookedUp:
        """Nothing has left the house: it is simply done."""
        return LookedUp("found", self.create(payload, account))

    def adopt(
        self, payload: FeedPayload, address: str, since: datetime, account: Account[FeedSettingsT, CredentialsT]
    ) -> Placed:
        """A person has seen the car there; with its address the platform can be asked later."""
        address = address.strip()
        if address and not self.accepts_address(address, account.settings):
            raise InvalidPayload([_("This is not an address of an ad on this platform.")])
        return self._placed(payload, address, confirmed=True)

    def check(self, account: Account[FeedSettingsT, CredentialsT]) -> Checked:
        return Checked(True, _("There is nothing to connect to: the platform fetches the file at the address below."))

    def rate(self, account: Account[FeedSettingsT, CredentialsT]) -> tuple[str, int]:
        return f"feed:{self.file.name}", PER_MINUTE

    def accepts_address(self, address: str, settings: FeedSettingsT) -> bool:
        """Whether a person's link can be an ad's."""
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(address) <= LONGEST_ADDRESS

    def _placed(self, payload: FeedPayload, address: str, *, confirmed: bool = False) -> Placed:
        external = {"id": payload.id} | ({"address": address} if address else {})
        note = "" if payload.entry else _("The car is sold: it is left out of the file.")
        return Placed(external, address, note=note, key=payload.id, confirmed=confirmed, entry=payload.entry)


def price_in(document: Mapping[str, Any], currency: str) -> int:
    """By the rates that the document was published with. Raises InvalidPayload."""
    amount: int = document["price"].get(currency.lower()) or 0
    if amount <= 0:
        raise InvalidPayload([_("There is no exchange rate for %(currency)s yet.") % {"currency": currency}])
    return amount


def require_vin(document: Mapping[str, Any]) -> str:
    """Raises InvalidPayload: without it the platform takes no car."""
    vin: str = document["vin"]
    if not vin:
        raise InvalidPayload([_("This platform takes no car without its VIN. Enter the VIN in the listing.")])
    return vin
