"""Avito's programming interface of Autoload: the token, the profile, and what became of the cars."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cms import outgoing as http

from .base import AuthFailed, InvalidPayload, RateLimited, RetryLater, Seen, Words
from .feed import LONGEST_ADDRESS, Listed

if TYPE_CHECKING:
    from .avito import AvitoAccount

TOKEN_SECONDS = 23 * 3600
"""A token lives for 24 hours."""
LAST_UPLOAD = "/autoload/v4/uploads/last_successful"
PER_PAGE = 100
MOST_PAGES = 500
DEFAULT_RETRY_AFTER = 60.0
ONCE_AN_HOUR = 3600.0
WEEKDAYS = list(range(7))
HOURS = list(range(24))

REFUSED = _("Avito does not accept the access data. Enter client ID and secret again.")
LIVE = {"active"}
REMOVED = {"old", "blocked", "rejected", "archived", "removed"}


def profile(account: "AvitoAccount") -> dict[str, Any]:
    return _call("GET", "/autoload/v2/profile", account)


def set_feed(address: str, name: str, account: "AvitoAccount") -> None:
    """The file that Avito reads, every hour."""
    known = profile(account)
    wanted = {
        "autoload_enabled": True,
        "report_email": known.get("report_email", ""),
        "feeds_data": [{"feed_name": name, "feed_url": address}],
        "schedule": known.get("schedule") or [{"rate": 0, "time_slots": HOURS, "weekdays": WEEKDAYS}],
    }
    _call("POST", "/autoload/v2/profile", account, json=wanted)


def start_upload(account: "AvitoAccount") -> None:
    """Raises RateLimited if Avito has read the file within the hour."""
    _call("POST", "/autoload/v1/upload", account)


def states_of_last_upload(account: "AvitoAccount") -> dict[str, Listed]:
    """By the Id of the file. Empty while Avito has not read any file."""
    upload = _call("GET", LAST_UPLOAD, account, missing_is_empty=True)
    read_at = parse_datetime(str(upload.get("started_at") or ""))
    return {
        str(item["ad_id"])[:100]: Listed(_seen(item), _address(item), read_at if read_at and read_at.tzinfo else None)
        for item in _items(f"{LAST_UPLOAD}/items", account)
        if item.get("ad_id")
    }


def _items(path: str, account: "AvitoAccount") -> Iterator[dict[str, Any]]:
    for page in range(MOST_PAGES):
        answer = _call("GET", f"{path}?page={page}&per_page={PER_PAGE}", account, missing_is_empty=True)
        items = answer.get("items")
        rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        yield from rows
        if len(rows) < PER_PAGE:
            return


def _seen(item: Mapping[str, Any]) -> Seen:
    status = str(item.get("avito_status") or "")
    problems = _messages(item.get("messages"))
    how = _("Avito's report says: %(status)s.") % {"status": status or "—"}
    if status in LIVE:
        return Seen("live", how, problems)
    return Seen("removed" if status in REMOVED else "unknown", how, problems)


def _address(item: Mapping[str, Any]) -> str:
    address = item.get("url")
    good = isinstance(address, str) and address.startswith(("https://", "http://")) and len(address) <= LONGEST_ADDRESS
    return str(address) if good else ""


def _messages(given: Any) -> list[Words]:
    """Whatever they look like: only texts, and not endlessly many."""
    found = [part.get("title") or part.get("text") if isinstance(part, dict) else part for part in _list(given)]
    texts: list[Words] = [text[:300] for text in found if isinstance(text, str) and text]
    return texts[:10]


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _call(
    method: str, path: str, account: "AvitoAccount", *, json: Any = None, missing_is_empty: bool = False
) -> dict[str, Any]:
    """With a token that is renewed once if Avito does not know it any more. Raises the adapter's errors."""
    for attempt in range(2):
        headers = {"Authorization": f"Bearer {_token(account, fresh=attempt > 0)}"}
        answer = _send(method, path, account, json=json, headers=headers)
        if answer.status != 401:
            break
    if answer.status == 404 and missing_is_empty:
        return {}
    return _checked(answer)


def _send(method: str, path: str, account: "AvitoAccount", **parts: Any) -> http.Answer:
    account.ensure_time()
    try:
        return http.request(method, f"{str(account.settings.base_url).rstrip('/')}{path}", **parts)
    except http.HttpProblem:
        raise RetryLater(_("Avito has not answered.")) from None


def _checked(answer: http.Answer) -> dict[str, Any]:
    if answer.status in {401, 403}:
        raise AuthFailed(REFUSED)
    if answer.status == 410:
        raise RetryLater(_("Avito has switched this interface off. The product needs an update."))
    if answer.status == 429:
        raise RateLimited(_retry_after(answer), _("Avito asks for a pause."))
    if answer.status >= 500:
        raise RetryLater(_("Avito has a failure of its own."))
    if answer.status >= 400:
        raise InvalidPayload([_("Avito refuses the request (%(status)d).") % {"status": answer.status}])
    return answer.json or {}


def _retry_after(answer: http.Answer) -> float:
    text = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "")
    return min(float(text), ONCE_AN_HOUR) if text.isdigit() else DEFAULT_RETRY_AFTER


def _token(account: "AvitoAccount", *, fresh: bool) -> str:
    """Kept in this process alone, under a name that tells nothing."""
    client_id = account.credentials.client_id.get_secret_value()
    secret = account.credentials.client_secret.get_secret_value()
    parts = f"{account.settings.base_url}|{client_id}|{secret}"
    name = f"avito-token:{hashlib.sha256(parts.encode()).hexdigest()}"
    known = None if fresh else cache.get(name)
    if known:
        return str(known)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = _send("POST", "/token", account, data=form)
    if answer.status == 400:
        raise AuthFailed(REFUSED)
    body = _checked(answer)
    token, lifetime = body.get("access_token"), body.get("expires_in")
    if not isinstance(token, str) or not token:
        raise AuthFailed(REFUSED)
    cache.set(name, token, min(lifetime, TOKEN_SECONDS) if isinstance(lifetime, int) else TOKEN_SECONDS)
    return token
