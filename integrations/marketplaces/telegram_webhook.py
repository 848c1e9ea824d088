"""Telegram's webhook: updates with the numbers of reactions under posts.

Bots are told no views. Reactions come as `message_reaction_count` (the bot is an administrator of the channel and has
asked for them). A bot has one webhook: of several channels with the same bot, the one connected last gets the events.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .base import Event, Forged, IncomingCall, Stats

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  a name
UPDATES = ("message_reaction_count",)


def webhook_settings(address: str, secret: str) -> dict[str, str]:
    """Parameters of setWebhook."""
    return {"url": address, "secret_token": secret, "allowed_updates": json.dumps(UPDATES)}


def require_secret(call: IncomingCall, secret: str) -> None:
    """Raises Forged. In constant time: how long it takes tells nothing of the secret."""
    given = call.headers.get(SECRET_HEADER, "")
    if call.method != "POST" or not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise Forged


def post_key(chat: Any, message_id: Any) -> str:
    """Names a post within all of Telegram: numbers of messages begin anew in each chat. `chat`: its number or @name."""
    return f"{str(chat).lower()}/{message_id}"


def reaction_counts(call: IncomingCall) -> Sequence[Event]:
    """One update is one call. Raises ValueError for what is no update at all."""
    update = json.loads(call.body)
    if not isinstance(update, dict):
        raise ValueError("An update is a JSON object.")
    told = update.get("message_reaction_count")
    if not isinstance(told, dict):
        return ()
    chat, number = told.get("chat"), told.get("message_id")
    if not isinstance(chat, dict) or not isinstance(number, int):
        raise ValueError("The update does not name a message.")
    stats, at = Stats(likes=_total(told.get("reactions"))), _moment(told.get("date"))
    # A post that a person pointed at is known by the channel's name.
    names = [chat.get("id"), f"@{chat['username']}" if isinstance(chat.get("username"), str) else None]
    return [Event(post_key(name, number), stats, at=at) for name in names if name]


def _total(reactions: Any) -> int:
    """Of all kinds together."""
    if not isinstance(reactions, list):
        raise ValueError("The update has no reactions.")
    counts = [item.get("total_count") for item in reactions if isinstance(item, Mapping)]
    return sum(count for count in counts if isinstance(count, int) and count > 0)


def _moment(seconds: Any) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
