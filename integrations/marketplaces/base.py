"""The contract of a marketplace adapter. docs/adapters.md walks through writing one.

An adapter is one class in one file: it turns a published document into a payload (pure, no network) and carries
payloads to its platform. It keeps no state, reads no database and knows nothing of retries: the engine does.
What an adapter may raise stands in `errors.py`.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from .errors import (
    AdapterError,
    Ambiguous,
    AuthFailed,
    Forged,
    InvalidPayload,
    ManualActionRequired,
    NotYet,
    PhotoUnavailable,
    RateLimited,
    RetryLater,
    Words,
)

__all__ = [
    "Account",
    "AdapterError",
    "Ambiguous",
    "AuthFailed",
    "Capabilities",
    "ChannelCredentials",
    "ChannelSettings",
    "Checked",
    "Event",
    "Farewell",
    "Forged",
    "IncomingCall",
    "InvalidPayload",
    "LookedUp",
    "ManualActionRequired",
    "MarketplaceAdapter",
    "NotYet",
    "Payload",
    "PhotoShape",
    "PhotoUnavailable",
    "Placed",
    "Quota",
    "RateLimited",
    "Refreshed",
    "RetryLater",
    "Seen",
    "Shown",
    "Stats",
    "Withdrawn",
    "Words",
]


# --- What goes in and out -------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """How a settings or credentials field appears in the channel's form: `Annotated[str, Shown(...)]`."""

    label: Words
    help: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()


class ChannelSettings(BaseModel):
    """Base of an adapter's settings: stored as JSON, edited as a form built from the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelCredentials(BaseModel):
    """Base of an adapter's secrets: every field a SecretStr, stored encrypted, never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Payload(BaseModel):
    """What will stand on the platform. Two payloads with one digest look alike to a visitor."""

    model_config = ConfigDict(frozen=True)

    def identity(self) -> Any:
        """What the digest is made of. Leave out what can change without a visitor seeing it."""
        return self.model_dump(mode="json")

    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode()).hexdigest()


SettingsT = TypeVar("SettingsT", bound=ChannelSettings)
CredentialsT = TypeVar("CredentialsT", bound=ChannelCredentials)
PayloadT = TypeVar("PayloadT", bound=Payload)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _no_photo(photo_id: int, shape: "PhotoShape") -> str:
    raise PhotoUnavailable


@dataclass(frozen=True)
class PhotoShape:
    """What a platform takes by address: a JPEG of at most this width, cropped where its ratio is outside."""

    max_width: int
    min_ratio: float = 0.0
    """Width by height."""
    max_ratio: float = 100.0


@dataclass(frozen=True)
class Account(Generic[SettingsT, CredentialsT]):
    """The channel as an adapter sees it."""

    settings: SettingsT
    credentials: CredentialsT = field(repr=False)
    site_url: str
    read_photo: Callable[[str], bytes] = field(repr=False)
    """Bytes of a rendition by its address in the document. Raises PhotoUnavailable, which adapters let pass."""
    photo_address: Callable[[int, PhotoShape], str] = field(default=_no_photo, repr=False)
    """Public address of the photo (its id in the document) as such a JPEG, made if missing. Raises PhotoUnavailable."""
    template: str = ""
    """How the channel wants its posts; empty: as `post.compose` does by itself."""
    progress: Mapping[str, Any] = field(default_factory=dict)
    """Where an earlier NotYet of the same payload left off."""
    webhook_secret: str = field(default="", repr=False)
    """The channel's own, for platforms that send one back or sign with one."""
    now: Callable[[], datetime] = field(default=utc_now, repr=False)
    until: datetime | None = None
    """After this moment no new request may begin: another worker may be at it."""

    def ensure_time(self) -> None:
        """Adapters call it before each request. Raises RetryLater."""
        if self.until is not None and self.now() > self.until:
            raise RetryLater(_("It took too long and will be continued."))


@dataclass(frozen=True)
class Placed:
    """Where the listing stands now."""

    external: Mapping[str, Any]
    """Whatever the adapter needs to find it again (JSON)."""
    address: str = ""
    note: Words = ""
    """Something worth telling that is no error: "the album keeps its old photos"."""
    response: str = ""
    """A short excerpt of the answer for the attempt log. Never a secret."""
    key: str = ""
    """The platform's own name of the post, by which its webhooks and lists speak of it."""
    confirmed: bool = True
    """False: handed over, but nobody has seen it there yet (a feed that the platform fetches when it likes)."""
    entry: str = ""
    """Of a feed: the car's piece of the file."""


@dataclass(frozen=True)
class Withdrawn:
    """How it ended. `removed` False: a crossed-out post has stayed on the platform."""

    removed: bool
    note: Words = ""
    response: str = ""


@dataclass(frozen=True)
class Farewell:
    """All that is known of a listing when it goes: its document is already empty."""

    title: str
    sold: bool
    renewed: bool = False
    """The car is still there: this post only makes room for a newer one."""


@dataclass(frozen=True)
class LookedUp:
    """Answer to "did that create happen?"."""

    outcome: Literal["found", "absent", "unknown"]
    placed: Placed | None = None


@dataclass(frozen=True)
class Checked:
    """Result of "check the connection", in words for the person who pressed the button."""

    ok: bool
    words: Words


@dataclass(frozen=True)
class Seen:
    """Answer to "is it still there?". Never guess: what is neither clearly there nor clearly gone is "unknown"."""

    state: Literal["live", "removed", "unknown"]
    how: Words = ""
    """How that was found out, for the proof: "the address answers 404"."""
    problems: Sequence[Words] = ()
    """What the platform says is wrong with the post."""


@dataclass(frozen=True)
class Stats:
    """Figures of one post as the platform counts them, since it was published. None: it does not tell."""

    views: int | None = None
    reach: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None


@dataclass(frozen=True)
class Quota:
    """How much of the platform's own limit is used."""

    used: int
    total: int
    hours: int
    """Length of the period that it counts."""


@dataclass(frozen=True)
class Refreshed:
    """New access data in place of those that expire soon."""

    credentials: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True)
class IncomingCall:
    """A webhook as it arrived. Header names are lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Event:
    """What a webhook tells of one post."""

    key: str
    """As in `Placed.key`."""
    stats: Stats | None = None
    seen: Seen | None = None
    at: datetime | None = None
    """When it happened, where the platform says so; None: when it arrived."""


@dataclass(frozen=True)
class Capabilities:
    """What the platform can do. The admin tells people; the engine asks nothing it cannot do."""

    can_update: bool
    can_withdraw: bool
    can_look_up: bool
    can_inspect: bool = False
    """Whether it can be asked if a post is still there."""
    has_stats: bool = False
    has_webhook: bool = False
    text_limit: int | None = None
    """UTF-16 units of a post that `post.compose` writes by the channel's template. None: there is no such text."""
    delivery: Literal["call", "feed"] = "call"
    """feed: the platform fetches a file, and "published" is nothing that we know by ourselves."""


class MarketplaceAdapter(ABC, Generic[SettingsT, CredentialsT, PayloadT]):
    """One platform. `update` and `withdraw` must be safe to repeat; `create` never is repeated blindly."""

    label: ClassVar[Words]
    about: ClassVar[Words] = ""
    """One or two sentences for whoever chooses a platform: what it does here, what one needs from the platform."""
    capabilities: ClassVar[Capabilities]
    Settings: ClassVar[type[ChannelSettings]]
    Credentials: ClassVar[type[ChannelCredentials]]
    Payload: ClassVar[type[Payload]]

    @abstractmethod
    def render(self, document: Mapping[str, Any], account: Account[SettingsT, CredentialsT]) -> PayloadT:
        """The payload of a document's detail. Pure: no network, no clock, no credentials. Raises InvalidPayload."""

    @abstractmethod
    def create(self, payload: PayloadT, account: Account[SettingsT, CredentialsT]) -> Placed:
        """Puts it up. Whatever is not certain after the request has left is Ambiguous."""

    @abstractmethod
    def update(
        self, external: Mapping[str, Any], payload: PayloadT, account: Account[SettingsT, CredentialsT]
    ) -> Placed:
        """Makes what stands there look like the payload."""

    @abstractmethod
    def withdraw(
        self, external: Mapping[str, Any], farewell: Farewell, account: Account[SettingsT, CredentialsT]
    ) -> Withdrawn:
        """Takes it down, or marks it where the platform does not delete."""

    @abstractmethod
    def lookup(self, payload: PayloadT, account: Account[SettingsT, CredentialsT]) -> LookedUp:
        """Whether an interrupted create happened. "unknown" where the platform cannot tell."""

    @abstractmethod
    def adopt(
        self, payload: PayloadT, address: str, since: datetime, account: Account[SettingsT, CredentialsT]
    ) -> Placed:
        """Takes over a post that a person says is there since then; `address` may be empty. Raises InvalidPayload."""

    @abstractmethod
    def check(self, account: Account[SettingsT, CredentialsT]) -> Checked:
        """Whether settings and credentials work. Changes nothing on the platform."""

    @abstractmethod
    def rate(self, account: Account[SettingsT, CredentialsT]) -> tuple[str, int]:
        """The account that limits are counted for (not a secret), and its messages a minute."""

    def cost(self, payload: PayloadT) -> int:
        """How many messages of the limit this payload takes."""
        return 1

    # --- Watching: only where the capabilities say so --------------------------------------------
    def inspect(self, external: Mapping[str, Any], account: Account[SettingsT, CredentialsT]) -> Seen:
        """Whether the post is still there."""
        return Seen("unknown")

    def fetch_stats(self, external: Mapping[str, Any], account: Account[SettingsT, CredentialsT]) -> Stats | None:
        """The post's figures."""
        return None

    def quota(self, account: Account[SettingsT, CredentialsT]) -> Quota | None:
        """What is left of the platform's own limit, where it tells."""
        return None

    def refresh(self, account: Account[SettingsT, CredentialsT]) -> Refreshed | None:
        """Newer access data before they expire; None where they do not, or not yet. Repeating it does no harm."""
        return None

    def connect_webhook(self, address: str, account: Account[SettingsT, CredentialsT]) -> None:
        """Tells the platform to call `address` (with `account.webhook_secret`, where it takes one)."""

    def verify(self, call: IncomingCall, account: Account[SettingsT, CredentialsT]) -> str:
        """The body to answer a genuine call with, usually empty. Quick and without network. Raises Forged."""
        raise Forged

    def events(self, call: IncomingCall) -> Sequence[Event]:
        """What a genuine call's body says; empty for what does not concern us. Whatever it contains is hostile."""
        return ()
