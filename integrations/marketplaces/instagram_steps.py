"""How a post comes about on Instagram: containers, waiting, publishing. Each step ends with NotYet; none sleeps.

Containers are invisible and fall away after 24 hours, so making them twice does no harm. Only `media_publish` shows
anything. It is called only for a container that an earlier step has noted, and only after reading that container's
status: PUBLISHED means that it was done before, whatever became of the answer.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from .base import AdapterError, Ambiguous, InvalidPayload, NotYet, Quota, RateLimited, RetryLater
from .instagram_payload import Channel, InstagramPayload, graph
from .meta_errors import QUOTA_PAUSE, ContainerLost, ContainerMissing, Gone, Kind, NotReady, kind_of
from .meta_posts import RECENT, matching

FIRST_LOOK = 5
"""Seconds until a new container is looked at for the first time …"""
NEXT_LOOK = 60
"""… and then once a minute …"""
PATIENCE = timedelta(minutes=5)
"""… for at most five minutes."""
MISSING_PAUSES = (30, 120)
"""Seconds to wait for a container that Instagram does not find, before a new one is made."""
ROUNDS = 4
"""How often a post is prepared anew before a person is asked."""
FORGET_ROUNDS = timedelta(hours=1)
SUBCODE = re.compile(r"\b2207\d{3}\b")


class Progress(BaseModel):
    """Where the post stands between steps; the engine keeps it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    children: tuple[str, ...] = ()
    container: str = ""
    made_at: datetime | None = None
    rounds: int = 0
    misses: int = 0

    def then(self, after: float, words: Any = "", **changes: Any) -> NotYet:
        return NotYet(self.model_copy(update=changes).model_dump(mode="json"), after, words)


class Published(BaseModel):
    """`media` is empty where the post is there, but cannot be told from others of the account."""

    media: str = ""
    permalink: str = ""


def publish(payload: InstagramPayload, account: Channel, before: Callable[[], None] = lambda: None) -> Published:
    """The next step. `before` is called right before something becomes visible. Raises NotYet until it is there."""
    progress = Progress.model_validate(account.progress)
    if not progress.container:
        raise _prepare(payload, account, progress)
    status, words = read_status(account, progress.container)
    if status == "PUBLISHED":
        return find(payload, account)
    if status in {"EXPIRED", "ERROR"}:
        raise _anew(progress, account, words)
    if status != "FINISHED":
        raise _wait(progress, account)
    before()
    try:
        answer = graph(account).post(
            f"{account.settings.ig_user_id}/media_publish", {"creation_id": progress.container}, repeatable=False
        )
    except NotReady:
        raise _wait(progress, account) from None
    except ContainerLost as error:
        return _lost(payload, account, progress, error)
    media = str(answer.get("id", ""))
    if not media.isdigit():
        raise Ambiguous(_("Instagram's answer is not complete. Look into the account."))
    return Published(media=media, permalink=_permalink(account, media))


def read_status(account: Channel, container: str) -> tuple[str, str]:
    """Status of a container and Instagram's words to it. Raises RetryLater where it cannot be read."""
    try:
        answer = graph(account).get(container, fields="status_code,status")
    except Gone:
        # Reads of containers fail like this now and then and work again later: it proves nothing.
        raise RetryLater(_("Instagram does not say how far the post is.")) from None
    return str(answer.get("status_code", "")), str(answer.get("status", ""))


def find(payload: InstagramPayload, account: Channel) -> Published:
    """The published post among the newest of the account, by its caption and time."""
    progress = Progress.model_validate(account.progress)
    answer = graph(account).get(
        f"{account.settings.ig_user_id}/media", fields="id,caption,permalink,timestamp", limit=str(RECENT)
    )
    since = progress.made_at or account.now()
    found = matching(answer, payload.caption, since, text="caption", time="timestamp")
    if len(found) != 1:
        return Published()
    return Published(media=str(found[0]["id"]), permalink=str(found[0].get("permalink", "")))


def quota(account: Channel) -> Quota | None:
    """What Instagram itself says of posts in its period."""
    answer = graph(account).get(f"{account.settings.ig_user_id}/content_publishing_limit", fields="config,quota_usage")
    rows = answer.get("data") or [{}]
    config = rows[0].get("config") or {}
    if "quota_total" not in config:
        return None
    hours = int(config.get("quota_duration") or 86_400) // 3600
    return Quota(used=int(rows[0].get("quota_usage") or 0), total=int(config["quota_total"]), hours=hours)


def _prepare(payload: InstagramPayload, account: Channel, progress: Progress) -> NotYet:
    """Makes the photos' containers, and in a later step the one that holds them."""
    count = len(payload.photos)
    if not progress.children:
        _require_quota(account)
    if 1 < count != len(progress.children):
        children = _make_children(payload, account, progress.children)
        return progress.then(FIRST_LOOK, children=children, made_at=account.now())
    if count == 1:
        values = {"image_url": _address(payload, account, 0)}
    else:
        values = {"media_type": "CAROUSEL", "children": ",".join(progress.children)}
    try:
        container = _make(account, values | {"caption": payload.caption})
    except NotReady:
        return _wait(progress, account)
    except ContainerLost as error:
        return _anew(progress, account, "", error.words)
    return progress.then(FIRST_LOOK, container=container, made_at=account.now(), misses=0)


def _make_children(payload: InstagramPayload, account: Channel, made: tuple[str, ...]) -> tuple[str, ...]:
    """As many as time and platform let through, at least one. Raises RetryLater."""
    children = list(made)
    for index in range(len(made), len(payload.photos)):
        try:
            values = {"image_url": _address(payload, account, index), "is_carousel_item": "true"}
            children.append(_make(account, values))
        except RetryLater:
            if len(children) == len(made):
                raise
            break
    return tuple(children)


def _make(account: Channel, values: dict[str, str]) -> str:
    answer = graph(account).post(f"{account.settings.ig_user_id}/media", values, repeatable=True)
    container = str(answer.get("id", ""))
    if not container.isdigit():
        raise RetryLater(_("Instagram's answer is not complete."))
    return container


def _address(payload: InstagramPayload, account: Channel, index: int) -> str:
    return account.photo_address(payload.photos[index].id, payload.shape())


def _require_quota(account: Channel) -> None:
    found = quota(account)
    if found is not None and found.used >= found.total:
        words = _("Instagram takes %(total)d posts in %(hours)d hours: they are used up.")
        raise RateLimited(QUOTA_PAUSE, words % {"total": found.total, "hours": found.hours})


def _wait(progress: Progress, account: Channel) -> NotYet:
    if progress.made_at is not None and account.now() - progress.made_at >= PATIENCE:
        return _anew(progress, account, "")
    return progress.then(NEXT_LOOK, _("Instagram is still processing the photos."))


def _lost(payload: InstagramPayload, account: Channel, progress: Progress, error: ContainerLost) -> Published:
    """Instagram refuses to publish the container: perhaps because that was done already."""
    status, words = read_status(account, progress.container)
    if status == "PUBLISHED":
        return find(payload, account)
    if isinstance(error, ContainerMissing) and progress.misses < len(MISSING_PAUSES):
        raise progress.then(MISSING_PAUSES[progress.misses], error.words, misses=progress.misses + 1)
    raise _anew(progress, account, words, error.words)


def _anew(progress: Progress, account: Channel, status: str, words: Any = "") -> NotYet:
    """Begins again, a little later each time. Raises InvalidPayload where that is of no use."""
    code = SUBCODE.search(status)
    if code and kind_of(0, int(code[0])) is Kind.FIX:
        raise InvalidPayload([_("Instagram does not accept the photos: %(words)s") % {"words": status[:300]}])
    stale = progress.made_at is not None and account.now() - progress.made_at > FORGET_ROUNDS
    rounds = 1 if stale else progress.rounds + 1
    if rounds > ROUNDS:
        words = _("Instagram cannot process the photos, also in several tries. Look at them, and try again in an hour.")
        raise InvalidPayload([words])
    begun = Progress(rounds=rounds, made_at=account.now())
    return begun.then(NEXT_LOOK * 2 ** (rounds - 1), words or _("The post is prepared anew."))


def _permalink(account: Channel, media: str) -> str:
    """Empty where it cannot be read: the post is there, which must not be forgotten for its address."""
    try:
        return str(graph(account).get(media, fields="permalink").get("permalink", ""))
    except AdapterError:
        return ""
