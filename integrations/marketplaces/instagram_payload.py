"""What an Instagram channel is set up with, and what a post consists of."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl, ValidationInfo, field_validator

from .base import Account, ChannelSettings, InvalidPayload, Payload, PhotoShape, Shown, Words
from .meta_api import FACEBOOK_HOST, INSTAGRAM_HOST, PER_MINUTE, VERSION, VERSION_PATTERN, Graph, MetaCredentials
from .photos import Photo, document_photos
from .post import compose

CAPTION_LIMIT, HASHTAGS, MENTIONS = 2200, 30, 20
CAROUSEL_LIMIT = 10
NARROWEST, WIDEST = 320, 1440
SLIMMEST, BROADEST = 0.8, 1.91
"""Width by height of what Instagram takes."""
MARGIN = 0.01
"""Of a carousel's ratio: pixels are whole, so a crop is never exact."""


class InstagramSettings(ChannelSettings):
    ig_user_id: Annotated[
        str, Shown(_("Account number"), _("Instagram's number of the professional account, not its @name."))
    ] = Field(pattern=r"^\d{5,25}$")
    login: Annotated[
        Literal["instagram", "facebook"],
        Shown(
            _("How the app logs in"),
            _("Only with Facebook Login can posts be deleted by program."),
            (("instagram", "Instagram Login"), ("facebook", "Facebook Login")),
        ),
    ] = "instagram"
    when_changed: Annotated[
        Literal["ask", "replace"],
        Shown(
            _("When a published car changes"),
            _("Instagram changes no captions. Replacing loses likes and comments and needs Facebook Login."),
            (("ask", _("Ask a person")), ("replace", _("Delete the post and publish a new one"))),
        ),
    ] = "ask"
    api_version: Annotated[str, Shown(_("API version"), _("Meta names it like v25.0."))] = Field(
        VERSION, pattern=VERSION_PATTERN
    )
    base_url: Annotated[HttpUrl | None, Shown(_("API address"), _("Leave it empty: Meta's own address is used."))] = (
        None
    )
    per_minute: Annotated[int, Shown(_("Steps a minute"), _("A post takes about three steps."))] = Field(
        PER_MINUTE, ge=1, le=3000
    )

    @field_validator("when_changed")
    @classmethod
    def _only_facebook_login_deletes(cls, value: str, info: ValidationInfo) -> str:
        if value == "replace" and info.data.get("login") != "facebook":
            raise ValueError("replacing needs Facebook Login")
        return value


Channel = Account[InstagramSettings, MetaCredentials]


class InstagramPayload(Payload):
    caption: str
    photos: tuple[Photo, ...]

    def identity(self) -> Any:
        return [self.caption, [photo.key for photo in self.photos]]

    def shape(self) -> PhotoShape:
        """Of all photos: Instagram crops a carousel to its first one, so they are cropped around their focus before."""
        if len(self.photos) == 1:
            return PhotoShape(WIDEST, SLIMMEST, BROADEST)
        ratio = _within(self.photos[0], SLIMMEST + MARGIN, BROADEST - MARGIN)
        return PhotoShape(WIDEST, ratio, ratio)


def graph(account: Channel) -> Graph:
    settings = account.settings
    host = INSTAGRAM_HOST if settings.login == "instagram" else FACEBOOK_HOST
    root = str(settings.base_url or host).rstrip("/")
    return Graph(root, settings.api_version, account.credentials.token, account.ensure_time)


def render(document: Mapping[str, Any], account: Channel) -> InstagramPayload:
    """Raises InvalidPayload where there is no photo, or one is too small."""
    photos = document_photos(document, CAROUSEL_LIMIT)
    if not photos:
        raise InvalidPayload([_("Instagram needs at least one photo: add one to the listing.")])
    text = compose(document, account.template, limit=CAPTION_LIMIT, site_url=account.site_url)
    payload = InstagramPayload(caption=harmless(text.plain), photos=photos)
    shape = payload.shape()
    problems: list[Words] = [
        _("Photo %(place)d is too small for Instagram: it needs at least %(width)d pixels of width after cropping.")
        % {"place": place, "width": NARROWEST}
        for place, photo in enumerate(photos, start=1)
        if _cropped_width(photo, shape) < NARROWEST
    ]
    if problems:
        raise InvalidPayload(problems)
    return payload


def harmless(caption: str) -> str:
    """The caption with no more hashtags and mentions than Instagram takes; further ones lose their effect."""
    return _only_first(_only_first(caption, "#", HASHTAGS, ""), "@", MENTIONS, "\N{FULLWIDTH COMMERCIAL AT}")


def _only_first(text: str, sign: str, count: int, instead: str) -> str:
    parts = text.split(sign)
    return sign.join(parts[: count + 1]) + "".join(instead + part for part in parts[count + 1 :])


def _within(photo: Photo, least: float, most: float) -> float:
    return min(max(photo.width / photo.height, least), most)


def _cropped_width(photo: Photo, shape: PhotoShape) -> float:
    return min(photo.width, photo.height * _within(photo, shape.min_ratio, shape.max_ratio))
