"""av.by by calls of its API, once av.by has given the dealer a contract: addresses and fields are configuration.

No public contract is known, and nothing of this has been tried against the real platform: without a mapping, which only
somebody with a contract can write, there is no such channel.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, HttpUrl

from cms import outgoing as http

from .avby_push_mapping import LONGEST, PHOTO_LIMIT, Call, PushMapping, at, checked, parse
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
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    Payload,
    Placed,
    RateLimited,
    RetryLater,
    Shown,
    Withdrawn,
)
from .header_secret import HeaderSecret
from .photos import document_photos
from .registry import register

PAUSE, LONGEST_PAUSE = 60, 3600
"""Seconds after "too many requests" that does not say how long; a longer pause is looked at again after an hour."""
MAPPING_HELP = _(
    "JSON that says which calls there are and which field goes where, by your contract; docs/adapters/avby_push.md has "
    "an example."
)


class AvbyPushSettings(ChannelSettings):
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("From your contract with av.by."))]
    mapping: Annotated[str, Shown(_("Mapping"), MAPPING_HELP), AfterValidator(checked)] = Field(max_length=LONGEST)
    per_minute: Annotated[int, Shown(_("Calls a minute"), _("From your contract with av.by."))] = Field(
        20, ge=1, le=3000
    )


class AvbyPushCredentials(ChannelCredentials):
    token: Annotated[HeaderSecret, Shown(_("Access key"), _("From your contract with av.by."))]


class AvbyPushPayload(Payload):
    uuid: str
    body: dict[str, Any]
    seen: dict[str, Any]
    """The body with photos named by what they show, not by the size that is sent."""

    def identity(self) -> Any:
        return self.seen


Channel = Account[AvbyPushSettings, AvbyPushCredentials]


@register("avby_push")
class AvbyPushAdapter(MarketplaceAdapter[AvbyPushSettings, AvbyPushCredentials, AvbyPushPayload]):
    label = _("av.by: by calls, with a contract")
    about = _(
        "Only for dealers to whom av.by has given access to its API: no public contract is known, and nothing of this "
        "has been tried against the real platform. Without a contract, use the feed."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True)
    Settings = AvbyPushSettings
    Credentials = AvbyPushCredentials
    Payload = AvbyPushPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> AvbyPushPayload:
        mapping, keys = _mapping(account), [photo.key for photo in document_photos(document, PHOTO_LIMIT)]
        body = mapping.body(document, account.site_url)
        return AvbyPushPayload(uuid=document["uuid"], body=body, seen=mapping.body(document, account.site_url, keys))

    def create(self, payload: AvbyPushPayload, account: Channel) -> Placed:
        mapping = _mapping(account)
        answer = _call(account, mapping.create, payload.body, uuid=payload.uuid, repeatable=False)
        number = at(answer, mapping.id)
        if not number:
            raise Ambiguous(_("The answer has no number of the ad. Look at the platform, and correct the mapping."))
        return _placed(payload, number, at(answer, mapping.address))

    def update(self, external: Mapping[str, Any], payload: AvbyPushPayload, account: Channel) -> Placed:
        number, address = _known_ad(external), str(external.get("address", ""))
        try:
            _call(account, _mapping(account).update, payload.body, id=number, uuid=payload.uuid)
        except Gone:
            words = _("The ad is no longer on the platform: somebody deleted it there. Publish it again.")
            raise InvalidPayload([words]) from None
        return _placed(payload, number, address, response="changed")

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        call = _mapping(account).withdraw
        try:
            _call(account, call, call.body, id=_known_ad(external), uuid=str(external.get("uuid", "")))
        except Gone:
            return Withdrawn(removed=True, response="not found")
        return Withdrawn(removed=True, response="withdrawn")

    def lookup(self, payload: AvbyPushPayload, account: Channel) -> LookedUp:
        find = _mapping(account).find
        if find is None:
            return LookedUp("unknown")
        try:
            answer = _call(account, Call(method="GET", path=find.path), None, uuid=payload.uuid)
        except Gone:
            return LookedUp("absent")
        if answer is None:
            # Not the platform's own words: something in between answered.
            return LookedUp("unknown")
        number = at(answer, find.id)
        if not number:
            return LookedUp("absent")
        return LookedUp("found", _placed(payload, number, at(answer, find.address)))

    def adopt(self, payload: AvbyPushPayload, address: str, since: datetime, account: Channel) -> Placed:
        found = self.lookup(payload, account)
        if found.placed:
            return found.placed
        return _placed(payload, "", address.strip(), response="confirmed by a person")

    def check(self, account: Channel) -> Checked:
        call = _mapping(account).check
        try:
            _call(account, call, call.body)
        except AdapterError as error:
            return Checked(False, error.words)
        return Checked(True, _("The platform answers and accepts the access key."))

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"avby_push {account.settings.base_url}", account.settings.per_minute


class Gone(InvalidPayload):
    """The platform knows no such ad."""


def _mapping(account: Channel) -> PushMapping:
    return parse(account.settings.mapping)


def _placed(payload: AvbyPushPayload, number: str, address: str, *, response: str = "") -> Placed:
    address = _public(address)
    external = {"id": number, "uuid": payload.uuid, "address": address}
    return Placed(external, address, response=response or f"ad {number}", key=number)


def _known_ad(external: Mapping[str, Any]) -> str:
    if not external.get("id"):
        raise ManualActionRequired(_("It is not known which ad this is. Change or delete it on the platform yourself."))
    return str(external["id"])


def _call(account: Channel, call: Call, body: Any, *, repeatable: bool = True, **names: str) -> Any:
    """The answer's JSON. `repeatable`: doing it twice does no harm. Raises Gone besides the usual."""
    account.ensure_time()
    mapping, path = _mapping(account), call.path
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    token = f"{mapping.authorization.prefix}{account.credentials.token.get_secret_value()}"
    url = f"{str(account.settings.base_url).rstrip('/')}{path}"
    try:
        answer = http.request(call.method, url, json=body, headers={mapping.authorization.header: token})
    except http.AddressRefused:
        words = _("The API address leads into a private network. Correct it in the channel's settings.")
        raise AuthFailed(words) from None
    except http.NotSent:
        raise RetryLater(_("The platform cannot be reached.")) from None
    except http.AnswerLost:
        raise _lost(repeatable) from None
    if 200 <= answer.status < 300:
        return answer.json
    raise _refusal(answer, mapping, repeatable)


def _refusal(answer: http.Answer, mapping: PushMapping, repeatable: bool) -> AdapterError:
    status, meant = answer.status, mapping.statuses
    said = at(answer.json, mapping.problem)[:200] or str(status)
    if status in meant.rate_limited:
        after = answer.headers.get("retry-after", "")
        pause = min(float(after), LONGEST_PAUSE) if after.isascii() and after.isdigit() else PAUSE
        return RateLimited(pause, _("The platform asks for a pause."))
    if status in meant.auth:
        return AuthFailed(_("The platform does not accept the access key. Enter it again in the channel's settings."))
    if status in meant.gone:
        return Gone([_("The platform knows no such address or ad: %(words)s") % {"words": said}])
    if status in meant.invalid:
        return InvalidPayload([_("The platform does not accept the ad: %(words)s") % {"words": said}])
    if status >= 500:
        return _lost(repeatable)
    return AuthFailed(_("The platform answers %(status)d, of which the mapping says nothing.") % {"status": status})


def _lost(repeatable: bool) -> RetryLater | Ambiguous:
    if repeatable:
        return RetryLater(_("The platform has not answered, or has a failure of its own."))
    return Ambiguous(_("The platform has not said whether it is done. The ad may have appeared or not."))


def _public(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname and len(address) <= 300 else ""
