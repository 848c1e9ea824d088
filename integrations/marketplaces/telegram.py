"""Telegram: a post in a channel. Text, photo or album, by the number of photos.

What Telegram cannot do, and what happens instead:
- it cannot tell whether a post exists: an interrupted create stays uncertain until a person looks;
- it deletes only posts younger than 48 hours: older ones are edited to "Продано" or "Снято с продажи";
- an album neither grows nor becomes a text: photos are exchanged in place, surplus ones are deleted while that is
  possible, additional ones are left to the site, and the publication says so.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import (
    Account,
    AdapterError,
    Ambiguous,
    Capabilities,
    Checked,
    Event,
    Farewell,
    IncomingCall,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    Placed,
    Withdrawn,
    Words,
)
from .photos import Photo
from .post import compose, farewell
from .registry import register
from .telegram_api import Files, Refused, call
from .telegram_payload import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    TelegramCredentials,
    TelegramPayload,
    TelegramSettings,
    album,
)
from .telegram_webhook import post_key, reaction_counts, require_secret, webhook_settings

MAX_PHOTO_BYTES = 10 * 1024 * 1024
DELETABLE_FOR = timedelta(hours=47, minutes=50)
"""Telegram deletes for 48 hours; the margin covers clocks and queues."""
TEXT_OPTIONS = {"parse_mode": "HTML", "link_preview_options": json.dumps({"is_disabled": True})}
POST_ADDRESS = re.compile(r"^https?://[^\s/]+/(?:c/)?[A-Za-z0-9_]+/(?P<id>\d{1,12})(?:\?.*)?$")


class PostGone(InvalidPayload):
    """Somebody deleted the post in the channel."""


Channel = Account[TelegramSettings, TelegramCredentials]


@register("telegram")
class TelegramAdapter(MarketplaceAdapter[TelegramSettings, TelegramCredentials, TelegramPayload]):
    label = "Telegram"
    about = _("Posts with photos in your Telegram channel, through a bot that is its administrator.")
    capabilities = Capabilities(
        can_update=True, can_withdraw=True, can_look_up=False, has_webhook=True, text_limit=CAPTION_LIMIT
    )
    Settings = TelegramSettings
    Credentials = TelegramCredentials
    Payload = TelegramPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> TelegramPayload:
        photos = album(document)
        limit = CAPTION_LIMIT if photos else TEXT_LIMIT
        text = compose(document, account.template, limit=limit, site_url=account.site_url, rich=True)
        return TelegramPayload(text=text.html, photos=photos)

    def create(self, payload: TelegramPayload, account: Channel) -> Placed:
        method, params, files = _message(payload, account)
        result = _call(account, method, params, files=files, repeatable=False)
        messages = result if isinstance(result, list) else [result]
        if len(messages) != max(1, len(payload.photos)):
            raise Ambiguous(_("Telegram's answer is not complete. Look into the channel."))
        external = {
            "username": messages[0]["chat"].get("username", ""),
            "sent_at": account.now().isoformat(),
            "messages": [
                # With its chat: the channel's setting may change, the post stays where it is.
                {
                    "chat": str(message["chat"]["id"]),
                    "id": message["message_id"],
                    "photo": photo.key if photo else None,
                }
                for message, photo in zip(messages, payload.photos or (None,), strict=True)
            ],
        }
        ids = ", ".join(str(message["message_id"]) for message in messages)
        return Placed(external, _address(account, external), response=f"message_id {ids}", key=_key(external))

    def update(self, external: Mapping[str, Any], payload: TelegramPayload, account: Channel) -> Placed:
        messages = _known_messages(external)
        if messages[0]["photo"] and not payload.photos:
            raise ManualActionRequired(
                _(
                    "The listing has no photos any more, and Telegram does not turn a photo into a text. "
                    "Change or delete the post in the channel."
                )
            )
        kept = [
            _exchange(account, message, photo, payload.text if index == 0 else "")
            for index, (message, photo) in enumerate(zip(messages, payload.photos or (None,), strict=False))
        ]
        surplus = messages[len(kept) :]
        note: Words = ""
        if surplus and not _delete(account, external, surplus):
            kept += surplus
            note = _("Photos that you removed stay in the post: Telegram deletes nothing older than 48 hours.")
        elif len(payload.photos) > len(kept):
            note = _("New photos are only on the site: Telegram does not add photos to a post.")
        changed = {**external, "messages": kept}
        return Placed(changed, _address(account, changed), note=note, response="edited", key=_key(changed))

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        messages = _known_messages(external)
        if _delete(account, external, messages):
            return Withdrawn(removed=True, response="deleted")
        text = farewell(goodbye).html
        try:
            _edit_words(account, messages[0], text)
        except PostGone:
            return Withdrawn(removed=True, response="not found")
        note = _("The post is older than 48 hours and cannot be deleted: it is crossed out in the channel.")
        return Withdrawn(removed=False, note=note, response="edited")

    def lookup(self, payload: TelegramPayload, account: Channel) -> LookedUp:
        return LookedUp("unknown")

    def adopt(self, payload: TelegramPayload, address: str, since: datetime, account: Channel) -> Placed:
        if not address.strip():
            return Placed({})
        link, root = address.strip(), str(account.settings.post_url).rstrip("/")
        # Posts may stand below a path, as the sandbox's do.
        found = POST_ADDRESS.search(f"https://t.me{link.removeprefix(root)}" if link.startswith(f"{root}/") else link)
        if not found:
            raise InvalidPayload([_("Copy the post's link in Telegram: it looks like https://t.me/name/123.")])
        first = int(found["id"])
        # Telegram numbers the photos of an album one after another, from the one that the link names.
        messages = [
            {"chat": account.settings.chat_id, "id": first + index, "photo": photo.key if photo else None}
            for index, photo in enumerate(payload.photos or (None,))
        ]
        external = {"username": "", "sent_at": since.isoformat(), "messages": messages}
        return Placed(external, address.strip(), response="confirmed by a person", key=_key(external))

    def check(self, account: Channel) -> Checked:
        try:
            bot = _call(account, "getMe", {}, repeatable=True)
            chat = _call(account, "getChat", {}, repeatable=True)
            member = _call(account, "getChatMember", {"user_id": str(bot["id"])}, repeatable=True)
        except AdapterError as error:
            return Checked(False, error.words)
        name = chat.get("title") or chat.get("username") or account.settings.chat_id
        if member.get("status") not in {"administrator", "creator"}:
            words = _("The channel “%(name)s” is found, but the bot @%(bot)s is not its administrator: make it one.")
            return Checked(False, words % {"name": name, "bot": bot.get("username", "")})
        words = _("Everything works: bot @%(bot)s, channel “%(name)s”.")
        return Checked(True, words % {"name": name, "bot": bot.get("username", "")})

    def rate(self, account: Channel) -> tuple[str, int]:
        settings = account.settings
        return f"{settings.base_url}{settings.chat_id}", settings.per_minute

    def cost(self, payload: TelegramPayload) -> int:
        return max(1, len(payload.photos))

    def connect_webhook(self, address: str, account: Channel) -> None:
        _call(account, "setWebhook", webhook_settings(address, account.webhook_secret), repeatable=True)

    def verify(self, call: IncomingCall, account: Channel) -> str:
        require_secret(call, account.webhook_secret)
        return ""

    def events(self, call: IncomingCall) -> Sequence[Event]:
        return reaction_counts(call)


def _read(account: Channel, photo: Photo) -> tuple[str, bytes, str]:
    content = account.read_photo(photo.url)
    if len(content) > MAX_PHOTO_BYTES:
        raise InvalidPayload([_("A photo is larger than 10 MB: Telegram does not take it.")])
    return "photo.jpg", content, "image/jpeg"


def _message(payload: TelegramPayload, account: Channel) -> tuple[str, dict[str, str], Files]:
    """Method, parameters and files that post the payload."""
    if not payload.photos:
        return "sendMessage", {"text": payload.text, **TEXT_OPTIONS}, {}
    if len(payload.photos) == 1:
        params = {"caption": payload.text, "parse_mode": "HTML"}
        return "sendPhoto", params, {"photo": _read(account, payload.photos[0])}
    media: list[dict[str, str]] = [
        {"type": "photo", "media": f"attach://photo{index}"} for index in range(len(payload.photos))
    ]
    media[0] |= {"caption": payload.text, "parse_mode": "HTML"}
    files = {f"photo{index}": _read(account, photo) for index, photo in enumerate(payload.photos)}
    return "sendMediaGroup", {"media": json.dumps(media)}, files


def _exchange(account: Channel, message: Mapping[str, Any], photo: Photo | None, text: str) -> dict[str, Any]:
    """Makes one message show the photo; `text` is given for the message that carries the words."""
    if photo is None or photo.key == message["photo"]:
        if text:
            _edit_words(account, message, text)
        return dict(message)
    media = {"type": "photo", "media": "attach://photo"}
    if text:
        media |= {"caption": text, "parse_mode": "HTML"}
    params = {**_target(message), "media": json.dumps(media)}
    _edit(account, "editMessageMedia", params, {"photo": _read(account, photo)})
    return {**message, "photo": photo.key}


def _edit_words(account: Channel, message: Mapping[str, Any], text: str) -> None:
    params = _target(message)
    if message["photo"]:
        _edit(account, "editMessageCaption", {**params, "caption": text, "parse_mode": "HTML"})
    else:
        _edit(account, "editMessageText", {**params, "text": text, **TEXT_OPTIONS})


def _target(message: Mapping[str, Any]) -> dict[str, str]:
    return {"chat_id": message["chat"], "message_id": str(message["id"])}


def _edit(account: Channel, method: str, params: Mapping[str, str], files: Files | None = None) -> None:
    try:
        _call(account, method, params, files=files, repeatable=True)
    except Refused as error:
        if "message is not modified" in error.description:
            return
        if "not found" in error.description:
            words = _("The post is no longer in the channel: somebody deleted it there. Publish it again.")
            raise PostGone([words]) from None
        raise


def _delete(account: Channel, external: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> bool:
    """False if Telegram does not delete them any more. Messages that are gone already count as deleted."""
    if account.now() - datetime.fromisoformat(external["sent_at"]) > DELETABLE_FOR:
        return False
    ids = json.dumps([message["id"] for message in messages])
    try:
        _call(account, "deleteMessages", {"chat_id": messages[0]["chat"], "message_ids": ids}, repeatable=True)
    except Refused as error:
        return "not found" in error.description
    return True


def _known_messages(external: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not external.get("messages"):
        raise ManualActionRequired(
            _("It is not known which post in the channel this is. Change or delete the post there yourself.")
        )
    return list(external["messages"])


def _key(external: Mapping[str, Any]) -> str:
    """Of the message that carries the words: reactions are counted there, also those of an album."""
    first = external["messages"][0]
    return post_key(first["chat"], first["id"])


def _address(account: Channel, external: Mapping[str, Any]) -> str:
    """t.me/<name>/<id> of a public channel, t.me/c/<number>/<id> of a private one."""
    root, first = str(account.settings.post_url).rstrip("/"), external["messages"][0]["id"]
    name = external["username"] or account.settings.chat_id.lstrip("@")
    if re.fullmatch(r"-?\d+", name):
        return f"{root}/c/{name.removeprefix('-100')}/{first}"
    return f"{root}/{name}/{first}"


def _call(
    account: Channel,
    method: str,
    params: Mapping[str, str],
    *,
    files: Files | None = None,
    repeatable: bool,
) -> Any:
    account.ensure_time()
    root, chat = str(account.settings.base_url).rstrip("/"), {"chat_id": account.settings.chat_id}
    return call(root, account.credentials.token, method, chat | dict(params), files=files, repeatable=repeatable)
