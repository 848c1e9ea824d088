"""VK: goods of a community, with a name, a price and up to five photos.

VK has no key against doubles here: every good carries the car's number (`sku`), by which the shop is searched before
anything is added.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from .base import (
    Account,
    AdapterError,
    Ambiguous,
    Capabilities,
    Checked,
    Farewell,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    NotYet,
    Payload,
    Placed,
    RetryLater,
    Seen,
    Shown,
    Withdrawn,
    Words,
)
from .feed import price_in
from .photos import Photo, document_photos
from .post import compose
from .registry import register
from .text import cut_units, units
from .vk_api import (
    NOT_FOUND,
    REFUSED_OBJECT,
    Denied,
    Refused,
    VkCredentials,
    VkSettings,
    community_name,
    items_of,
    open_vk,
    owner,
    read_photo,
    upload_missing,
)

NAME_LENGTH = range(4, 101)
SHORTEST_DESCRIPTION, LONGEST_DESCRIPTION = 10, 5000
"""The lower limit is VK's; the upper one is ours, as VK names none."""
PHOTO_LIMIT = 5
"""One main photo and four more."""
PAGE, MOST_PAGES = 200, 25
"""Goods that one call reads, and calls for a whole shop: more than 5,000 cars are not searched."""
NEXT_STEP = 0
GOOD_ADDRESS = re.compile(r"product-(?P<group>\d{1,15})_(?P<id>\d{1,12})(?!\d)")


class VkMarketSettings(VkSettings):
    category_id: Annotated[
        int, Shown(_("Category number"), _("VK's number of the category for cars; market.getCategories lists them."))
    ] = Field(ge=1, le=1_000_000)
    currency: Annotated[
        str,
        Shown(
            _("Currency of prices"),
            _("The one that is chosen in the settings of the community's goods."),
            (("BYN", _("roubles")), ("USD", _("dollars")), ("EUR", _("euros"))),
        ),
    ] = Field("BYN", pattern="^(BYN|USD|EUR)$")


class VkMarketPayload(Payload):
    sku: str = Field(max_length=50)
    """The car's own number, which never changes."""
    name: str
    description: str
    price: int
    category: int
    photos: tuple[Photo, ...]

    def identity(self) -> Any:
        return [self.name, self.description, self.price, self.category, [photo.key for photo in self.photos]]


class Progress(BaseModel):
    """Uploaded photos as VK numbers them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    photos: tuple[str, ...] = ()


Channel = Account[VkMarketSettings, VkCredentials]


@register("vk_market")
class VkMarketAdapter(MarketplaceAdapter[VkMarketSettings, VkCredentials, VkMarketPayload]):
    label = _("VK: goods of a community")
    about = _(
        "Cars among the goods of your VK community, with price and up to five photos. "
        "Needs the access token of its administrator, and goods must be switched on there."
    )
    capabilities = Capabilities(
        can_update=True, can_withdraw=True, can_look_up=True, can_inspect=True, text_limit=LONGEST_DESCRIPTION
    )
    Settings = VkMarketSettings
    Credentials = VkCredentials
    Payload = VkMarketPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> VkMarketPayload:
        photos = document_photos(document, PHOTO_LIMIT)
        text = compose(document, account.template, limit=LONGEST_DESCRIPTION, site_url=account.site_url).plain
        sold = "ПРОДАНО: " if document["sale_state"] == "sold" else ""
        name = cut_units(f"{sold}{document['title']}, {document['year']}", NAME_LENGTH.stop - 1).strip()
        problems: list[Words] = []
        if not photos:
            problems.append(_("VK takes no good without a photo. Add a photo to the listing."))
        if units(name) not in NAME_LENGTH:
            problems.append(_("The name is too short for VK: at least 4 characters."))
        if units(text) < SHORTEST_DESCRIPTION:
            problems.append(_("The description is too short for VK: lengthen the channel's template."))
        if problems:
            raise InvalidPayload(problems)
        settings = account.settings
        price = price_in(document, settings.currency)
        return VkMarketPayload(
            sku=document["uuid"], name=name, description=text, price=price, category=settings.category_id, photos=photos
        )

    def create(self, payload: VkMarketPayload, account: Channel) -> Placed:
        known = Progress.model_validate(account.progress).photos
        if len(known) < len(payload.photos):
            photos = upload_missing(payload.photos, known, lambda photo, main: _upload(photo, main, account))
            raise NotYet(Progress(photos=photos).model_dump(mode="json"), NEXT_STEP)
        # An earlier try may have added it.
        found, _whole = _find(payload.sku, account)
        if found is not None:
            return _placed(payload, account, found, ())
        params = {"owner_id": owner(account)} | _fields(payload, known)
        answer = open_vk(account).call("market.add", params, repeatable=False)
        if not isinstance(answer, dict) or not answer.get("market_item_id"):
            raise Ambiguous(_("VK's answer is not complete. Look into the community."))
        return _placed(payload, account, int(answer["market_item_id"]), known)

    def update(self, external: Mapping[str, Any], payload: VkMarketPayload, account: Channel) -> Placed:
        item = _known_item(external)
        names = {photo["key"]: photo["name"] for photo in external.get("photos", []) if photo["name"]}
        main = payload.photos[0].key
        if not any(photo["key"] == main for photo in external.get("photos", [])[:1]):
            # Main photos are uploaded as such.
            names.pop(main, None)
        names |= {
            photo.key: _upload(photo, photo.key == main, account) for photo in payload.photos if photo.key not in names
        }
        known = tuple(names[photo.key] for photo in payload.photos)
        params = {"owner_id": external["owner"], "item_id": str(item)} | _fields(payload, known)
        try:
            open_vk(account).call("market.edit", params)
        except (Refused, Denied) as error:
            if not _is_gone(error, external, account):
                raise
            words = _("The good is no longer in the community: somebody deleted it there. Publish it again.")
            raise InvalidPayload([words]) from None
        return _placed(payload, account, item, known, response="edited")

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        params = {"owner_id": external.get("owner", ""), "item_id": str(_known_item(external))}
        try:
            open_vk(account).call("market.delete", params)
        except (Refused, Denied) as error:
            if not _is_gone(error, external, account):
                raise
            return Withdrawn(removed=True, response="not found")
        return Withdrawn(removed=True, response="deleted")

    def lookup(self, payload: VkMarketPayload, account: Channel) -> LookedUp:
        if len(Progress.model_validate(account.progress).photos) < len(payload.photos):
            # It ended while photos were uploaded: nothing was added yet.
            return LookedUp("absent")
        found, whole = _find(payload.sku, account)
        if found is not None:
            return LookedUp("found", _placed(payload, account, found, ()))
        return LookedUp("absent" if whole else "unknown")

    def adopt(self, payload: VkMarketPayload, address: str, since: datetime, account: Channel) -> Placed:
        if not address.strip():
            return Placed({})
        found = GOOD_ADDRESS.search(address)
        if not found or found["group"] != account.settings.group_id:
            words = _("Copy the good's link in this community: it looks like https://vk.com/product-123_456.")
            raise InvalidPayload([words])
        return _placed(payload, account, int(found["id"]), (), response="confirmed by a person")

    def check(self, account: Channel) -> Checked:
        try:
            name = community_name(account)
            vk = open_vk(account)
            vk.call("photos.getMarketUploadServer", {"group_id": account.settings.group_id, "main_photo": "1"})
            vk.call("market.get", {"owner_id": owner(account), "count": "1"})
        except AdapterError as error:
            return Checked(False, error.words)
        return Checked(True, _("Everything works: community “%(name)s”.") % {"name": name})

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"vk {account.settings.group_id}", account.settings.per_minute

    def inspect(self, external: Mapping[str, Any], account: Channel) -> Seen:
        if not external.get("item"):
            return Seen("unknown")
        try:
            there = _exists(external, account)
        except AdapterError:
            return Seen("unknown")
        if there:
            return Seen("live", _("VK's API has the good."))
        return Seen("removed", _("VK's API does not have the good any more."))


def _fields(payload: VkMarketPayload, photos: tuple[str, ...]) -> dict[str, str]:
    return {
        "name": payload.name,
        "description": payload.description,
        "category_id": str(payload.category),
        "price": str(payload.price),
        "sku": payload.sku,
        "main_photo_id": photos[0],
        "photo_ids": ",".join(photos[1:]),
    }


def _upload(photo: Photo, main: bool, account: Channel) -> str:
    """VK's number of the photo."""
    vk, group = open_vk(account), {"group_id": account.settings.group_id}
    content = read_photo(account, photo)
    server = vk.call("photos.getMarketUploadServer", group | {"main_photo": "1" if main else "0"})
    uploaded = vk.upload(str(server["upload_url"]), "file", content)
    names = ("server", "photo", "hash", "crop_data", "crop_hash")
    params = {name: str(uploaded[name]) for name in names if uploaded.get(name)}
    saved = items_of(vk.call("photos.saveMarketPhoto", group | params))
    if not saved:
        raise RetryLater(_("VK does not take the photos just now."))
    return str(saved[0]["id"])


def _find(sku: str, account: Channel) -> tuple[int | None, bool]:
    """The good's number, if it is there, and whether the whole shop was read."""
    vk = open_vk(account)
    for page in range(MOST_PAGES):
        params = {"owner_id": owner(account), "count": str(PAGE), "offset": str(page * PAGE), "extended": "1"}
        items = items_of(vk.call("market.get", params))
        for item in items:
            if item.get("sku") == sku:
                return int(item["id"]), True
        if len(items) < PAGE:
            return None, True
    return None, False


def _exists(external: Mapping[str, Any], account: Channel) -> bool:
    ids = {"item_ids": f"{external['owner']}_{external['item']}"}
    return bool(items_of(open_vk(account).call("market.getById", ids)))


def _is_gone(error: Refused | Denied, external: Mapping[str, Any], account: Channel) -> bool:
    """VK says much the same of a deleted good and of a wrong parameter; reading tells them apart."""
    return error.number in NOT_FOUND or (error.number in REFUSED_OBJECT and not _exists(external, account))


def _placed(
    payload: VkMarketPayload, account: Channel, item: int, names: tuple[str, ...], *, response: str = ""
) -> Placed:
    known = [*names, *[""] * len(payload.photos)]
    external = {
        "owner": owner(account),
        "item": item,
        "photos": [{"key": photo.key, "name": name} for photo, name in zip(payload.photos, known, strict=False)],
    }
    name = f"{owner(account)}_{item}"
    address = f"{str(account.settings.post_url).rstrip('/')}/product{name}"
    return Placed(external, address, response=response or f"good {item}", key=name)


def _known_item(external: Mapping[str, Any]) -> int:
    if not external.get("item"):
        raise ManualActionRequired(_("It is not known which good this is. Change or delete it in VK yourself."))
    return int(external["item"])
