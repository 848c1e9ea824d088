"""What a Telegram channel is set up with, and what a post consists of."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl, SecretStr

from .base import ChannelCredentials, ChannelSettings, InvalidPayload, Payload, Shown, Words
from .photos import Photo, document_photos

CAPTION_LIMIT, TEXT_LIMIT = 1024, 4096
"""Telegram counts UTF-16 units after it has parsed the entities."""
ALBUM_LIMIT = 10
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


class TelegramPayload(Payload):
    text: str
    photos: tuple[Photo, ...] = ()

    def identity(self) -> Any:
        return [self.text, [photo.key for photo in self.photos]]


def album(document: Mapping[str, Any]) -> tuple[Photo, ...]:
    """As many photos as a post takes. Raises InvalidPayload for shapes that Telegram refuses."""
    photos = document_photos(document, ALBUM_LIMIT)
    problems: list[Words] = [
        _("Photo %(place)d is too long and narrow for Telegram: crop it.") % {"place": place}
        for place, photo in enumerate(photos, start=1)
        if _too_long(photo)
    ]
    if problems:
        raise InvalidPayload(problems)
    return photos


def _too_long(photo: Photo) -> bool:
    short, long = sorted((photo.width, photo.height))
    return short + long > MAX_PHOTO_SIDES or long > short * MAX_PHOTO_RATIO
