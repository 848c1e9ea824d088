"""The sandbox is as strict as the platform, so that what works here works there."""

import io
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from integrations.demo import channels as demo
from integrations.sandbox.server import Sandbox
from integrations.sandbox.telegram import TOKEN


def jpeg(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "JPEG")
    return buffer.getvalue()


def call(sandbox: Sandbox, method: str, token: str = TOKEN, files: Any = None, **data: str) -> dict[str, Any]:
    data = {"chat_id": "@avtofamily_demo"} | data
    response = httpx.post(f"{sandbox.url}/telegram/bot{token}/{method}", data=data, files=files, trust_env=False)
    body: dict[str, Any] = response.json()
    assert response.status_code == (200 if body["ok"] else body["error_code"])
    return body


def album(sandbox: Sandbox, count: int, **first: str) -> dict[str, Any]:
    media: list[dict[str, str]] = [{"type": "photo", "media": f"attach://p{n}"} for n in range(count)]
    media[0] |= first
    files = {f"p{n}": (f"{n}.jpg", jpeg(40 + n), "image/jpeg") for n in range(count)}
    return call(sandbox, "sendMediaGroup", files=files, media=json.dumps(media))


def test_the_demo_channel_uses_the_token_and_chat_that_the_sandbox_accepts(sandbox: Sandbox) -> None:
    assert call(sandbox, "getMe", demo.TOKEN)["result"]["is_bot"] is True
    assert call(sandbox, "getChat", chat_id=demo.CHAT)["result"]["type"] == "channel"


@pytest.mark.parametrize(("token", "code"), [("1:" + "x" * 35, 401), ("nonsense", 404)])
def test_a_wrong_token_is_refused(sandbox: Sandbox, token: str, code: int) -> None:
    assert call(sandbox, "getMe", token)["error_code"] == code


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<x>x</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("я<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
def test_broken_html_is_told_as_the_platform_tells_it(sandbox: Sandbox, text: str, problem: str) -> None:
    body = call(sandbox, "sendMessage", text=text, parse_mode="HTML")

    assert body["description"] == f"Bad Request: can't parse entities: {problem}"


@pytest.mark.parametrize(("length", "ok"), [(4096, True), (4097, False)])
def test_a_text_is_counted_after_its_entities_in_utf16(sandbox: Sandbox, length: int, ok: bool) -> None:
    text = "<b>&lt;🚗</b>" + "x" * (length - 3)

    assert call(sandbox, "sendMessage", text=text, parse_mode="HTML")["ok"] is ok


@pytest.mark.parametrize(("length", "ok"), [(1024, True), (1025, False)])
def test_a_caption_is_shorter(sandbox: Sandbox, length: int, ok: bool) -> None:
    body = call(sandbox, "sendPhoto", files={"photo": ("a.jpg", jpeg(), "image/jpeg")}, caption="x" * length)

    assert body["ok"] is ok


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (jpeg(4000, 100), "PHOTO_INVALID_DIMENSIONS"),
        (jpeg(6000, 4001), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
def test_impossible_photos_are_refused(sandbox: Sandbox, content: bytes, problem: str) -> None:
    body = call(sandbox, "sendPhoto", files={"photo": ("a.jpg", content, "image/jpeg")})

    assert body["description"] == f"Bad Request: {problem}"


def test_a_photo_over_ten_megabytes_is_too_large(sandbox: Sandbox) -> None:
    heavy = jpeg() + b"\0" * (10 * 1024 * 1024)

    assert call(sandbox, "sendPhoto", files={"photo": ("a.jpg", heavy, "image/jpeg")})["error_code"] == 413


@pytest.mark.parametrize(("count", "ok"), [(1, False), (2, True), (10, True), (11, False)])
def test_an_album_has_two_to_ten_photos(sandbox: Sandbox, count: int, ok: bool) -> None:
    assert album(sandbox, count)["ok"] is ok
    assert len(sandbox.state()["telegram"]["chats"][0]["messages"]) == (count if ok else 0)


def test_an_edit_without_a_difference_is_refused(sandbox: Sandbox) -> None:
    call(sandbox, "sendMessage", text="a")

    assert call(sandbox, "editMessageText", message_id="1", text="b")["ok"]
    assert call(sandbox, "editMessageText", message_id="1", text="b")["description"].startswith(
        "Bad Request: message is not modified"
    )
    assert call(sandbox, "editMessageCaption", message_id="1", caption="b")["ok"] is False
    assert call(sandbox, "editMessageText", message_id="9", text="b")["description"] == (
        "Bad Request: message to edit not found"
    )


def test_messages_are_deleted_for_48_hours(sandbox: Sandbox) -> None:
    album(sandbox, 2)
    call(sandbox, "sendMessage", text="a")
    assert call(sandbox, "deleteMessages", message_ids="[1, 77]")["ok"]
    sandbox.control({"clock_offset": 48 * 3600 + 5})

    assert call(sandbox, "deleteMessage", message_id="2")["description"].endswith("can't be deleted for everyone")
    deleted = [message["deleted"] is not None for message in sandbox.state()["telegram"]["chats"][0]["messages"]]
    assert deleted == [True, False, False]


def test_the_minute_of_a_chat_is_counted_by_photos(sandbox: Sandbox) -> None:
    sandbox.control({"telegram": {"per_minute": 5}})
    assert album(sandbox, 4)["ok"]
    body = album(sandbox, 2)

    assert body["error_code"] == 429
    assert 0 < body["parameters"]["retry_after"] <= 61
    assert call(sandbox, "sendMessage", text="a")["ok"]


@pytest.mark.parametrize(
    ("fault", "messages"),
    [({"answer": "drop", "done": True}, 1), ({"answer": "drop", "done": False}, 0), ({"answer": "502"}, 1)],
)
def test_faults_come_on_demand_and_once(sandbox: Sandbox, fault: dict[str, Any], messages: int) -> None:
    httpx.post(f"{sandbox.url}/__control", json={"faults": [fault]}, trust_env=False).raise_for_status()
    with pytest.raises((httpx.HTTPError, ValueError)):
        call(sandbox, "sendMessage", text="a")
    assert len(sandbox.state()["telegram"]["chats"][0]["messages"]) == messages

    assert call(sandbox, "sendMessage", text="b")["ok"]


@pytest.mark.parametrize("settings", [{"faults": [{"answer": "?"}]}, {"faults": [{"x": 1}]}, {"unknown": 1}, []])
def test_a_wrong_control_is_refused(sandbox: Sandbox, settings: Any) -> None:
    assert httpx.post(f"{sandbox.url}/__control", json=settings, trust_env=False).status_code == 400


def test_a_slow_answer_is_slow(sandbox: Sandbox) -> None:
    sandbox.control({"faults": [{"delay": 0.4}]})
    start = time.monotonic()
    call(sandbox, "getMe")

    assert time.monotonic() - start >= 0.4


def test_posts_survive_a_restart(tmp_path: Path) -> None:
    for restart in range(2):
        server = Sandbox(tmp_path / "data")
        server.start()
        album(server, 2, caption="Машина")
        assert len(server.state()["telegram"]["chats"][0]["messages"]) == 2 * (restart + 1)
        server.server.shutdown()
        server.close()


def test_the_page_shows_what_stands_in_the_channel(sandbox: Sandbox) -> None:
    album(sandbox, 3, caption='<b>BMW</b> &lt;x&gt; <a href="javascript:alert(1)">x</a>', parse_mode="HTML")
    call(sandbox, "sendMessage", text="<script>alert(1)</script>")
    call(sandbox, "deleteMessage", message_id="4")
    call(sandbox, "editMessageCaption", message_id="1", caption="<b>Audi</b>", parse_mode="HTML")
    page = httpx.get(f"{sandbox.url}/telegram/avtofamily_demo/1", trust_env=False).text

    assert page.count("<img ") == 3
    assert "<b>Audi</b>" in page
    assert "изменено" in page
    assert "удалено" in page
    assert "<script>alert" not in page
    assert "javascript:" not in page
    photo = page.split('src="', 1)[1].split('"', 1)[0]
    picture = httpx.get(photo, trust_env=False)
    assert (picture.headers["content-type"], picture.content) == ("image/jpeg", jpeg())


@pytest.mark.parametrize(
    "path",
    [
        "/telegram/photos/../telegram.sqlite3",
        f"/telegram/photos/{'0' * 32}.jpg",
        "/telegram/nobody_here",
        "/nothing",
        "/x/y",
    ],
)
def test_other_paths_lead_nowhere(sandbox: Sandbox, path: str) -> None:
    assert httpx.get(sandbox.url + path, trust_env=False).status_code == 404


def test_it_is_healthy(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.url}/healthz", trust_env=False).json() == {"status": "ok"}
