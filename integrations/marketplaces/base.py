"""The contract of a marketplace adapter. docs/adapters.md walks through writing one.

An adapter is one class in one file: it turns a published document into a payload (pure, no network) and carries
payloads to its platform. It keeps no state, reads no database and knows nothing of retries: the engine does.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

Words = str | Promise
"""Text for people, translated lazily."""


# --- Errors ---------------------------------------------------------------------------------------
class AdapterError(Exception):
    """Base of what an adapter may raise. `words` tell a person what happened and what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, words: Words = "") -> None:
        super().__init__(words)
        self.words = words

    def __str__(self) -> str:
        return str(self.words)


class RetryLater(AdapterError):
    """It certainly was not done, and may well work later."""

    code = "retry"


class RateLimited(AdapterError):
    """Not done: the platform wants a pause."""

    code = "rate_limited"

    def __init__(self, retry_after: float, words: Words = "") -> None:
        super().__init__(words)
        self.retry_after = retry_after


class AuthFailed(AdapterError):
    """Nothing works on this channel until a person changes its settings."""

    code = "auth"


class InvalidPayload(AdapterError):
    """The platform will never take this payload; `problems` say what to change in the listing."""

    code = "invalid"

    def __init__(self, problems: list[Words]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class Ambiguous(AdapterError):
    """It may have been done or not."""

    code = "uncertain"


class ManualActionRequired(AdapterError):
    """The platform offers no way; a person has to do it there by hand."""

    code = "manual"


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


@dataclass(frozen=True)
class Account(Generic[SettingsT, CredentialsT]):
    """The channel as an adapter sees it."""

    settings: SettingsT
    credentials: CredentialsT = field(repr=False)
    site_url: str
    read_photo: Callable[[str], bytes] = field(repr=False)
    """Bytes of a rendition by its address in the document. Raises OSError."""
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
class Capabilities:
    """What the platform can do. The admin tells people; the engine asks nothing it cannot do."""

    can_update: bool
    can_withdraw: bool
    can_look_up: bool


class MarketplaceAdapter(ABC, Generic[SettingsT, CredentialsT, PayloadT]):
    """One platform. `update` and `withdraw` must be safe to repeat; `create` never is repeated blindly."""

    label: ClassVar[Words]
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
