"""Calls of the VK API for a community's wall and goods, and what its answers mean."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Never

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl, SecretStr

from cms import outgoing as http

from .base import (
    Account,
    Ambiguous,
    AuthFailed,
    ChannelCredentials,
    ChannelSettings,
    InvalidPayload,
    RateLimited,
    RetryLater,
    Shown,
    Words,
)
from .photos import Photo

TOO_FAST, TOO_FAST_PAUSE, TOO_FAST_TRIES = 6, 1.0, 4
"""VK counts calls by the second: one second later the same call goes through."""
PAUSES = {6: 5, 9: 600, 29: 3600, 214: 3600}
"""Seconds after: too many calls a second, flood control, a method's own limit, posts of a day."""
FAILURES = {1, 10}
"""VK's own failures, which say nothing of what was done."""
CAPTCHA = 14
ACCESS = {5, 7, 15, 17, 18, 20, 23, 24, 27, 28, 30, 203, 204, 205, 1400}
"""Token, rights, a person's confirmation, a community without goods: no other listing would fare better."""
NOT_FOUND = {104, 1403}
REFUSED_OBJECT = {15, 100, 210}
"""What VK says of a post that is deleted, and of much else."""


class VkSettings(ChannelSettings):
    group_id: Annotated[
        str, Shown(_("Community number"), _("Digits only, as in vk.com/club123456789. It stands in its settings."))
    ] = Field(pattern=r"^[1-9]\d{0,14}$")
    api_version: Annotated[str, Shown(_("API version"), _("VK names it like 5.199."))] = Field(
        "5.199", pattern=r"^5\.\d{1,3}$"
    )
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("Leave it as it is."))] = HttpUrl("https://api.vk.com")
    post_url: Annotated[HttpUrl, Shown(_("Address of posts"), _("Where links to posts lead."))] = HttpUrl(
        "https://vk.com"
    )
    per_minute: Annotated[
        int, Shown(_("Posts a minute"), _("VK limits posts of a day and stops accounts that hurry."))
    ] = Field(10, ge=1, le=600)


class VkCredentials(ChannelCredentials):
    token: Annotated[
        SecretStr,
        Shown(
            _("Access token"),
            _("Of an administrator of the community, with the rights wall, photos, market, groups and offline."),
        ),
    ]


class Refused(InvalidPayload):
    """VK's own words, and its number of the error."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__([_("VK does not accept the post: %(words)s") % {"words": f"{words} ({code})"}])
        self.number = code


class Denied(AuthFailed):
    """Not allowed, which may concern one post alone."""

    def __init__(self, code: int, words: Words) -> None:
        super().__init__(words)
        self.number = code


@dataclass(frozen=True)
class Vk:
    """One community's access.

    `repeatable` says that doing it twice does no harm: then a lost answer is RetryLater, otherwise Ambiguous.
    """

    root: str
    version: str
    token: SecretStr = field(repr=False)
    ensure_time: Callable[[], None] = field(repr=False)

    def call(self, method: str, params: Mapping[str, str], *, repeatable: bool = True) -> Any:
        """The method's `response`."""
        for left in reversed(range(TOO_FAST_TRIES)):
            body = self._send(method, params, repeatable)
            error = body.get("error")
            if not isinstance(error, dict):
                return body["response"]
            if error.get("error_code") != TOO_FAST or not left:
                _raise_refusal(error, repeatable)
            time.sleep(TOO_FAST_PAUSE)
        raise AssertionError("the last round returns or raises")

    def upload(self, url: str, name: str, content: bytes) -> dict[str, Any]:
        """Brings a photo where VK said it wants it. The token does not go there."""
        self.ensure_time()
        try:
            answer = http.post(url, files={name: ("photo.jpg", content, "image/jpeg")})
        except http.HttpProblem:
            raise RetryLater(_("VK does not take the photos just now.")) from None
        body = answer.json
        if answer.status != 200 or body is None or "error" in body:
            raise RetryLater(_("VK does not take the photos just now."))
        if not body.get("photo") or body["photo"] == "[]":
            raise InvalidPayload([_("VK does not take a photo of this listing. Exchange the photo.")])
        return body

    def _send(self, method: str, params: Mapping[str, str], repeatable: bool) -> dict[str, Any]:
        self.ensure_time()
        access = {"access_token": self.token.get_secret_value(), "v": self.version}
        try:
            answer = http.post(f"{self.root}/method/{method}", data={**params, **access})
        except http.AddressRefused:
            words = _("The API address leads into a private network. Correct it in the channel's settings.")
            raise AuthFailed(words) from None
        except http.NotSent:
            raise RetryLater(_("VK cannot be reached.")) from None
        except http.AnswerLost:
            raise _lost(repeatable) from None
        body = answer.json
        if body is not None and ("response" in body or isinstance(body.get("error"), dict)):
            return body
        if answer.status == 429:
            raise RateLimited(PAUSES[TOO_FAST], _("VK asks for a pause."))
        # Not VK's own words: something in between answered, and says nothing of what VK did.
        if answer.status >= 500 or 200 <= answer.status < 300:
            raise _lost(repeatable)
        raise AuthFailed(_("This is not the VK API. Check the API address in the channel's settings."))


def open_vk(account: Account[Any, VkCredentials]) -> Vk:
    settings: VkSettings = account.settings
    root = str(settings.base_url).rstrip("/")
    return Vk(root, settings.api_version, account.credentials.token, account.ensure_time)


def owner(account: Account[Any, VkCredentials]) -> str:
    """Communities are owners with a minus."""
    return f"-{account.settings.group_id}"


def read_photo(account: Account[Any, VkCredentials], photo: Photo) -> bytes:
    return account.read_photo(photo.url)


def upload_missing(
    photos: Sequence[Photo], known: Sequence[str], upload_one: Callable[[Photo, bool], str]
) -> tuple[str, ...]:
    """Uploads what is not known yet; as many as time and platform let through, at least one.

    `upload_one` gets the photo and whether it is the first. `known` are those of the first photos.
    """
    uploaded = list(known)
    for photo in photos[len(known) :]:
        try:
            uploaded.append(upload_one(photo, not uploaded))
        except (RetryLater, RateLimited):
            if len(uploaded) == len(known):
                raise
            break
    return tuple(uploaded)


def community_name(account: Account[Any, VkCredentials]) -> str:
    answer = open_vk(account).call("groups.getById", {"group_id": account.settings.group_id})
    groups = answer.get("groups") if isinstance(answer, dict) else answer
    return str(groups[0].get("name") or account.settings.group_id) if groups else account.settings.group_id


def items_of(answer: Any) -> list[dict[str, Any]]:
    """Lists come as they are or as {"items": […]}, by the version of the API."""
    items = answer.get("items", []) if isinstance(answer, dict) else answer
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _raise_refusal(error: Mapping[str, Any], repeatable: bool) -> Never:
    code, words = int(error.get("error_code") or 0), str(error.get("error_msg", ""))[:200]
    if code in FAILURES:
        raise _lost(repeatable)
    if code in PAUSES:
        raise RateLimited(PAUSES[code], _("VK asks for a pause."))
    if code == CAPTCHA:
        raise AuthFailed(
            _(
                "VK wants to make sure that a person is there (captcha). Open the community in a browser, post "
                "something by hand, let fewer posts a minute through, then check the connection."
            )
        )
    if code in ACCESS:
        said = _("VK refuses access: %(words)s. Check the token and its rights, then the connection.")
        raise Denied(code, said % {"words": f"{words} ({code})"})
    raise Refused(code, words)


def _lost(repeatable: bool) -> RetryLater | Ambiguous:
    if repeatable:
        return RetryLater(_("VK has not answered, or has a failure of its own."))
    return Ambiguous(_("VK has not said whether it is done. The post may have appeared in the community or not."))
