"""Viber: a message in a channel. A text, or one photo with a short text.

What Viber cannot do by program, and what happens instead:
- a message is neither changed nor deleted: a person does it in the app;
- it cannot be asked whether a message is there: an interrupted create stays uncertain until a person looks;
- it posts only while a webhook is set, though it tells nothing about the messages.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Never

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl

from cms import outgoing as http

from .base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Capabilities,
    ChannelCredentials,
    ChannelSettings,
    Checked,
    Farewell,
    Forged,
    IncomingCall,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    Payload,
    PhotoShape,
    Placed,
    RateLimited,
    RetryLater,
    Shown,
    Withdrawn,
)
from .header_secret import HeaderSecret
from .photos import Photo, document_photos
from .post import compose
from .registry import register

TEXT_LIMIT = 7000
CAPTION_LIMIT = 768
"""Of a text under a photo."""
SHAPE = PhotoShape(1024)
"""Viber takes a JPEG of up to 1 MB; one of this width stays well below."""
PAUSE = 60
"""Seconds after "too many requests", which does not say how long."""
DONE, BAD_URL, BAD_DATA, MISSING_DATA, NO_WEBHOOK, TOO_MANY = 0, 1, 3, 4, 10, 12
CONTENT_PROBLEMS = {BAD_URL, BAD_DATA, MISSING_DATA}


class ViberSettings(ChannelSettings):
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("Leave it as it is."))] = HttpUrl(
        "https://chatapi.viber.com"
    )
    per_minute: Annotated[int, Shown(_("Messages a minute"), _("Readers leave channels that write too often."))] = (
        Field(10, ge=1, le=600)
    )


class ViberCredentials(ChannelCredentials):
    token: Annotated[HeaderSecret, Shown(_("Channel token"), _("In Viber: the channel's settings, “Developer tools”."))]


class ViberPayload(Payload):
    text: str
    photo: Photo | None = None

    def identity(self) -> Any:
        return [self.text, self.photo.key if self.photo else None]


Channel = Account[ViberSettings, ViberCredentials]


@register("viber")
class ViberAdapter(MarketplaceAdapter[ViberSettings, ViberCredentials, ViberPayload]):
    label = "Viber"
    about = _(
        "Messages with one photo in your Viber channel. Bots made since 2024 are paid for: ask Viber for its terms. "
        "Viber lets no program change or delete a message: you will be asked to do it in the app. "
        "Press “Receive events” before the first message: Viber wants an address of ours (HTTPS)."
    )
    capabilities = Capabilities(
        can_update=False, can_withdraw=False, can_look_up=False, has_webhook=True, text_limit=CAPTION_LIMIT
    )
    Settings = ViberSettings
    Credentials = ViberCredentials
    Payload = ViberPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> ViberPayload:
        photos = document_photos(document, 1)
        limit = CAPTION_LIMIT if photos else TEXT_LIMIT
        text = compose(document, account.template, limit=limit, site_url=account.site_url)
        return ViberPayload(text=text.plain, photo=photos[0] if photos else None)

    def create(self, payload: ViberPayload, account: Channel) -> Placed:
        message = {"from": _sender(account), "type": "text", "text": payload.text}
        if payload.photo:
            message |= {"type": "picture", "media": _address(payload.photo, account)}
        answer = _call(account, "post", message, repeatable=False)
        number = str(answer.get("message_token", ""))
        return Placed({"message": number}, response=f"message {number}", key=number)

    def update(self, external: Mapping[str, Any], payload: ViberPayload, account: Channel) -> Placed:
        raise ManualActionRequired(
            _("Viber lets no program change a message. Delete it in the app and publish the car again, or leave it.")
        )

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        raise ManualActionRequired(_("Viber lets no program delete a message. Delete it in the app."))

    def lookup(self, payload: ViberPayload, account: Channel) -> LookedUp:
        return LookedUp("unknown")

    def adopt(self, payload: ViberPayload, address: str, since: datetime, account: Channel) -> Placed:
        # Messages have no addresses: the person's word is all there is.
        return Placed({"message": ""}, response="confirmed by a person")

    def check(self, account: Channel) -> Checked:
        try:
            info = _call(account, "get_account_info", {}, repeatable=True)
            _superadmin(info)
        except AdapterError as error:
            return Checked(False, error.words)
        name = str(info.get("name", ""))
        if not info.get("webhook"):
            words = _("The channel “%(name)s” is found, but Viber has no address of ours: press “Receive events”.")
            return Checked(False, words % {"name": name})
        return Checked(True, _("Everything works: channel “%(name)s”.") % {"name": name})

    def rate(self, account: Channel) -> tuple[str, int]:
        token = account.credentials.token.get_secret_value()
        # Nothing but the token names the channel.
        return f"viber {hashlib.sha256(token.encode()).hexdigest()[:16]}", account.settings.per_minute

    def connect_webhook(self, address: str, account: Channel) -> None:
        if not address.startswith("https://"):
            raise InvalidPayload([_("Viber takes only an address with HTTPS that can be reached from the internet.")])
        _call(account, "set_webhook", {"url": address, "event_types": []}, repeatable=True)

    def verify(self, call: IncomingCall, account: Channel) -> str:
        key = account.credentials.token.get_secret_value().encode()
        expected = hmac.new(key, call.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), call.headers.get("x-viber-content-signature", "").encode()):
            raise Forged
        return ""


def _sender(account: Channel) -> str:
    return _superadmin(_call(account, "get_account_info", {}, repeatable=True))


def _superadmin(info: Mapping[str, Any]) -> str:
    """In whose name the channel speaks."""
    members = info.get("members")
    for member in members if isinstance(members, list) else []:
        if isinstance(member, dict) and member.get("role") == "superadmin" and member.get("id"):
            return str(member["id"])
    raise AuthFailed(_("The channel has no chief administrator, in whose name messages appear. Appoint one in Viber."))


def _address(photo: Photo, account: Channel) -> str:
    return account.photo_address(photo.id, SHAPE)


def _call(account: Channel, method: str, body: Mapping[str, Any], *, repeatable: bool) -> dict[str, Any]:
    """`repeatable` says that doing it twice does no harm: then a lost answer is RetryLater, otherwise Ambiguous."""
    account.ensure_time()
    url = f"{str(account.settings.base_url).rstrip('/')}/pa/{method}"
    headers = {"X-Viber-Auth-Token": account.credentials.token.get_secret_value()}
    try:
        answer = http.request("POST", url, json=body, headers=headers)
    except http.AddressRefused:
        words = _("The API address leads into a private network. Correct it in the channel's settings.")
        raise AuthFailed(words) from None
    except http.NotSent:
        raise RetryLater(_("Viber cannot be reached.")) from None
    except http.AnswerLost:
        raise _lost(repeatable) from None
    found = answer.json
    if found is not None and isinstance(found.get("status"), int):
        if found["status"] == DONE:
            return found
        _raise_refusal(found["status"], str(found.get("status_message", ""))[:200])
    if answer.status == 429:
        raise RateLimited(PAUSE, _("Viber asks for a pause."))
    # Not Viber's own words: something in between answered, and says nothing of what Viber did.
    if answer.status >= 500 or 200 <= answer.status < 300:
        raise _lost(repeatable)
    raise AuthFailed(_("This is not the Viber API. Check the API address in the channel's settings."))


def _raise_refusal(status: int, words: str) -> Never:
    if status == TOO_MANY:
        raise RateLimited(PAUSE, _("Viber asks for a pause."))
    if status in CONTENT_PROBLEMS:
        said = _("Viber does not accept the post: %(words)s")
        raise InvalidPayload([said % {"words": f"{words} ({status})"}])
    if status == NO_WEBHOOK:
        raise AuthFailed(_("Viber has no address of ours: press “Receive events”, then check the connection."))
    # Token, rights, a blocked or unpaid account: no other listing would fare better.
    said = _("Viber refuses access: %(words)s. Check the token and the account, then the connection.")
    raise AuthFailed(said % {"words": f"{words} ({status})"})


def _lost(repeatable: bool) -> RetryLater | Ambiguous:
    if repeatable:
        return RetryLater(_("Viber has not answered."))
    return Ambiguous(_("Viber has not answered. The message may have appeared in the channel or not."))
