"""Finding a post of ours again among the newest of an account, by what it says and when it appeared."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

RECENT = 50
"""Newest posts of the account that are looked through."""
CLOCKS_DIFFER = timedelta(minutes=5)


def matching(
    answer: Mapping[str, Any], words: str, since: datetime, *, text: str, time: str
) -> list[Mapping[str, Any]]:
    """Posts of a Graph API answer with these words, not older than that. `text` and `time` name their fields."""
    earliest = since - CLOCKS_DIFFER
    return [
        item
        for item in answer.get("data", [])
        if str(item.get(text) or "").split() == words.split() and _moment(item.get(time), earliest) >= earliest
    ]


def next_page(answer: Mapping[str, Any], since: datetime, *, time: str) -> str:
    """Where the posts go on that may be younger than that; empty if there are none."""
    items, cursors = answer.get("data", []), (answer.get("paging") or {}).get("cursors") or {}
    earliest = since - CLOCKS_DIFFER
    goes_on = bool(items) and _moment(items[-1].get(time), earliest) >= earliest
    return str(cursors.get("after") or "") if goes_on else ""


def _moment(value: Any, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise
    return moment if moment.tzinfo else otherwise
