"""A webhook of somebody's own system, signed by the scheme of Standard Webhooks.

Receivers drop what they know by its `webhook-id`, so that an unclear delivery is simply repeated with the same one:
it is drawn in a first step of its own and kept. docs/adapters/webhook.md tells receivers what to do.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from cms import outgoing as http

from .base import (
    Account,
    AdapterError,
    AuthFailed,
    Capabilities,
    ChannelCredentials,
    ChannelSettings,
    Checked,
    Farewell,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    NotYet,
    Payload,
    Placed,
    RateLimited,
    RetryLater,
    Shown,
    Withdrawn,
)
from .photos import document_photos
from .registry import register
from .webhook_event import (
    PHOTO_LIMIT,
    EventListing,
    ListingGone,
    ListingPut,
    Nothing,
    WebhookEvent,
    Withdrawal,
    event_listing,
)

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""As Standard Webhooks asks for."""
READ_TIMEOUT = 20.0
"""Seconds: a receiver takes the event and works on it afterwards."""
PAUSE, LONGEST_PAUSE = 60, 3600
"""Seconds after a 429 that does not say how long; a longer pause is looked at again after an hour."""
LONGEST_ADDRESS = 500
NOT_NOW = {408, 425}


class WebhookSettings(ChannelSettings):
    url: Annotated[str, Shown(_("Address"), _("Where your system takes events, with https://."))] = Field(
        pattern=r"^https?://[^\s/?#]+[^\s]*$", max_length=LONGEST_ADDRESS
    )
    with_vin: Annotated[bool, Shown(_("With the whole VIN"), _("Only for systems that may know it."))] = False
    per_minute: Annotated[int, Shown(_("Events a minute"))] = Field(120, ge=1, le=6000)


class WebhookCredentials(ChannelCredentials):
    secret: Annotated[
        SecretStr, Shown(_("Secret"), _("whsec_ and 24 to 64 random bytes in base64; the receiver has the same."))
    ]
    previous_secret: Annotated[
        SecretStr, Shown(_("Earlier secret"), _("Only while a secret is exchanged: events are signed with both."))
    ] = SecretStr("")

    @field_validator("secret", "previous_secret")
    @classmethod
    def _is_a_key(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if value or info.field_name == "secret":
            _key(value)
        return value


class WebhookPayload(Payload):
    listing: EventListing
    photo_keys: tuple[str, ...]

    def identity(self) -> Any:
        return [self.listing.model_dump(mode="json", exclude={"photos"}), list(self.photo_keys)]


Channel = Account[WebhookSettings, WebhookCredentials]


@register("webhook")
class WebhookAdapter(MarketplaceAdapter[WebhookSettings, WebhookCredentials, WebhookPayload]):
    label = _("Webhook of your own system")
    about = _("Tells a system of yours (CRM, 1C, a site) about every car as it is published, changed and withdrawn.")
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True)
    Settings = WebhookSettings
    Credentials = WebhookCredentials
    Payload = WebhookPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> WebhookPayload:
        listing = event_listing(document, site_url=account.site_url, with_vin=account.settings.with_vin)
        keys = tuple(photo.key for photo in document_photos(document, PHOTO_LIMIT))
        return WebhookPayload(listing=listing, photo_keys=keys)

    def create(self, payload: WebhookPayload, account: Channel) -> Placed:
        chain = str(account.progress.get("chain", ""))
        if not chain:
            # Drawn and kept before anything leaves: a repetition has the same id.
            raise NotYet({"chain": uuid.uuid4().hex}, 0)
        return _put("listing.published", payload, account, {"chain": chain, "number": 0})

    def update(self, external: Mapping[str, Any], payload: WebhookPayload, account: Channel) -> Placed:
        return _put("listing.updated", payload, account, _next(external))

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        reason = "renewed" if goodbye.renewed else "sold" if goodbye.sold else "withdrawn"
        withdrawal = Withdrawal.model_validate({"id": external["listing"], "title": goodbye.title, "reason": reason})
        event = WebhookEvent(type="listing.withdrawn", timestamp=account.now(), data=ListingGone(listing=withdrawal))
        _send(account, _event_id(_next(external), reason), event)
        return Withdrawn(removed=True, response="delivered")

    def lookup(self, payload: WebhookPayload, account: Channel) -> LookedUp:
        # Sent again with the id that the receiver knows, if it has it at all.
        return LookedUp("absent")

    def adopt(self, payload: WebhookPayload, address: str, since: datetime, account: Channel) -> Placed:
        external = {"chain": uuid.uuid4().hex, "number": 0, "listing": payload.listing.id}
        return Placed(external, _public(address), response="confirmed by a person", key=payload.listing.id)

    def check(self, account: Channel) -> Checked:
        event = WebhookEvent(type="channel.checked", timestamp=account.now(), data=Nothing())
        try:
            _send(account, f"msg_{uuid.uuid4().hex}", event)
        except AdapterError as error:
            return Checked(False, error.words)
        return Checked(True, _("Everything works: your system has taken a test event."))

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"webhook {account.settings.url}", account.settings.per_minute


def _put(kind: str, payload: WebhookPayload, account: Channel, place: Mapping[str, Any]) -> Placed:
    data = ListingPut(listing=payload.listing)
    event = WebhookEvent.model_validate({"type": kind, "timestamp": account.now(), "data": data})
    answer = _send(account, _event_id(place, payload.digest()), event)
    address = _public(str((answer.json or {}).get("url", "")))
    external = {**place, "listing": payload.listing.id}
    return Placed(external, address, response=f"delivered, {answer.status}", key=payload.listing.id)


def _next(external: Mapping[str, Any]) -> dict[str, Any]:
    if not external.get("chain"):
        raise ManualActionRequired(_("It is not known what your system was told. Change the car there yourself."))
    return {"chain": external["chain"], "number": int(external["number"]) + 1}


def _event_id(place: Mapping[str, Any], content: str) -> str:
    """The same for a repetition, another for everything else, also for the same car published a second time."""
    name = f"{place['chain']}.{place['number']}.{content}"
    return f"msg_{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _send(account: Channel, event_id: str, event: WebhookEvent) -> http.Answer:
    account.ensure_time()
    body = event.model_dump_json().encode()
    moment = str(int(account.now().timestamp()))
    secrets = [account.credentials.secret, account.credentials.previous_secret]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_sign(secret, event_id, moment, body) for secret in secrets if secret),
    }
    try:
        answer = http.request("POST", account.settings.url, content=body, headers=headers, read_timeout=READ_TIMEOUT)
    except http.AddressRefused:
        words = _("The address leads into a private network. Correct it in the channel's settings.")
        raise AuthFailed(words) from None
    except http.HttpProblem:
        # May have arrived or not: repeating it does no harm.
        raise RetryLater(_("Your system has not answered.")) from None
    _raise_refusal(answer)
    return answer


def _raise_refusal(answer: http.Answer) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 410:
        raise AuthFailed(
            _("Your system wants no more events (410). Switch the channel off, or set its address up anew.")
        )
    if status == 429:
        raise RateLimited(_pause(answer), _("Your system asks for a pause."))
    if status >= 500 or status in NOT_NOW:
        raise RetryLater(_("Your system has a failure (%(status)d).") % {"status": status})
    if status in {401, 403, 404, 405} or status < 400:
        words = _("Your system does not take events at this address (%(status)d). Check the address and the secret.")
        raise AuthFailed(words % {"status": status})
    raise InvalidPayload([_("Your system does not accept the car (%(status)d).") % {"status": status}])


def _pause(answer: http.Answer) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said), LONGEST_PAUSE) if said.isascii() and said.isdigit() else PAUSE


def _sign(secret: SecretStr, event_id: str, moment: str, body: bytes) -> str:
    content = f"{event_id}.{moment}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()}"


def _key(secret: SecretStr) -> bytes:
    """Raises ValueError, which never quotes it."""
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if len(key) not in KEY_BYTES:
        raise ValueError("not 24 to 64 bytes")
    return key


def _public(address: str) -> str:
    """Where the receiver shows the car, if it says so; whatever it says is hostile."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    fits = parts.scheme in {"http", "https"} and parts.hostname and len(address) <= LONGEST_ADDRESS
    return address.strip() if fits else ""
