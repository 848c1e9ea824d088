"""Instagram: a photo or carousel of a professional account, published in steps (`instagram_steps.py`).

What Instagram cannot do, and what happens instead:
- captions and photos of a post never change: a person is asked, or, if the channel says so and the app logs in through
  Facebook, the post is deleted and published anew;
- posts are deleted only through Facebook Login; with Instagram Login a person deletes them;
- there are no posts without a photo.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from . import instagram_steps as steps
from . import meta_webhook
from .base import (
    AdapterError,
    Capabilities,
    Checked,
    Event,
    Farewell,
    IncomingCall,
    InvalidPayload,
    LookedUp,
    ManualActionRequired,
    MarketplaceAdapter,
    Placed,
    Quota,
    Refreshed,
    Seen,
    Stats,
    Withdrawn,
    Words,
)
from .instagram_payload import CAPTION_LIMIT, Channel, InstagramPayload, InstagramSettings, graph, render
from .meta_api import MetaCredentials
from .meta_errors import Gone, Refused
from .meta_posts import RECENT
from .registry import register

METRICS = {
    "views": "views",
    "reach": "reach",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "saved": "saves",
}
"""Instagram's names and ours."""
UNKNOWN_LINK = _("The post is published, but Instagram does not say which one it is: later changes are up to a person.")


@register("instagram")
class InstagramAdapter(MarketplaceAdapter[InstagramSettings, MetaCredentials, InstagramPayload]):
    label = "Instagram"
    about = _(
        "Posts with one to ten photos in your professional account. Needs an app in Meta for Developers. "
        "Published captions cannot be changed, and only an app with Facebook Login can delete posts."
    )
    capabilities = Capabilities(
        can_update=False,
        can_withdraw=True,
        can_look_up=True,
        can_inspect=True,
        has_stats=True,
        has_webhook=True,
        text_limit=CAPTION_LIMIT,
    )
    Settings = InstagramSettings
    Credentials = MetaCredentials
    Payload = InstagramPayload

    def render(self, document: Mapping[str, Any], account: Channel) -> InstagramPayload:
        return render(document, account)

    def create(self, payload: InstagramPayload, account: Channel) -> Placed:
        return _placed(payload, steps.publish(payload, account))

    def update(self, external: Mapping[str, Any], payload: InstagramPayload, account: Channel) -> Placed:
        if account.settings.when_changed != "replace":
            words = _("Instagram changes no published posts. Leave this one, or delete it there and publish again.")
            raise ManualActionRequired(words)
        media = _known_media(external)
        return _placed(payload, steps.publish(payload, account, before=lambda: _delete(account, media)))

    def withdraw(self, external: Mapping[str, Any], goodbye: Farewell, account: Channel) -> Withdrawn:
        media = _known_media(external)
        if account.settings.login != "facebook":
            words = _("Instagram Login does not let a program delete posts. Delete it in Instagram: %(link)s")
            raise ManualActionRequired(words % {"link": external.get("permalink", "")})
        _delete(account, media)
        return Withdrawn(removed=True, response="deleted")

    def lookup(self, payload: InstagramPayload, account: Channel) -> LookedUp:
        container = steps.Progress.model_validate(account.progress).container
        if not container:
            # Nothing is published before a step has noted the container.
            return LookedUp("absent")
        status, _words = steps.read_status(account, container)
        if status == "PUBLISHED":
            return LookedUp("found", _placed(payload, steps.find(payload, account)))
        return LookedUp("absent" if status in {"IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED"} else "unknown")

    def adopt(self, payload: InstagramPayload, address: str, since: datetime, account: Channel) -> Placed:
        link = address.strip()
        if not link:
            return Placed({})
        answer = graph(account).get(f"{account.settings.ig_user_id}/media", fields="id,permalink", limit=str(RECENT))
        for item in answer.get("data", []):
            if _same_link(str(item.get("permalink", "")), link):
                found = steps.Published(media=str(item["id"]), permalink=str(item["permalink"]))
                return _placed(payload, found, response="confirmed by a person")
        problem = _(
            "The account has no such post among its newest. Copy the post's link: https://www.instagram.com/p/…"
        )
        raise InvalidPayload([problem])

    def check(self, account: Channel) -> Checked:
        try:
            user = graph(account).get(account.settings.ig_user_id, fields="id,username")
            left = steps.quota(account)
        except AdapterError as error:
            return Checked(False, error.words)
        name = user.get("username") or account.settings.ig_user_id
        if left is None:
            return Checked(True, _("Everything works: @%(name)s.") % {"name": name})
        words = _("Everything works: @%(name)s. Posts used: %(used)d of %(total)d in %(hours)d hours.")
        return Checked(True, words % {"name": name, "used": left.used, "total": left.total, "hours": left.hours})

    def rate(self, account: Channel) -> tuple[str, int]:
        return f"instagram {account.settings.ig_user_id}", account.settings.per_minute

    def inspect(self, external: Mapping[str, Any], account: Channel) -> Seen:
        media = str(external.get("media", ""))
        if not media:
            return Seen("unknown")
        try:
            graph(account).get(media, fields="id")
        except Gone:
            return _gone(account)
        return Seen("live", _("Instagram's API has the post."))

    def fetch_stats(self, external: Mapping[str, Any], account: Channel) -> Stats | None:
        media = str(external.get("media", ""))
        if not media:
            return None
        answer = graph(account).get(f"{media}/insights", metric=",".join(METRICS))
        found: dict[str, int] = {}
        for row in answer.get("data", []):
            values = row.get("values") or [{}]
            if row.get("name") in METRICS and isinstance(values[0].get("value"), int):
                found[METRICS[row["name"]]] = values[0]["value"]
        return Stats(**found)

    def quota(self, account: Channel) -> Quota | None:
        return steps.quota(account)

    def refresh(self, account: Channel) -> Refreshed | None:
        if account.settings.login != "instagram":
            # A page's token from Facebook Login has no renewal by itself.
            return None
        try:
            answer = graph(account).get_unversioned("refresh_access_token", grant_type="ig_refresh_token")
        except Refused:
            # Younger than a day.
            return None
        seconds = answer.get("expires_in")
        expires_at = account.now() + timedelta(seconds=seconds) if isinstance(seconds, int) else None
        return Refreshed({"token": str(answer["access_token"])}, expires_at) if answer.get("access_token") else None

    def verify(self, call: IncomingCall, account: Channel) -> str:
        return meta_webhook.verify(call, account.credentials.app_secret, account.webhook_secret)

    def events(self, call: IncomingCall) -> Sequence[Event]:
        """A comment proves that its post is there; the other notifications concern no post."""
        found = []
        for field, value in meta_webhook.changes(call, "instagram"):
            media = value.get("media")
            if field == "comments" and isinstance(media, dict) and str(media.get("id", "")).isdigit():
                found.append(Event(str(media["id"]), seen=Seen("live", _("Somebody has commented on it."))))
        return found


def _placed(payload: InstagramPayload, found: steps.Published, response: str = "") -> Placed:
    external = {"media": found.media, "permalink": found.permalink}
    note: Words = "" if found.media else UNKNOWN_LINK
    return Placed(
        external, found.permalink, note=note, response=response or f"media {found.media or '?'}", key=found.media
    )


def _delete(account: Channel, media: str) -> None:
    """Safe to repeat: what is gone counts as deleted, once it is clear that it is not the access that is gone."""
    try:
        graph(account).delete(media)
    except Gone:
        graph(account).get(account.settings.ig_user_id, fields="id")


def _gone(account: Channel) -> Seen:
    """Meta says the same of a deleted post and of a token without rights; the account itself tells them apart."""
    try:
        graph(account).get(account.settings.ig_user_id, fields="id")
    except AdapterError:
        return Seen("unknown")
    return Seen("removed", _("Instagram's API does not have the post any more."))


def _known_media(external: Mapping[str, Any]) -> str:
    media = str(external.get("media", ""))
    if not media:
        raise ManualActionRequired(_("It is not known which post this is. Change or delete it in Instagram yourself."))
    return media


def _same_link(one: str, other: str) -> bool:
    return urlsplit(one).path.strip("/") == urlsplit(other).path.strip("/")
