"""Every address below /admin/ and /api/, read from the URL resolver, and what to put into its parameters."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>")
SNIPPET = re.compile(r"wagtailsnippet(?:s|choosers)_([a-z]+)_([a-z]+)$")

Values = Mapping[str, tuple[Any, ...]]


class UnknownParameterError(LookupError):
    """An address has a parameter of which this test does not know whose row it names."""


@dataclass(frozen=True)
class Address:
    path: str
    spaces: tuple[str, ...]
    name: str | None

    @property
    def parameters(self) -> list[str]:
        return [first or second for first, second in PARAMETER.findall(self.path)]

    @property
    def full_name(self) -> str:
        return ":".join([*self.spaces, self.name or ""])


def addresses() -> list[Address]:
    return [address for address in _below(get_resolver()) if address.path.startswith(("admin/", "api/"))]


def _below(resolver: Any, path: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(here, spaces, pattern.name)
        elif isinstance(pattern, URLResolver):
            yield from _below(pattern, here, spaces + ((pattern.namespace,) if pattern.namespace else ()))


KEYS: dict[str, str] = {
    "wagtailadmin_api:pages": "page",
    "wagtailadmin_api:documents": "document",
    "wagtailadmin_api:images": "image",
    "wagtailadmin_pages": "page",
    "wagtailadmin_collections": "collection",
    "wagtailadmin_workflows": "workflow",
    "wagtailsettings": "site",
    "wagtailsites": "site",
    "wagtailusers_users": "user",
    "wagtailusers_groups": "group",
    "wagtaildocs_chooser": "document",
    "wagtailimages_chooser": "image",
    "listing_feed": "feed",
    "listing_review": "listing",
    "listing_changes": "listing",
    "lead": "lead",
    "publication": "publication",
    "channel": "channel",
    "listing_token_revoke": "token",
    "listing_import": "import",
    "listing_import_columns": "import",
    "listing_import_progress": "import",
    "listing_import_row": "import",
    "listing_import_report": "import",
    "listing_import_act": "import",
    "listing_feed_pull": "feed",
    "listing_feed_switch": "feed",
    "listing_dealer_members": "dealer",
    "listing_dealer_member_remove": "dealer",
    "listing_dealer_member_invite": "dealer",
    "listing_trim": "trim",
    "listing_photo": "image",
    "listing_photo_cover": "image",
    "listing_photo_focus": "image",
    "listing_places": "listing",
    "listing_sale_state": "listing",
    "publications_decide": "publication",
    "publications_check_channel": "channel",
    "publications_publish_existing": "channel",
    "publications_campaign": "campaign",
    "publications_stop_campaign": "campaign",
    "publications_change_entry": "choice",
    "reports_timeline": "listing",
    "reports_golive": "channel",
    "reports_golive_act": "channel",
    "monitoring_channel": "channel",
    "monitoring_connect": "channel",
    "monitoring_republish": "channel",
    "monitoring_decide": "publication",
    "channel_feed_exchange": "channel",
    "channel_feed_announce": "channel",
    "channel_feed_preview": "channel",
    "channel_feed_check": "channel",
    "publication_seen_there": "publication",
    "reports_subscription": "subscription",
    "reports_subscription_stop": "subscription",
    "reports_subscription_act": "subscription",
}
"""Whose number `pk` is, by the namespace of the address or its name."""

MODELS = (("listings", "listing"), ("listings", "dealer"), ("images", "customimage"), ("leads", "lead"))
PAIRS = {("app_label", "model_name"), ("app_name", "model_name"), ("content_type_app_name", "content_type_model_name")}


def filled(address: Address, things: Mapping[str, Any], values: Values) -> Iterator[str]:
    """The address with every fitting set of dealer A's ids. Raises UnknownParameterError."""
    names = address.parameters
    pairs = [pair for pair in PAIRS if set(pair) <= set(names)]
    choices: list[list[dict[str, Any]]] = [[dict(zip(pair, model, strict=True)) for model in MODELS] for pair in pairs]
    single = [name for name in names if not any(name in pair for pair in pairs)]
    choices += [[{name: value} for value in _values(address, name, things, values)] for name in single]
    for chosen in itertools.product(*choices):
        parts: dict[str, Any] = {}
        for part in chosen:
            parts |= part
        url = _url(address, parts)
        if url:
            yield url


def _values(address: Address, name: str, things: Mapping[str, Any], values: Values) -> tuple[Any, ...]:
    if name == "pk":
        return (_key(address, things),)
    if name not in values:
        raise UnknownParameterError(
            f"{address.path}: say in tests/contract/addresses.py what belongs into <{name}>, so that it is tested "
            "with another dealer's ids."
        )
    return values[name]


def _key(address: Address, things: Mapping[str, Any]) -> Any:
    snippet = SNIPPET.match(address.spaces[-1]) if address.spaces else None
    if snippet:
        model: type[Model] = apps.get_model(snippet[1], snippet[2])
        known = next((thing for thing in things.values() if type(thing) is model), None)
        row = known or model._default_manager.first()
        return row.pk if row else 1
    place = ":".join(address.spaces) or address.name or ""
    if not address.name or place not in KEYS:
        if not address.name:
            return things["user"].pk
        raise UnknownParameterError(
            f"{address.path} ({place}): say in tests/contract/addresses.py of what <pk> is the number."
        )
    return things[KEYS[place]].pk


def _url(address: Address, parts: dict[str, Any]) -> str:
    if address.name:
        try:
            return reverse(address.full_name, kwargs=parts)
        except NoReverseMatch:
            # Another address of the same name is meant, or the value does not fit this one.
            pass
    path = address.path
    for name, value in parts.items():
        path = re.sub(rf"<(\w+:)?{name}>", str(value), path)
    return "" if "(" in path or "<" in path else "/" + path.replace("^", "").replace("$", "")
