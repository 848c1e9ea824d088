"""Meta's vehicle catalogue by calls: each change is a batch of one car, which Meta works through after accepting it.

A car is put there under our own number, so putting it twice does no harm. Until the batch is done, a new car counts as
handed over; a change waits for the batch (`NotYet`), because the car can be withdrawn meanwhile in either case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field, HttpUrl

from .base import (
    Account,
    AdapterError,
    Ambiguous,
    Capabilities,
    ChannelSettings,
    Checked,
    Farewell,
    InvalidPayload,
    LookedUp,
    MarketplaceAdapter,
    NotYet,
    Payload,
    Placed,
    RateLimited,
    RetryLater,
    Seen,
    Shown,
    Withdrawn,
    Words,
)
from .feed import CURRENCIES, Currency
from .meta_api import FACEBOOK_HOST, PER_MINUTE, VERSION, VERSION_PATTERN, Graph, MetaCredentials
from .meta_errors import Gone
from .meta_vehicle import nested, vehicle_row
from .registry import register

NEXT_LOOK = 15
"""Seconds between two looks at a batch."""
MOST_LOOKS = 20
IN_WORK = _("Meta has accepted the car and is still checking it.")


class CatalogueSettings(ChannelSettings):
    catalog_id: Annotated[str, Shown(_("Catalogue number"), _("In Commerce Manager, under the catalogue's name."))] = (
        Field(pattern=r"^\d{5,25}$")
    )
    item_type: Annotated[
        str, Shown(_("Kind of items"), _("What Meta calls vehicles in calls. Change it if Meta refuses this word."))
    ] = Field("VEHICLE", pattern=r"^[A-Z_]{3,40}$")
    currency: Annotated[Currency, Shown(_("Currency of prices"), "", CURRENCIES)] = "BYN"
    api_version: Annotated[str, Shown(_("API version"), _("Meta names it like v25.0."))] = Field(
        VERSION, pattern=VERSION_PATTERN
    )
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("Leave it as it is."))] = HttpUrl(FACEBOOK_HOST)
    per_minute: Annotated[int, Shown(_("Changes a minute"), _("Each car is a call of its own."))] = Field(
        PER_MINUTE, ge=1, le=3000
    )


class VehiclePayload(Payload):
    id: str
    vehicle: dict[str, Any]
    """As `meta_vehicle.nested` makes it. Empty: the car is sold and is taken out."""


Channel = Account[CatalogueSettings, MetaCredentials]


@register("meta_catalogue")
class MetaCatalogueAdapter(MarketplaceAdapter[CatalogueSettings, MetaCredentials, VehiclePayload]):
    label = _("Meta catalogue (calls)")
    about = _(
        "Puts each car into your vehicle catalogue at once, for advertising on Facebook and Instagram. Needs an app in "
        "Meta for Developers. The file that Meta fetches (“Meta catalogue (file)”) does the same without an app, later."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, can_inspect=True)
    Settings = CatalogueSettings
    Credentials = MetaCredentials
    Payload = VehiclePayload

    def render(self, document: Mapping[str, Any], account: Channel) -> VehiclePayload:
        if document["sale_state"] == "sold":
            return VehiclePayload(id=document["uuid"], vehicle={})
        row = vehicle_row(document, account.site_url, account.settings.currency)
        return VehiclePayload(id=document["uuid"], vehicle=nested(row))

    def create(self, payload: VehiclePayload, account: Channel) -> Placed:
        try:
            handle = _send(payload, account)
        except RetryLater as error:
            # The car may stand there now: it must be known of, so that it can be withdrawn.
            raise Ambiguous(error.words) from None
        return self._accepted(payload, handle, account)

    def update(self, external: Mapping[str, Any], payload: VehiclePayload, account: Channel) -> Placed:
        handle, looks = str(account.progress.get("handle", "")), int(account.progress.get("looks", 0))
        handle = handle or _send(payload, account)
        done, problems = _batch(account, handle)
        if problems:
            raise InvalidPayload(problems)
        if not done and looks >= MOST_LOOKS:
            raise RetryLater(IN_WORK)
        if not done:
            raise NotYet({"handle": handle, "looks": looks + 1}, NEXT_LOOK, IN_WORK)
        return _placed(payload, handle, confirmed=True)

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        handle = _send(VehiclePayload(id=str(external["id"]), vehicle={}), account)
        return Withdrawn(removed=True, response=f"handle {handle}")

    def lookup(self, payload: VehiclePayload, account: Channel) -> LookedUp:
        """There is nothing to ask, but the car may simply be put there again."""
        try:
            return LookedUp("found", self._accepted(payload, _send(payload, account), account))
        except (RetryLater, RateLimited):
            return LookedUp("absent")

    def adopt(self, payload: VehiclePayload, address: str, since: datetime, account: Channel) -> Placed:
        return _placed(payload, "", confirmed=True)

    def check(self, account: Channel) -> Checked:
        try:
            found = _graph(account).get(account.settings.catalog_id, fields="id,name")
        except AdapterError as error:
            return Checked(False, error.words)
        name = found.get("name") or account.settings.catalog_id
        return Checked(True, _("Everything works: catalogue “%(name)s”.") % {"name": name})

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"meta catalogue {account.settings.catalog_id}", account.settings.per_minute

    def inspect(self, external: Mapping[str, Any], account: Channel) -> Seen:
        """Only what became of the last batch: single cars of a catalogue are not asked for."""
        handle = str(external.get("handle", ""))
        if not handle or external.get("sold"):
            return Seen("unknown")
        try:
            done, problems = _batch(account, handle)
        except Gone:
            return Seen("unknown")
        if problems:
            return Seen("unknown", _("Meta has refused the car."), problems)
        return Seen("live", _("Meta has taken the car into the catalogue.")) if done else Seen("unknown")

    def _accepted(self, payload: VehiclePayload, handle: str, account: Channel) -> Placed:
        """A look at once: what Meta refuses quickly is told quickly."""
        try:
            done, problems = _batch(account, handle)
        except (RetryLater, RateLimited, Gone):
            done, problems = False, []
        if problems:
            raise InvalidPayload(problems)
        return _placed(payload, handle, confirmed=done)


def _graph(account: Channel) -> Graph:
    root = str(account.settings.base_url).rstrip("/")
    return Graph(root, account.settings.api_version, account.credentials.token, account.ensure_time)


def _send(payload: VehiclePayload, account: Channel) -> str:
    """The batch's handle. Putting and taking out may both be repeated. Raises InvalidPayload."""
    request = {"method": "UPDATE", "data": payload.vehicle}
    if not payload.vehicle:
        request = {"method": "DELETE", "data": {"vehicle_id": payload.id}}
    body = {"item_type": account.settings.item_type, "allow_upsert": True, "requests": [request]}
    answer = _graph(account).post_json(f"{account.settings.catalog_id}/items_batch", body)
    problems = [words for row in answer.get("validation_status") or [] for words in _words(row)]
    if problems:
        raise InvalidPayload(problems)
    handles = answer.get("handles") or []
    if not handles:
        raise RetryLater(_("Meta's answer is not complete."))
    return str(handles[0])


def _batch(account: Channel, handle: str) -> tuple[bool, list[Words]]:
    """Whether Meta is done with it, and what is wrong."""
    path = f"{account.settings.catalog_id}/check_batch_request_status"
    rows = _graph(account).get(path, handle=handle).get("data") or [{}]
    return rows[0].get("status") == "finished", _words(rows[0])


def _words(row: Mapping[str, Any]) -> list[Words]:
    return [
        _("Meta does not accept the car: %(words)s") % {"words": str(error.get("message", ""))[:300]}
        for error in row.get("errors") or []
    ]


def _placed(payload: VehiclePayload, handle: str, *, confirmed: bool) -> Placed:
    external = {"id": payload.id, "handle": handle, "sold": not payload.vehicle}
    note: Words = ""
    if not payload.vehicle:
        note = _("The car is sold: it is taken out of the catalogue.")
    elif not confirmed:
        note = IN_WORK
    return Placed(external, note=note, response=f"handle {handle}", key=payload.id, confirmed=confirmed)
