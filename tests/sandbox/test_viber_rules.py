"""The imitated Viber keeps to what is known of Viber."""

import io
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from integrations.sandbox.server import Sandbox
from integrations.sandbox.viber import ADMIN, TOKEN
from tests.integrations import photo_server
from tests.integrations.photo_server import PhotoServer, serve_photos


@pytest.fixture
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


def call(sandbox: Sandbox, method: str, token: str = TOKEN, **body: Any) -> int:
    """The status of the answer."""
    headers = {"X-Viber-Auth-Token": token}
    response = httpx.post(f"{sandbox.url}/viber/pa/{method}", json=body, headers=headers, trust_env=False)
    return int(response.json()["status"])


def post(sandbox: Sandbox, **body: Any) -> int:
    return call(sandbox, "post", **({"from": ADMIN, "type": "text", "text": "BMW"} | body))


def test_only_the_token_opens_the_channel_and_only_its_chief_speaks(sandbox: Sandbox) -> None:
    assert call(sandbox, "get_account_info", token="wrong") == 2
    assert post(sandbox, **{"from": "somebody"}) == 15
    assert (post(sandbox), sandbox.platforms["viber"].posts()) == (0, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "x" * 7000}, 0), ({"text": "x" * 7001}, 3), ({"text": ""}, 4), ({"text": 7}, 3), ({"type": "x"}, 3),
    ],
)  # fmt: skip
def test_a_text_keeps_to_its_limits(sandbox: Sandbox, body: dict[str, Any], status: int) -> None:
    assert post(sandbox, **body) == status


def test_a_photo_is_a_jpeg_that_can_be_fetched_with_a_short_text(sandbox: Sandbox, photos: PhotoServer) -> None:
    picture = {"type": "picture", "media": f"{photos.url}/1/640x480.jpeg"}
    assert post(sandbox, **picture, text="x" * 768) == 0
    assert post(sandbox, **picture, text="x" * 769) == 3
    assert post(sandbox, type="picture", media=f"{photos.url}/1/640x480.png") == 3
    assert post(sandbox, type="picture", media=f"{photos.url}/nothing") == 3
    assert post(sandbox, type="picture") == 3


def test_a_photo_has_at_most_a_megabyte(sandbox: Sandbox, photos: PhotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = io.BytesIO()
    Image.frombytes("RGB", (1000, 1000), os.urandom(1000 * 1000 * 3)).save(noise, "JPEG", quality=95)
    monkeypatch.setattr(photo_server, "draw", lambda *_: noise.getvalue())
    assert len(noise.getvalue()) > 1024 * 1024

    assert post(sandbox, type="picture", media=f"{photos.url}/1/1000x1000.jpeg") == 3


def test_nothing_is_posted_without_a_webhook_and_a_webhook_needs_https(sandbox: Sandbox) -> None:
    sandbox.control({"viber": {"webhook": ""}})
    assert post(sandbox) == 10
    assert call(sandbox, "set_webhook", url="http://avtofamily.example") == 1
    assert call(sandbox, "set_webhook", url="https://avtofamily.example") == 0

    assert post(sandbox) == 0


def test_there_is_no_call_that_changes_or_deletes(sandbox: Sandbox) -> None:
    assert [call(sandbox, method) for method in ("edit", "delete")] == [3, 3]


def test_visitors_see_the_channel(sandbox: Sandbox) -> None:
    post(sandbox, text="<b>BMW</b>")

    assert "&lt;b&gt;BMW" in httpx.get(f"{sandbox.url}/viber/", trust_env=False).text
