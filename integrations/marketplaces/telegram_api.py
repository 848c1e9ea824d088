"""Calls of the Telegram Bot API, and what its answers mean."""

from collections.abc import Mapping
from typing import Any, Never

from django.utils.translation import gettext_lazy as _
from pydantic import SecretStr

from cms import outgoing as http

from .base import Ambiguous, AuthFailed, InvalidPayload, RateLimited, RetryLater

Files = Mapping[str, tuple[str, bytes, str]]

DEFAULT_RETRY_AFTER = 30
"""Seconds to wait after a 429 that does not say how long."""
MAX_RETRY_AFTER = 3600
"""A longer pause is looked at again after an hour."""
CHANNEL_PROBLEMS = (
    "chat not found",
    "not enough rights",
    "need administrator rights",
    "bot is not a member",
    "have no rights",
    "chat_write_forbidden",
    "chat_admin_required",
)
"""Parts of 400 answers that are about the channel and not about the listing: no other listing would fare better."""


class Refused(InvalidPayload):
    """A 400 answer, in Telegram's own words."""

    def __init__(self, description: str) -> None:
        super().__init__([_("Telegram does not accept the post: %(words)s") % {"words": description}])
        self.description = description.lower()


def call(
    base_url: str,
    token: SecretStr,
    method: str,
    params: Mapping[str, str],
    *,
    files: Files | None = None,
    repeatable: bool,
) -> Any:
    """Calls a method and returns its `result`.

    `repeatable` says that doing it twice does no harm: then a lost answer is RetryLater, otherwise Ambiguous.
    """
    url = f"{base_url}/bot{token.get_secret_value()}/{method}"
    try:
        answer = http.post(url, data=params, files=files)
    except http.AddressRefused:
        words = _("The API address leads into a private network. Correct it in the channel's settings.")
        raise AuthFailed(words) from None
    except http.NotSent:
        raise RetryLater(_("Telegram cannot be reached.")) from None
    except http.AnswerLost:
        raise _lost(repeatable) from None
    return _result(answer, repeatable)


def _result(answer: http.Answer, repeatable: bool) -> Any:
    body = answer.json
    if body is None or "ok" not in body:
        # Not Telegram's own words: something in between answered, and says nothing of what Telegram did.
        if answer.status == 200 or answer.status >= 500:
            raise _lost(repeatable)
        raise AuthFailed(_("This is not the Telegram API. Check the API address in the channel's settings."))
    if body["ok"] is True:
        return body.get("result")
    _raise_refusal(int(body.get("error_code") or answer.status), body)


def _raise_refusal(code: int, body: Mapping[str, Any]) -> Never:
    description = str(body.get("description", ""))[:200]
    if code == 429:
        parameters = body.get("parameters") or {}
        seconds = parameters.get("retry_after") or DEFAULT_RETRY_AFTER
        raise RateLimited(min(float(seconds), MAX_RETRY_AFTER), _("Telegram asks for a pause."))
    if code in {401, 404}:
        raise AuthFailed(_("Telegram does not accept the bot's token. Enter it again in the channel's settings."))
    if code == 403 or any(words in description.lower() for words in CHANNEL_PROBLEMS):
        raise AuthFailed(
            _("The bot may not write to this channel. Make it an administrator of the channel and check the chat.")
        )
    if code >= 500:
        # Telegram itself says that it failed: not done.
        raise RetryLater(_("Telegram has a failure of its own."))
    raise Refused(description)


def _lost(repeatable: bool) -> RetryLater | Ambiguous:
    if repeatable:
        return RetryLater(_("Telegram has not answered."))
    return Ambiguous(_("Telegram has not answered. The post may have appeared in the channel or not."))
