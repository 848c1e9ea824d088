"""What these tests share with those of publishing: a sandbox, a channel, listings; and watching on top."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from cms.outgoing import get
from integrations.marketplaces.base import Capabilities, Quota, Seen, Stats
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.monitoring import following, looking
from integrations.monitoring.doors import connect
from integrations.monitoring.models import Watch
from integrations.publications.models import Channel, Publication
from integrations.sandbox.platform import Platform, Request, Response
from integrations.sandbox.server import Sandbox
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

Publish = Callable[..., Publication]


@pytest.fixture
def connected(live_server: Any, settings: Settings, channel: Channel) -> Channel:  # noqa: F811
    """The channel, receiving events at a running CMS."""
    settings.CMS_URL = live_server.url
    connect(channel, UserFactory(is_superuser=True))
    return channel


class Asked(Platform):
    """A platform that can be asked: pages say how each post is."""

    key, title, has_page = "asked", "Asked", False
    pages: dict[str, tuple[int, bytes]]

    def operation(self, request: Request) -> str:
        return request.path.split("/")[1]

    def handle(self, request: Request) -> Response:
        return Response(*self.pages.get(request.path, (500, b"")))

    def trouble(self, kind: Any, retry_after: int) -> Response:
        return Response(500)


class Asking:
    """What its adapter would ask, over HTTP."""

    def __init__(self, platform: Asked) -> None:
        self.platform = platform
        platform.pages = {}

    def inspect(self, external: Any, account: Any) -> Seen:
        account.ensure_time()
        answer = get(f"{self.platform.url}/posts/{external['messages'][0]['id']}")
        known = {200: "live", 404: "removed"}
        problems = [text for text in answer.body.decode().splitlines() if answer.status == 200 and text]
        return Seen(known.get(answer.status, "unknown"), f"HTTP {answer.status}", problems)  # type: ignore[arg-type]

    def stats(self, external: Any, account: Any) -> Stats | None:
        answer = get(f"{self.platform.url}/stats/{external['messages'][0]['id']}")
        return Stats(views=int(answer.body)) if answer.status == 200 else None

    def quota(self, account: Any) -> Quota:
        return Quota(used=7, total=50, hours=24)

    def post(self, publication: Publication, status: int = 200, words: str = "") -> None:
        self.platform.pages[f"/posts/{publication.external['messages'][0]['id']}"] = status, words.encode()

    def views(self, publication: Publication, count: int) -> None:
        self.platform.pages[f"/stats/{publication.external['messages'][0]['id']}"] = 200, str(count).encode()


@pytest.fixture
def asking(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asking:  # noqa: F811
    """Telegram cannot be asked; here it has what other platforms have."""
    asked = Asked(tmp_path / "asked", sandbox.clock, f"{sandbox.url}/asked")
    sandbox.platforms["asked"] = asked
    platform = Asking(asked)
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
