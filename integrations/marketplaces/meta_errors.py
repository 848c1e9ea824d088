"""What Meta's error codes mean for a channel: the table of codes and subcodes, and the errors it leads to."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Never

from django.utils.translation import gettext_lazy as _

from .errors import AdapterError, Ambiguous, AuthFailed, InvalidPayload, RateLimited, RetryLater, Words

CALLS_PAUSE = 300
"""Seconds to wait after too many calls; Meta frees them little by little over an hour."""
QUOTA_PAUSE = 3600
"""Seconds to wait when the day's posts are used up: the window of 24 hours moves, so it is looked at every hour."""
LONGEST_EXCERPT = 300


class Kind(StrEnum):
    """What to do about an error."""

    AGAIN = "again"
    POLL = "poll"
    NEW_CONTAINER = "new_container"
    MISSING = "missing"
    QUOTA = "quota"
    AUTH = "auth"
    FIX = "fix"
    HOLD = "hold"


BY_SUBCODE: dict[int, Kind] = {
    2207020: Kind.NEW_CONTAINER,
    2207001: Kind.AGAIN,
    2207032: Kind.AGAIN,
    2207053: Kind.NEW_CONTAINER,
    2207057: Kind.FIX,
    2207051: Kind.HOLD,
    2207042: Kind.QUOTA,
    2207006: Kind.NEW_CONTAINER,
    2207008: Kind.MISSING,
    2207050: Kind.HOLD,
    2207023: Kind.FIX,
    2207028: Kind.FIX,
    2207035: Kind.FIX,
    2207036: Kind.FIX,
    2207037: Kind.FIX,
    2207040: Kind.FIX,
    2207026: Kind.FIX,
    2207052: Kind.FIX,
    2207027: Kind.POLL,
    2207004: Kind.FIX,
    2207005: Kind.FIX,
    2207009: Kind.FIX,
    2207010: Kind.FIX,
}
"""Subcodes of publishing; each stands for one thing, whatever code comes with it."""
BY_CODE: dict[int, Kind] = {
    -2: Kind.AGAIN,
    -1: Kind.AGAIN,
    1: Kind.AGAIN,
    2: Kind.AGAIN,
    4: Kind.QUOTA,
    10: Kind.AUTH,
    17: Kind.QUOTA,
    32: Kind.QUOTA,
    100: Kind.FIX,
    102: Kind.AUTH,
    190: Kind.AUTH,
    200: Kind.AUTH,
    341: Kind.QUOTA,
    368: Kind.HOLD,
    506: Kind.FIX,
    613: Kind.QUOTA,
}
BUSINESS_LIMITS = range(80_000, 80_100)
"""Codes of "too many calls", one for each kind of business account."""
PUBLISHING_QUOTA = 2207042
GONE = (100, 33)


class Refused(InvalidPayload):
    """Meta says that the content or the request is wrong."""

    def __init__(self, words: str) -> None:
        super().__init__([_("Meta does not accept this: %(words)s") % {"words": words}])


class Gone(Refused):
    """The object does not exist, or this token may not see it: Meta does not tell which."""


class NotReady(RetryLater):
    """The container is still being processed."""


class ContainerLost(RetryLater):
    """The container is of no use any more: a new one is needed."""


class ContainerMissing(ContainerLost):
    """The container is not found, which may pass within minutes."""


WAITING: dict[Kind, tuple[type[RetryLater], Words]] = {
    Kind.POLL: (NotReady, _("Instagram is still processing the photos.")),
    Kind.NEW_CONTAINER: (ContainerLost, _("Instagram has dropped the prepared post; it is prepared anew.")),
    Kind.MISSING: (ContainerMissing, _("Instagram does not find the prepared post; it is looked for again.")),
}


def kind_of(code: int, subcode: int | None) -> Kind | None:
    """None: an error that is not in the table."""
    if subcode in BY_SUBCODE:
        return BY_SUBCODE[subcode]
    return Kind.QUOTA if code in BUSINESS_LIMITS else BY_CODE.get(code)


def raise_refusal(status: int, error: Mapping[str, Any], *, repeatable: bool, secret: str) -> Never:
    """Raises what the `error` of an answer means. `secret` is taken out of Meta's words, which may quote it."""
    code, subcode = _number(error.get("code")) or 0, _number(error.get("error_subcode"))
    words = str(error.get("error_user_msg") or error.get("message") or "")
    words = (words.replace(secret, "…") if secret else words)[:LONGEST_EXCERPT]
    if (code, subcode) == GONE:
        raise Gone(words)
    kind = kind_of(code, subcode)
    if kind is None:
        kind = Kind.QUOTA if status == 429 else Kind.AGAIN if error.get("is_transient") or status >= 500 else Kind.FIX
    if kind is Kind.AGAIN:
        raise lost(repeatable)
    raise _error(kind, subcode, words)


def lost(repeatable: bool) -> RetryLater | Ambiguous:
    """Nobody knows what was done. Meta's own "unknown error" is no better than silence."""
    if repeatable:
        return RetryLater(_("Meta has not answered, or has a failure of its own."))
    return Ambiguous(_("Meta has not said whether it is done. The post may have appeared or not."))


def _error(kind: Kind, subcode: int | None, words: str) -> AdapterError:
    if kind in WAITING:
        error, said = WAITING[kind]
        return error(said)
    if kind is Kind.QUOTA and subcode == PUBLISHING_QUOTA:
        return RateLimited(QUOTA_PAUSE, _("Instagram's number of posts in 24 hours is used up."))
    if kind is Kind.QUOTA:
        return RateLimited(CALLS_PAUSE, _("Meta asks for a pause."))
    if kind is Kind.AUTH:
        # Its own words may quote the token.
        return AuthFailed(
            _("Meta does not accept the access token or misses a permission. Enter a new token in the channel.")
        )
    if kind is Kind.HOLD:
        return AuthFailed(_("Meta has restricted this account: %(words)s Look into the account.") % {"words": words})
    return Refused(words)


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
