"""What a Telegram channel is set up with, and what a post consists of."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl, SecretStr

from .base import ChannelCredentials, ChannelSettings, InvalidPayload, Payload, Shown, Words

ALBUM_LIMIT = 10
WIDEST_PHOTO = 1600
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20


class TelegramSettings(ChannelSettings):
    chat_id: Annotated[str, Shown(_("Channel"), _("@name of a public channel, or its number like -1001234567890."))] = (
        Field(pattern=r"^(@[A-Za-z][A-Za-z0-9_]{3,31}|-?\d{4,20})$")
    )
    base_url: Annotated[
        HttpUrl, Shown(_("API address"), _("Change it only if your company runs its own Bot API server."))
    ] = HttpUrl("https://api.telegram.org")
    post_url: Annotated[HttpUrl, Shown(_("Address of posts"), _("Where links to posts lead."))] = HttpUrl(
        "https://t.me"
    )
    per_minute: Annotated[
        int, Shown(_("Messages a minute"), _("Telegram allows about 20 in a channel. Each photo of an album counts."))
    ] = Field(20, ge=1, le=3000)


class TelegramCredentials(ChannelCredentials):
    token: Annotated[SecretStr, Shown(_("Bot token"), _("@BotFather gives it: 123456789:AA…"))]


class Photo(Payload):
    key: str
    """Names the picture, not its size: a larger rendition that appears later is the same photo."""
    url: str


class TelegramPayload(Payload):
    text: str
    photos: tuple[Photo, ...] = ()

    def identity(self) -> Any:
        return [self.text, [photo.key for photo in self.photos]]


def photos_of(document: Mapping[str, Any]) -> tuple[Photo, ...]:
    """JPEG renditions of the document's photos. Raises InvalidPayload for shapes that Telegram refuses."""
    photos: list[Photo] = []
    problems: list[Words] = []
    for place, item in enumerate(document["photos"][:ALBUM_LIMIT], start=1):
        sources = sorted(item["sources"]["jpeg"], key=lambda source: source["width"])
        source = next((s for s in reversed(sources) if s["width"] <= WIDEST_PHOTO), sources[0])
        width, height = source["width"], source["width"] * item["height"] / item["width"]
        if width + height > MAX_PHOTO_SIDES or max(width, height) / min(width, height) > MAX_PHOTO_RATIO:
            problems.append(_("Photo %(place)d is too long and narrow for Telegram: crop it.") % {"place": place})
        # A rendition is called "<name of the picture>.<size>.<format>"; an exchanged picture gets another name.
        name = PurePosixPath(unquote(urlsplit(source["url"]).path)).name.split(".", 1)[0]
        photos.append(Photo(key=f"{item['id']}:{name}", url=source["url"]))
    if problems:
        raise InvalidPayload(problems)
    return tuple(photos)
