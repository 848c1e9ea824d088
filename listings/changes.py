"""The change log of listings: every way in ends here, and says by which way it came.

A change is found by comparing what a revision holds before and after: ids and codes, as Wagtail stores them. What
people read (a make's name instead of its id) is looked up once, when the entry is written: names change, the log
does not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cms.bulk_insert import insert_many
from cms.users.models import User

from .catalogue.payload import EDITOR_MARKS
from .marks import mark
from .models import ChangeLogEntry, Listing
from .vocabulary import Way

_way: ContextVar[Way] = ContextVar("way", default=Way.COMMAND)
_user: ContextVar[User | None] = ContextVar("user", default=None)

Content = Mapping[str, Any]
"""A listing as its revision stores it (`serializable_data`)."""
Differences = dict[str, list[Any]]
"""Field to [old, new]."""

BOOKKEEPING = {
    *("pk", "uuid", "slug", "price_byn", "created_at", "live", "has_unpublished_changes", "expired", "expire_at"),
    *("first_published_at", "last_published_at", "latest_revision", "live_revision", "go_live_at"),
    *("locked", "locked_at", "locked_by", "sale_state", "archived_at"),
}
"""Derived, or no content: who moves a car along an axis says so."""

TRACKED = tuple(
    item.name for item in [*Listing._meta.fields, *Listing._meta.many_to_many] if item.name not in {"id", *BOOKKEEPING}
)
LOOKED_UP = {item.name: item for item in Listing._meta.get_fields() if item.name in TRACKED and item.is_relation}
DECIMAL = {item.name for item in Listing._meta.fields if isinstance(item, models.DecimalField)}
PHOTOS = "photos"


@contextmanager
def made_through(way: Way, user: User | None = None) -> Iterator[None]:
    """Everything that is changed inside came in by this way; `user` did what Wagtail does not ask a name for."""
    tokens = _way.set(way), _user.set(user)
    try:
        yield
    finally:
        _way.reset(tokens[0])
        _user.reset(tokens[1])


def current_way() -> Way:
    return _way.get()


def current_user() -> User | None:
    return _user.get()


class WayMiddleware:
    """Requests come in by the API or by the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.api = reverse("api-v1:api-root")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = Way.API if request.path.startswith(self.api) else Way.ADMIN
        with made_through(way, request.user if request.user.is_authenticated else None):
            return self.get_response(request)


@dataclass(frozen=True)
class Change:
    """One act on one listing, before it is written down."""

    listing: Listing
    action: str
    fields: Differences = field(default_factory=dict)
    comment: str = ""


def differences(before: Content | None, after: Content) -> Differences:
    """What differs, in ids and codes. `before` None: a new listing, of which everything filled in is new."""
    before = before or {}
    found: Differences = {}
    for name in (*TRACKED, PHOTOS):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        old, new = _comparable(name, old), _comparable(name, new)
        if old != new:
            found[name] = [old, new]
    return found


def describe(found: Differences) -> list[tuple[str, Any, Any]]:
    """What differs, for people: label, old and new value. Photos are numbers of pictures: show them as pictures."""
    names = _lookups([found])
    return [(_label(name), *(_worded(name, value, names) for value in pair)) for name, pair in found.items()]


def describe_stored(fields: Differences) -> list[tuple[str, Any, Any]]:
    """As `describe`, of what an entry holds: names are in it already. Photos are told by their number."""
    known = {field.name for field in Listing._meta.get_fields()}
    found = []
    for name, (old, new) in fields.items():
        if name == PHOTOS:
            found.append((_label(name), len(old or ()), len(new or ())))
        elif name in known:
            found.append((_label(name), _worded(name, old, {}), _worded(name, new, {})))
    return found


def record(changes: Iterable[Change], user: User | None) -> None:
    """Writes the entries: one query for each kind of name to look up, and one for all entries."""
    changes = list(changes)
    names = _names(changes)
    way = current_way()
    user_name = (user.get_full_name() or user.username)[:150] if user else ""
    insert_many(
        ChangeLogEntry,
        (
            ChangeLogEntry(
                listing=change.listing,
                title=str(change.listing)[:140],
                dealer_id=change.listing.dealer_id,
                user=user,
                user_name=user_name,
                way=way,
                action=change.action,
                fields={
                    name: [_readable(name, value, names) for value in pair] for name, pair in change.fields.items()
                },
                comment=change.comment,
            )
            for change in changes
        ),
    )
    mark(change.listing.pk for change in changes)


def _comparable(name: str, value: Any) -> Any:
    if name == PHOTOS:
        rows = sorted(value or (), key=lambda row: row.get("sort_order") or 0)
        return [row["image"] for row in rows]
    if isinstance(value, list):
        return sorted(value)
    if name == "text" and value:
        # The editor numbers its paragraphs anew whenever it opens them.
        return EDITOR_MARKS.sub("", value)
    if name in DECIMAL and value is not None:
        # A number in memory, a text in a revision that was read: 77.4 either way.
        return f"{Decimal(value).normalize():f}"
    return "" if value is None else value


def _label(name: str) -> str:
    return _("Photos") if name == PHOTOS else capfirst(str(Listing._meta.get_field(name).verbose_name))


def _worded(name: str, value: Any, names: Mapping[str, Mapping[Any, str]]) -> Any:
    """As people read it: codes by their labels, yes and no in words, lists with commas."""
    value = _readable(name, value, names)
    if name == "text":
        return strip_tags(value.replace("<", " <")).strip() if value else ""
    choices = dict(getattr(Listing._meta.get_field(name), "flatchoices", ())) if name != PHOTOS else {}
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and name != PHOTOS:
        return ", ".join(map(str, value))
    return choices.get(value, value) if isinstance(value, str) else value


def _names(changes: Iterable[Change]) -> dict[str, dict[Any, str]]:
    return _lookups(change.fields for change in changes)


def _lookups(differing: Iterable[Differences]) -> dict[str, dict[Any, str]]:
    wanted: dict[str, set[Any]] = {}
    for fields in differing:
        for name, pair in fields.items():
            if name in LOOKED_UP:
                for value in pair:
                    wanted.setdefault(name, set()).update(value if isinstance(value, list) else [value])
    return {
        name: {row.pk: str(getattr(row, "name", row)) for row in _rows(name, ids - {""})}
        for name, ids in wanted.items()
    }


def _rows(name: str, ids: set[Any]) -> Any:
    return LOOKED_UP[name].related_model._default_manager.filter(pk__in=ids)


def _readable(name: str, value: Any, names: Mapping[str, Mapping[Any, str]]) -> Any:
    if name not in LOOKED_UP or value in ("", []):
        return value
    known = names.get(name, {})
    if isinstance(value, list):
        return [known.get(pk, str(pk)) for pk in value]
    return known.get(value, str(value))
