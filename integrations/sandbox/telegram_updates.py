"""What the imitated Telegram sends by itself: numbers of reactions, to the bot's webhook, until it takes them.

The real one calls only https addresses; the sandbox also calls this very machine.
"""

import json
import re
import threading
from typing import Any
from urllib.parse import urlsplit

import httpx

from .platform import Clock
from .telegram_store import TelegramStore

REACTIONS = "message_reaction_count"
TIMEOUT = 10.0
"""Seconds that a webhook has for its answer."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before an update that was not taken is sent again: each pause twice as long."""
LOOK_EVERY = 0.2
LOCAL = {"127.0.0.1", "localhost"}
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class BadWebhook(Exception):
    """The platform's own words."""


def webhook_settings(url: str, secret: str, allowed: str) -> dict[str, Any]:
    """What setWebhook was given. Raises BadWebhook."""
    address = urlsplit(url)
    if url and address.scheme != "https" and address.hostname not in LOCAL:
        raise BadWebhook("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise BadWebhook("secret token contains unallowed characters")
    try:
        updates = json.loads(allowed or "[]")
    except ValueError as error:
        raise BadWebhook("can't parse allowed_updates JSON object") from error
    if not isinstance(updates, list):
        raise BadWebhook("object expected as allowed_updates")
    return {"url": url, "secret_token": secret, "allowed_updates": updates}


class Updates:
    """Sends each update again and again, in order, until the webhook answers with 2xx."""

    def __init__(self, store: TelegramStore, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.last_error = ""
        self._sending = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def react(self, chat: str, message_id: int, emoji: str = "👍", count: int = 1) -> None:
        """Readers have pressed `emoji` under a post so many times more. Raises ValueError if there is no such post."""
        found = self.store.chat(chat if chat.startswith(("@", "-")) else f"@{chat}")
        message = self.store.message(found["id"], message_id) if found else None
        if not found or not message:
            raise ValueError(f"there is no message {message_id} in {chat}")
        # Reactions to an album are those to its first photo.
        first = self.store.first_of_album(found["id"], message)
        self.store.add_reactions(found["id"], first, emoji, count)
        webhook = self.store.webhook()
        # Bots get these updates only if they have asked for them by name.
        if webhook.get("url") and REACTIONS in webhook["allowed_updates"]:
            self.store.add_update(self._update(found, first), self.clock.now())
            self.deliver()
            self._keep_delivering()

    def deliver(self) -> None:
        """Sends what is due; stops at the first that is not taken."""
        with self._sending:
            for update in self.store.pending_updates():
                if update["next"] > self.clock.now() or not self._send(update):
                    return

    def state(self) -> dict[str, Any]:
        webhook = self.store.webhook()
        return {
            "url": webhook.get("url", ""),
            "pending_update_count": len(self.store.pending_updates()),
            "last_error_message": self.last_error,
        }

    def close(self) -> None:
        self._closed.set()
        if self._thread:
            self._thread.join(TIMEOUT)

    def _update(self, chat: dict[str, Any], message_id: int) -> dict[str, Any]:
        reactions = [
            {"type": {"type": "emoji", "emoji": emoji}, "total_count": count}
            for emoji, count in self.store.reactions(chat["id"], message_id).items()
        ]
        shown = {"id": chat["id"], "title": chat["title"], "username": chat["username"], "type": "channel"}
        date = int(self.clock.now())
        return {REACTIONS: {"chat": shown, "message_id": message_id, "date": date, "reactions": reactions}}

    def _send(self, update: dict[str, Any]) -> bool:
        webhook = self.store.webhook()
        headers = {HEADER: webhook["secret_token"]} if webhook.get("secret_token") else {}
        body = {"update_id": update["id"]} | json.loads(update["body"])
        try:
            answer = httpx.post(webhook["url"], json=body, headers=headers, timeout=TIMEOUT, trust_env=False)
            words = "" if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
        except httpx.HTTPError as error:
            words = type(error).__name__
        self.last_error = words or self.last_error
        pause = min(FIRST_PAUSE * 2 ** update["tries"], LONGEST_PAUSE)
        now = self.clock.now()
        self.store.update_sent(update["id"], delivered=None if words else now, next_try=now + pause)
        return not words

    def _keep_delivering(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self.store.pending_updates() and not self._closed.wait(LOOK_EVERY):
            self.deliver()
