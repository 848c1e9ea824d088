"""A Facebook page: photos are uploaded unseen, then one post shows them with its words.

What Facebook cannot do, and what happens instead:
- photos of a post are never exchanged: the words are changed, and the publication says that the photos stay;
- it has no key against doubles: before each posting, and after an answer that got lost, the page's newest posts are
  read and compared with the words.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from . import meta_webhook
from .base import (
    Account,
    AdapterError,
    Ambiguous,
    Capabilities,
    ChannelSettings,
    Checked,
    Event,
    Farewell,
    IncomingCall,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    NotYet,
    Payload,
    PhotoShape,
    Placed,
    RetryLater,
    Seen,
    Shown,
    Withdrawn,
    Words,
)
from .meta_api import FACEBOOK_HOST, PER_MINUTE, VERSION, VERSION_PATTERN, Graph, MetaCredentials
from .meta_errors import Gone
from .meta_posts import RECENT, matching, next_page
from .photos import Photo, document_photos
from .post import compose
from .registry import register

MESSAGE_LIMIT = 63_206
PHOTO_LIMIT = 10
SHAPE = PhotoShape(2048)
"""Wider photos are made smaller by Facebook itself."""
NEXT_STEP = 1
"""Seconds."""
UPLOADS_LAST = timedelta(hours=20)
"""Photos that no post shows are dropped after a day."""
FIELDS = "id,message,created_time,permalink_url"
POST_ITEMS = {"post", "status", "photo", "album", "share"}


class FacebookSettings(ChannelSettings):
    page_id: Annotated[str, Shown(_("Page number"), _("Facebook's number of the page, in its “About” section."))] = (
        Field(pattern=r"^\d{5,25}$")
    )
    api_version: Annotated[str, Shown(_("API version"), _("Meta names it like v25.0."))] = Field(
        VERSION, pattern=VERSION_PATTERN
    )
    base_url: Annotated[HttpUrl, Shown(_("API address"), _("Leave it as it is."))] = HttpUrl(FACEBOOK_HOST)
    per_minute: Annotated[int, Shown(_("Steps a minute"), _("A post takes about two steps."))] = Field(
        PER_MINUTE, ge=1, le=3000
    )


class FacebookPayload(Payload):
    message: str
    photos: tuple[Photo, ...] = ()

    def identity(self) -> Any:
        return [self.message, [photo.key for photo in self.photos]]


PAGES = 10
"""Of the newest posts that are read to find one again; more there never are in the time that a step takes."""


class Progress(BaseModel):
    """Uploaded photos; `since` is set when all are there and the post may follow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    photos: tuple[str, ...] = ()
    since: datetime | None = None


Channel = Account[FacebookSettings, MetaCredentials]


@register("facebook")
class FacebookAdapter(MarketplaceAdapter[FacebookSettings, MetaCredentials, FacebookPayload]):
    label = _("Facebook page")
    about = _(
        "Posts with photos on your Facebook page. Needs an app in Meta for Developers and the page's access token."
    )
    capabilities = Capabilities(
        can_update=True,
        can_withdraw=True,
        can_look_up=True,
        can_inspect=True,
        has_webhook=True,
        text_limit=MESSAGE_LIMIT,
    )
    Settings = FacebookSettings
    Credentials = MetaCredentials
    Payload = FacebookPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> FacebookPayload:
        text = compose(document, account.template, limit=MESSAGE_LIMIT, site_url=account.site_url)
        return FacebookPayload(message=text.plain, photos=document_photos(document, PHOTO_LIMIT))

    def create(self, payload: FacebookPayload, account: Channel) -> Placed:
        progress = Progress.model_validate(account.progress)
        if progress.since is None:
            raise _upload(payload, account, progress)
        if account.now() - progress.since > UPLOADS_LAST:
            raise NotYet({}, NEXT_STEP)
        # An earlier try of this very step may have posted it.
        found = _find(payload, account, progress.since)
        if found is not None:
            return found
        params = {"message": payload.message} | {
            f"attached_media[{index}]": f'{{"media_fbid":"{photo}"}}' for index, photo in enumerate(progress.photos)
        }
        answer = _graph(account).post(f"{account.settings.page_id}/feed", params, repeatable=False)
        post = str(answer.get("id", ""))
        if not post:
            raise Ambiguous(_("Facebook's answer is not complete. Look at the page."))
        return _placed(payload, post, _permalink(account, post))

    def update(self, external: Mapping[str, Any], payload: FacebookPayload, account: Channel) -> Placed:
        post = _known_post(external)
        try:
            _graph(account).post(post, {"message": payload.message}, repeatable=True)
        except Gone:
            words = _("The post is no longer on the page: somebody deleted it there. Publish it again.")
            raise InvalidPayload([words]) from None
        kept = list(external.get("photos", []))
        changed = kept != [photo.key for photo in payload.photos]
        note: Words = _("The words are changed; photos of a Facebook post cannot be exchanged.") if changed else ""
        link = str(external.get("permalink", ""))
        return Placed({**external}, link, note=note, response="edited", key=post)

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        post = _known_post(external)
        try:
            _graph(account).delete(post)
        except Gone:
            # Meta says the same of a token without rights: then this fails too.
            _graph(account).get(account.settings.page_id, fields="id")
        return Withdrawn(removed=True, response="deleted")

    def lookup(self, payload: FacebookPayload, account: Channel) -> LookedUp:
        since = Progress.model_validate(account.progress).since
        try:
            found = _find(payload, account, since) if since else None
        except Ambiguous:
            return LookedUp("unknown")
        # "absent" is safe: the next try reads the page once more before it posts.
        return LookedUp("found", found) if found else LookedUp("absent")

    def adopt(self, payload: FacebookPayload, address: str, since: datetime, account: Channel) -> Placed:
        link = address.strip()
        if not link:
            return Placed({})
        for item in _newest(account).get("data", []):
            permalink = str(item.get("permalink_url", ""))
            number = str(item["id"]).rpartition("_")[2]
            if permalink == link or f"/{number}" in link or f"story_fbid={number}" in link:
                return _placed(payload, str(item["id"]), permalink, response="confirmed by a person")
        raise InvalidPayload([_("The page has no such post among its newest. Copy the post's link on Facebook.")])

    def check(self, account: Channel) -> Checked:
        try:
            page = _graph(account).get(account.settings.page_id, fields="id,name")
            _newest(account)
        except AdapterError as error:
            return Checked(False, error.words)
        name = page.get("name") or account.settings.page_id
        return Checked(True, _("Everything works: page “%(name)s”.") % {"name": name})

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"facebook {account.settings.page_id}", account.settings.per_minute

    def inspect(self, external: Mapping[str, Any], account: Channel) -> Seen:
        post = str(external.get("post", ""))
        if not post:
            return Seen("unknown")
        try:
            _graph(account).get(post, fields="id")
        except Gone:
            return _gone(account)
        return Seen("live", _("Facebook's API has the post."))

    def verify(self, call: IncomingCall, account: Channel) -> str:
        return meta_webhook.verify(call, account.credentials.app_secret, account.webhook_secret)

    def events(self, call: IncomingCall) -> Sequence[Event]:
        """Who deletes a post, or comments on it, says whether it is there."""
        found = []
        for field, value in meta_webhook.changes(call, "page"):
            post, item, verb = (str(value.get(name, "")) for name in ("post_id", "item", "verb"))
            if field != "feed" or not post:
                continue
            if verb == "remove" and item in POST_ITEMS:
                found.append(Event(post, seen=Seen("removed", _("Facebook says that the post was deleted."))))
            elif verb == "add" and item in {"comment", "reaction"}:
                found.append(Event(post, seen=Seen("live", _("Somebody has commented on it or liked it."))))
        return found


def _graph(account: Channel) -> Graph:
    root = str(account.settings.base_url).rstrip("/")
    return Graph(root, account.settings.api_version, account.credentials.token, account.ensure_time)


def _upload(payload: FacebookPayload, account: Channel, progress: Progress) -> NotYet:
    """Uploads what is missing, unseen; as many as time and platform let through, at least one."""
    photos = list(progress.photos)
    for photo in payload.photos[len(photos) :]:
        try:
            photos.append(_upload_one(photo, account))
        except RetryLater:
            if len(photos) == len(progress.photos):
                raise
            break
    complete = len(photos) == len(payload.photos)
    after = Progress(photos=tuple(photos), since=account.now() if complete else None)
    return NotYet(after.model_dump(mode="json"), NEXT_STEP)


def _upload_one(photo: Photo, account: Channel) -> str:
    url = account.photo_address(photo.id, SHAPE)
    params = {"url": url, "published": "false"}
    answer = _graph(account).post(f"{account.settings.page_id}/photos", params, repeatable=True)
    if not answer.get("id"):
        raise RetryLater(_("Facebook's answer is not complete."))
    return str(answer["id"])


def _newest(account: Channel, after: str = "") -> dict[str, Any]:
    params = {"fields": FIELDS, "limit": str(RECENT)} | ({"after": after} if after else {})
    return _graph(account).get(f"{account.settings.page_id}/feed", **params)


def _find(payload: FacebookPayload, account: Channel, since: datetime) -> Placed | None:
    """Raises Ambiguous where so many posts have followed that it may stand behind them."""
    after = ""
    for _page in range(PAGES):
        newest = _newest(account, after)
        found = matching(newest, payload.message, since, text="message", time="created_time")
        if found:
            return _placed(payload, str(found[0]["id"]), str(found[0].get("permalink_url", "")))
        after = next_page(newest, since, time="created_time")
        if not after:
            return None
    raise Ambiguous(_("Facebook's answer is not complete. Look at the page."))


def _placed(payload: FacebookPayload, post: str, permalink: str, response: str = "") -> Placed:
    external = {"post": post, "permalink": permalink, "photos": [photo.key for photo in payload.photos]}
    return Placed(external, permalink, response=response or f"post {post}", key=post)


def _permalink(account: Channel, post: str) -> str:
    """Empty where it cannot be read: the post is there, which must not be forgotten for its address."""
    try:
        return str(_graph(account).get(post, fields="permalink_url").get("permalink_url", ""))
    except AdapterError:
        return ""


def _gone(account: Channel) -> Seen:
    """Meta says the same of a deleted post and of a token without rights; the page itself tells them apart."""
    try:
        _graph(account).get(account.settings.page_id, fields="id")
    except AdapterError:
        return Seen("unknown")
    return Seen("removed", _("Facebook's API does not have the post any more."))


def _known_post(external: Mapping[str, Any]) -> str:
    post = str(external.get("post", ""))
    if not post:
        raise ManualActionRequired(_("It is not known which post this is. Change or delete it on Facebook yourself."))
    return post
