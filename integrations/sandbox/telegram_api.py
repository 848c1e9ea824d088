"""The Bot API's methods that the product uses, with the platform's limits and its words for what is wrong."""

import hashlib
import io
import json
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PIL import Image, UnidentifiedImageError

from .forms import Form
from .platform import Clock
from .telegram_markup import MarkupError, parse, units
from .telegram_store import Picture, TelegramStore
from .telegram_updates import BadWebhook, webhook_settings

CAPTION_LIMIT, TEXT_LIMIT = 1024, 4096
ALBUM = range(2, 11)
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20
DELETABLE_FOR = 48 * 3600
WINDOW = 60
BOT = {"id": 100200300, "is_bot": True, "first_name": "Avtofamily", "username": "avtofamily_sandbox_bot"}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)


class Refusal(Exception):
    """An answer with ok=false."""

    def __init__(self, code: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.code, self.words, self.parameters = code, words, parameters


def bad_request(words: str) -> Refusal:
    return Refusal(400, f"Bad Request: {words}")


class BotApi:
    """One bot that is administrator of all chats of the store."""

    def __init__(self, store: TelegramStore, clock: Clock, *, per_minute: int) -> None:
        self.store, self.clock = store, clock
        self.per_minute = per_minute
        self._sent: dict[int, deque[float]] = {}
        self._methods: dict[str, Callable[[Form], Any]] = {
            "getme": self._get_me,
            "getchat": self._get_chat,
            "getchatmember": self._get_chat_member,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "sendmediagroup": self._send_media_group,
            "editmessagetext": self._edit_message_text,
            "editmessagecaption": self._edit_message_caption,
            "editmessagemedia": self._edit_message_media,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "setwebhook": self._set_webhook,
        }

    def call(self, method: str, form: Form) -> Any:
        """The `result` of a method. Raises Refusal. Carried out whole or not at all."""
        found = self._methods.get(method.lower())
        if found is None:
            raise Refusal(404, "Not Found")
        with self.store.database.transaction():
            return found(form)

    # --- Reading ----------------------------------------------------------------------------------
    def _get_me(self, form: Form) -> Any:
        return BOT

    def _get_chat(self, form: Form) -> Any:
        return _chat_json(self._chat(form))

    def _get_chat_member(self, form: Form) -> Any:
        self._chat(form)
        if form.get("user_id") != str(BOT["id"]):
            raise bad_request("user not found")
        return {"user": BOT, "status": "administrator", "can_post_messages": True}

    # --- Sending ----------------------------------------------------------------------------------
    def _send_message(self, form: Form) -> Any:
        chat = self._chat(form)
        html, text = _words(form.get("text"), form.get("parse_mode"))
        if not text:
            raise bad_request("message text is empty")
        if units(text) > TEXT_LIMIT:
            raise bad_request("message is too long")
        self._count(chat["id"], 1)
        return self._add(chat, html, text, None, None)

    def _send_photo(self, form: Form) -> Any:
        chat = self._chat(form)
        html, text = _caption(form.get("caption"), form.get("parse_mode"))
        picture = _picture(form.files.get("photo"))
        self._count(chat["id"], 1)
        return self._add(chat, html, text, picture, None)

    def _send_media_group(self, form: Form) -> Any:
        chat = self._chat(form)
        items = _json(form.get("media"), list, "media")
        if len(items) not in ALBUM:
            few_or_many = "few" if len(items) < ALBUM.start else "many"
            raise bad_request(f"too {few_or_many} messages to send as an album")
        parts = [self._media(item, form) for item in items]
        self._count(chat["id"], len(parts))
        album = hashlib.sha256(f"{chat['id']}{self.clock.now()}".encode()).hexdigest()[:16]
        return [self._add(chat, html, text, picture, album) for html, text, picture in parts]

    # --- Editing ----------------------------------------------------------------------------------
    def _edit_message_text(self, form: Form) -> Any:
        chat, message = self._message(form)
        if message["photo"]:
            raise bad_request("there is no text in the message to edit")
        html, text = _words(form.get("text"), form.get("parse_mode"))
        if not text:
            raise bad_request("message text is empty")
        if units(text) > TEXT_LIMIT:
            raise bad_request("message is too long")
        return self._edit(chat, message, html, text, None)

    def _edit_message_caption(self, form: Form) -> Any:
        chat, message = self._message(form)
        if not message["photo"]:
            raise bad_request("there is no caption in the message to edit")
        html, text = _caption(form.get("caption"), form.get("parse_mode"))
        return self._edit(chat, message, html, text, None)

    def _edit_message_media(self, form: Form) -> Any:
        chat, message = self._message(form)
        html, text, picture = self._media(_json(form.get("media"), dict, "media"), form)
        return self._edit(chat, message, html, text, picture)

    # --- Deleting ---------------------------------------------------------------------------------
    def _delete_message(self, form: Form) -> Any:
        chat = self._chat(form)
        message = self.store.message(chat["id"], _number(form.get("message_id")))
        if message is None:
            raise bad_request("message to delete not found")
        self._delete(chat, message)
        return True

    def _delete_messages(self, form: Form) -> Any:
        chat = self._chat(form)
        numbers = _json(form.get("message_ids"), list, "message_ids")
        if not 1 <= len(numbers) <= 100:
            raise bad_request("message identifiers are not specified")
        for number in numbers:
            message = self.store.message(chat["id"], _number(str(number)))
            if message is not None:
                self._delete(chat, message)
        return True

    def _set_webhook(self, form: Form) -> Any:
        url, secret, allowed = (form.get(name) for name in ("url", "secret_token", "allowed_updates"))
        try:
            self.store.set_webhook(webhook_settings(url, secret, allowed))
        except BadWebhook as error:
            raise bad_request(str(error)) from error
        return True

    # --- Shared -----------------------------------------------------------------------------------
    def _chat(self, form: Form) -> dict[str, Any]:
        chat = self.store.chat(form.get("chat_id"))
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _message(self, form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
        chat = self._chat(form)
        message = self.store.message(chat["id"], _number(form.get("message_id")))
        if message is None:
            raise bad_request("message to edit not found")
        return chat, message

    def _media(self, item: Any, form: Form) -> tuple[str, str, Picture]:
        if not isinstance(item, dict) or item.get("type") != "photo":
            raise bad_request("can't parse InputMedia")
        source = str(item.get("media", ""))
        if not source.startswith("attach://"):
            raise bad_request("wrong file identifier/HTTP URL specified")
        html, text = _caption(str(item.get("caption", "")), str(item.get("parse_mode", "")))
        return html, text, _picture(form.files.get(source.removeprefix("attach://")))

    def _count(self, chat: int, messages: int) -> None:
        """Refuses what would exceed the messages of a minute; an album counts once per photo."""
        now, sent = time.monotonic(), self._sent.setdefault(chat, deque())
        while sent and sent[0] <= now - WINDOW:
            sent.popleft()
        over = len(sent) + messages - self.per_minute
        if over > 0 and sent:
            wait = int(sent[min(over, len(sent)) - 1] + WINDOW - now) + 1
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        sent.extend([now] * messages)

    def _add(
        self, chat: dict[str, Any], html: str, text: str, picture: Picture | None, album: str | None
    ) -> dict[str, Any]:
        now = self.clock.now()
        number = self.store.add_message(chat["id"], html=html, text=text, picture=picture, album=album, now=now)
        return _message_json(chat, number, text, picture is not None, now, album)

    def _edit(
        self, chat: dict[str, Any], message: dict[str, Any], html: str, text: str, picture: Picture | None
    ) -> dict[str, Any]:
        if message["html"] == html and (picture is None or picture.id == message["photo"]):
            raise bad_request(NOT_MODIFIED)
        now = self.clock.now()
        self.store.edit_message(chat["id"], message["id"], html=html, text=text, picture=picture, now=now)
        photo = bool(message["photo"] or picture)
        return _message_json(chat, message["id"], text, photo, message["sent"], message["album"]) | {
            "edit_date": int(now)
        }

    def _delete(self, chat: dict[str, Any], message: dict[str, Any]) -> None:
        if self.clock.now() - message["sent"] > DELETABLE_FOR:
            raise bad_request("message can't be deleted for everyone")
        self.store.delete_message(chat["id"], message["id"], self.clock.now())


def _chat_json(chat: dict[str, Any]) -> dict[str, Any]:
    return {"id": chat["id"], "title": chat["title"], "username": chat["username"], "type": "channel"}


def _message_json(
    chat: dict[str, Any], number: int, text: str, photo: bool, sent: float, album: str | None
) -> dict[str, Any]:
    message = {"message_id": number, "chat": _chat_json(chat), "date": int(sent), "caption" if photo else "text": text}
    return message | ({"media_group_id": album} if album else {})


def _words(source: str, parse_mode: str) -> tuple[str, str]:
    try:
        return parse(source, parse_mode)
    except MarkupError as error:
        raise bad_request(f"can't parse entities: {error}") from error


def _caption(source: str, parse_mode: str) -> tuple[str, str]:
    html, text = _words(source, parse_mode)
    if units(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return html, text


def _picture(content: bytes | None) -> Picture:
    if not content:
        raise bad_request("there is no photo in the request")
    if len(content) > PHOTO_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.verify()
            width, height = image.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    if width + height > PHOTO_SIDES or max(width, height) / min(width, height) > PHOTO_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return Picture(hashlib.sha256(content).hexdigest()[:32], width, height, content)


def _json(source: str, kind: type, name: str) -> Any:
    try:
        value = json.loads(source)
    except ValueError as error:
        raise bad_request(f"can't parse {name} JSON object") from error
    if not isinstance(value, kind):
        raise bad_request(f"object expected as {name}")
    return value


def _number(source: str) -> int:
    if not re.fullmatch(r"\d{1,12}", source):
        raise bad_request("message identifier is not specified")
    return int(source)
