"""What these tests share with those of publishing: a sandbox, a channel, listings; and watching on top."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from integrations.marketplaces.base import Capabilities, Quota, Seen, Stats
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.monitoring import following, looking
from integrations.monitoring.doors import connect
from integrations.monitoring.models import Watch
from integrations.publications.models import Channel, Publication
from tests.factories import UserFactory
from tests.integrations.conftest import (  # noqa: F401  fixtures
    Clock,
    World,
    channel,
    clock,
    dealer,
    make_listing,
    publish,
    sandbox,
    work,
    world,
)
from tests.web import Pages

Publish = Callable[..., Publication]


@pytest.fixture
def connected(live_server: Any, settings: Settings, channel: Channel) -> Channel:  # noqa: F811
    """The channel, receiving events at a running CMS."""
    settings.CMS_URL = live_server.url
    connect(channel, UserFactory(is_superuser=True))
    return channel


class Asking:
    """A platform that can be asked: pages of a real web server say how each post is."""

    def __init__(self, web: Pages) -> None:
        self.web = web

    def inspect(self, external: Any, account: Any) -> Seen:
        from cms.outgoing import get

        account.ensure_time()
        answer = get(f"{self.web.url}/posts/{external['messages'][0]['id']}")
        known = {200: "live", 404: "removed"}
        problems = [text for text in answer.body.decode().splitlines() if answer.status == 200 and text]
        return Seen(known.get(answer.status, "unknown"), f"HTTP {answer.status}", problems)  # type: ignore[arg-type]

    def stats(self, external: Any, account: Any) -> Stats | None:
        from cms.outgoing import get

        answer = get(f"{self.web.url}/stats/{external['messages'][0]['id']}")
        return Stats(views=int(answer.body)) if answer.status == 200 else None

    def quota(self, account: Any) -> Quota:
        return Quota(used=7, total=50, hours=24)

    def post(self, publication: Publication, status: int = 200, words: str = "") -> None:
        number = publication.external["messages"][0]["id"]
        self.web.add(f"/posts/{number}", words.encode(), status=status)

    def views(self, publication: Publication, count: int) -> None:
        self.web.add(f"/stats/{publication.external['messages'][0]['id']}", str(count).encode())


@pytest.fixture
def asking(world: World, web: Pages, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Asking:  # noqa: F811
    """Telegram cannot be asked; here it has what other platforms have, over HTTP."""
    platform = Asking(web)
    able = Capabilities(
        can_update=True, can_withdraw=True, can_look_up=False, can_inspect=True, has_stats=True, has_webhook=True
    )
    monkeypatch.setattr(TelegramAdapter, "capabilities", able)
    monkeypatch.setattr(TelegramAdapter, "inspect", lambda self, *given: platform.inspect(*given))
    monkeypatch.setattr(TelegramAdapter, "fetch_stats", lambda self, *given: platform.stats(*given))
    monkeypatch.setattr(TelegramAdapter, "quota", lambda self, *given: platform.quota(*given))
    return platform


def due(publication: Publication, when: datetime, column: str = "next_check_at") -> Watch:
    """The watch, to be looked at by then."""
    Watch.objects.filter(publication=publication).update(**{column: when})
    return Watch.objects.get(publication=publication)


def look(publication: Publication, clock: Clock) -> Watch:  # noqa: F811
    """What beat and worker do in a minute, with the post's question due."""
    following.follow(clock.now)
    due(publication, clock.now)
    looking.look(publication.channel_id, clock)
    publication.refresh_from_db()
    return Watch.objects.get(publication=publication)
