"""VK: a post on a community's wall. Photos are uploaded first, then one post shows them with its words.

A create is in two steps: the photos are uploaded and a `guid` is drawn and kept; then the post is made with that guid,
by which VK knows a repetition. As nobody says for how long it does, the wall's newest posts are read before.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

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
    Stats,
    Withdrawn,
)
from .photos import Photo, document_photos
from .post import compose
from .registry import register
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

TEXT_LIMIT = 15_000
"""Below the 16 thousand that VK is known to take."""
PHOTO_LIMIT = 10
RECENT = 50
"""Newest posts of the wall that are looked through."""
CLOCKS_DIFFER = timedelta(minutes=5)
NEXT_STEP = 0
FIGURES = (("views", "views"), ("likes", "likes"), ("comments", "comments"), ("shares", "reposts"))
"""Ours and VK's names."""
POST_ADDRESS = re.compile(r"wall-(?P<group>\d{1,15})_(?P<id>\d{1,12})(?!\d)")


class VkWallPayload(Payload):
    message: str
    photos: tuple[Photo, ...] = ()

    def identity(self) -> Any:
        return [self.message, [photo.key for photo in self.photos]]


class Progress(BaseModel):
    """Uploaded photos as VK names them; `guid` and `since` are set when the post may follow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    photos: tuple[str, ...] = ()
    guid: str = ""
    since: datetime | None = None


Channel = Account[VkSettings, VkCredentials]


@register("vk_wall")
class VkWallAdapter(MarketplaceAdapter[VkSettings, VkCredentials, VkWallPayload]):
    label = _("VK: posts of a community")
    about = _("Posts with photos on the wall of your VK community. Needs the access token of its administrator.")
    capabilities = Capabilities(
        can_update=True,
        can_withdraw=True,
        can_look_up=True,
        can_inspect=True,
        has_stats=True,
        text_limit=TEXT_LIMIT,
    )
    Settings = VkSettings
    Credentials = VkCredentials
    Payload = VkWallPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> VkWallPayload:
        text = compose(document, account.template, limit=TEXT_LIMIT, site_url=account.site_url)
        return VkWallPayload(message=text.plain, photos=document_photos(document, PHOTO_LIMIT))

    def create(self, payload: VkWallPayload, account: Channel) -> Placed:
        progress = Progress.model_validate(account.progress)
        if progress.since is None:
            raise _prepare(payload, account, progress)
        # An earlier try of this very step may have posted it.
        found = _find(payload, account, progress)
        if found is not None:
            return found
        params = {
            "owner_id": owner(account),
            "from_group": "1",
            "message": payload.message,
            "attachments": ",".join(progress.photos),
            "guid": progress.guid,
        }
        answer = open_vk(account).call("wall.post", params, repeatable=False)
        if not isinstance(answer, dict) or not answer.get("post_id"):
            raise Ambiguous(_("VK's answer is not complete. Look into the community."))
        return _placed(payload, account, int(answer["post_id"]), progress.photos)

    def update(self, external: Mapping[str, Any], payload: VkWallPayload, account: Channel) -> Placed:
        post = _known_post(external)
        names = {photo["key"]: photo["name"] for photo in external.get("photos", []) if photo["name"]}
        names |= {photo.key: _upload(photo, account) for photo in payload.photos if photo.key not in names}
        attachments = tuple(names[photo.key] for photo in payload.photos)
        params = {
            "owner_id": external["owner"],
            "post_id": str(post),
            "message": payload.message,
            "attachments": ",".join(attachments),
        }
        try:
            open_vk(account).call("wall.edit", params)
        except (Refused, Denied) as error:
            if _is_gone(error, external, account):
                words = _("The post is no longer in the community: somebody deleted it there. Publish it again.")
                raise InvalidPayload([words]) from None
            if isinstance(error, Denied) and error.number in REFUSED_OBJECT:
                words = _("VK does not let this post be changed any more. Change it there, or publish it again.")
                raise ManualActionRequired(words) from None
            raise
        return _placed(payload, account, post, attachments, response="edited")

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        params = {"owner_id": external.get("owner", ""), "post_id": str(_known_post(external))}
        try:
            open_vk(account).call("wall.delete", params)
        except (Refused, Denied) as error:
            if not _is_gone(error, external, account):
                raise
            return Withdrawn(removed=True, response="not found")
        return Withdrawn(removed=True, response="deleted")

    def lookup(self, payload: VkWallPayload, account: Channel) -> LookedUp:
        found = _find(payload, account, Progress.model_validate(account.progress))
        # "absent" is safe: the next try reads the wall once more, and its guid is still the same.
        return LookedUp("found", found) if found else LookedUp("absent")

    def adopt(self, payload: VkWallPayload, address: str, since: datetime, account: Channel) -> Placed:
        if not address.strip():
            return Placed({})
        found = POST_ADDRESS.search(address)
        if not found or found["group"] != account.settings.group_id:
            words = _("Copy the post's link in this community: it looks like https://vk.com/wall-123_456.")
            raise InvalidPayload([words])
        # Which of VK's photos is which is not known: a later change uploads them anew.
        return _placed(payload, account, int(found["id"]), (), response="confirmed by a person")

    def check(self, account: Channel) -> Checked:
        try:
            name = community_name(account)
            vk = open_vk(account)
            vk.call("photos.getWallUploadServer", {"group_id": account.settings.group_id})
            vk.call("wall.get", {"owner_id": owner(account), "count": "1"})
        except AdapterError as error:
            return Checked(False, error.words)
        return Checked(True, _("Everything works: community “%(name)s”.") % {"name": name})

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"vk {account.settings.group_id}", account.settings.per_minute

    def inspect(self, external: Mapping[str, Any], account: Channel) -> Seen:
        if not external.get("post"):
            return Seen("unknown")
        try:
            found = _read(external, account)
        except AdapterError:
            return Seen("unknown")
        if found is None:
            return Seen("removed", _("VK's API does not have the post any more."))
        return Seen("live", _("VK's API has the post."))

    def fetch_stats(self, external: Mapping[str, Any], account: Channel) -> Stats | None:
        found = _read(external, account) if external.get("post") else None
        if found is None:
            return None
        figures = {ours: found[theirs].get("count") for ours, theirs in FIGURES if isinstance(found.get(theirs), dict)}
        return Stats(**{name: value for name, value in figures.items() if isinstance(value, int)})


def _prepare(payload: VkWallPayload, account: Channel, progress: Progress) -> NotYet:
    """One step: uploads photos; once all are there, draws the guid that the post will have."""
    photos = upload_missing(payload.photos, progress.photos, lambda photo, _first: _upload(photo, account))
    if len(photos) < len(payload.photos):
        return NotYet(Progress(photos=photos).model_dump(mode="json"), NEXT_STEP)
    ready = Progress(photos=photos, guid=uuid.uuid4().hex, since=account.now())
    return NotYet(ready.model_dump(mode="json"), NEXT_STEP)


def _upload(photo: Photo, account: Channel) -> str:
    """The photo's name for attachments."""
    vk, group = open_vk(account), {"group_id": account.settings.group_id}
    content = read_photo(account, photo)
    server = vk.call("photos.getWallUploadServer", group)
    uploaded = vk.upload(str(server["upload_url"]), "photo", content)
    params = {name: str(uploaded.get(name, "")) for name in ("server", "photo", "hash")}
    saved = items_of(vk.call("photos.saveWallPhoto", group | params))
    if not saved:
        raise RetryLater(_("VK does not take the photos just now."))
    return f"photo{saved[0]['owner_id']}_{saved[0]['id']}"


def _find(payload: VkWallPayload, account: Channel, progress: Progress) -> Placed | None:
    """The post among the newest of the wall, if an earlier try has made it."""
    if progress.since is None:
        return None
    earliest = progress.since - CLOCKS_DIFFER
    answer = open_vk(account).call("wall.get", {"owner_id": owner(account), "count": str(RECENT), "filter": "owner"})
    for item in items_of(answer):
        made = datetime.fromtimestamp(int(item.get("date") or 0), UTC)
        if made >= earliest and str(item.get("text", "")).split() == payload.message.split():
            return _placed(payload, account, int(item["id"]), progress.photos)
    return None


def _read(external: Mapping[str, Any], account: Channel) -> dict[str, Any] | None:
    """None: VK says that there is no such post."""
    posts = {"posts": f"{external['owner']}_{external['post']}"}
    found = [item for item in items_of(open_vk(account).call("wall.getById", posts)) if not item.get("is_deleted")]
    return found[0] if found else None


def _is_gone(error: Refused | Denied, external: Mapping[str, Any], account: Channel) -> bool:
    """VK says much the same of a deleted post and of a wrong parameter; reading tells them apart."""
    return error.number in NOT_FOUND or (error.number in REFUSED_OBJECT and _read(external, account) is None)


def _placed(payload: VkWallPayload, account: Channel, post: int, names: Sequence[str], *, response: str = "") -> Placed:
    known = [*names, *[""] * len(payload.photos)]
    external = {
        # The channel's setting may change, the post stays where it is.
        "owner": owner(account),
        "post": post,
        "photos": [{"key": photo.key, "name": name} for photo, name in zip(payload.photos, known, strict=False)],
    }
    name = f"{owner(account)}_{post}"
    address = f"{str(account.settings.post_url).rstrip('/')}/wall{name}"
    return Placed(external, address, response=response or f"post {post}", key=name)


def _known_post(external: Mapping[str, Any]) -> int:
    if not external.get("post"):
        raise ManualActionRequired(_("It is not known which post this is. Change or delete it in VK yourself."))
    return int(external["post"])
