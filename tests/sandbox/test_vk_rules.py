"""The imitated VK is as strict as VK, so that what works here works there."""

import hashlib
from typing import Any

import httpx
import pytest

from integrations.sandbox.server import Sandbox
from integrations.sandbox.vk import TOKEN
from integrations.sandbox.vk_api import GROUP, OWNER
from tests.integrations.photo_server import draw

GOOD = {"name": "BMW X5", "description": "Один хозяин", "category_id": "1", "price": "95000", "sku": "1"}


def call(sandbox: Sandbox, method: str, token: str = TOKEN, version: str = "5.199", **params: str) -> Any:
    data = {"owner_id": OWNER, "group_id": GROUP, "access_token": token, "v": version} | params
    response = httpx.post(f"{sandbox.url}/vk/method/{method}", data=data, trust_env=False)
    assert response.status_code == 200
    return response.json()


def code(answer: Any) -> int:
    return int(answer.get("error", {}).get("error_code", 0))


def upload(sandbox: Sandbox, kind: str, content: bytes | None = None) -> str:
    """The photo's number; empty if it was refused."""
    server = call(sandbox, f"photos.get{kind}UploadServer")["response"]["upload_url"]
    files = {"photo": ("a.jpg", draw(1, 40, 30) if content is None else content, "image/jpeg")}
    uploaded = httpx.post(server, files=files, trust_env=False).json()
    saved = call(sandbox, f"photos.save{kind}Photo", photo=uploaded["photo"], hash=uploaded["hash"])
    return str(saved["response"][0]["id"]) if "response" in saved else ""


def test_access_and_version_are_required(sandbox: Sandbox) -> None:
    assert code(call(sandbox, "groups.getById", token="wrong")) == 5
    assert code(call(sandbox, "groups.getById", version="")) == 8
    assert code(call(sandbox, "groups.nothing")) == 3
    assert code(call(sandbox, "wall.post", owner_id="-1", message="x")) == 15
    assert code(call(sandbox, "groups.getById", group_id="1")) == 100


def test_a_guid_makes_a_repetition_the_same_post(sandbox: Sandbox) -> None:
    first, second = (call(sandbox, "wall.post", message="BMW", guid="a") for _ in range(2))
    other = call(sandbox, "wall.post", message="BMW", guid="b")

    assert first == second != other


def test_a_post_says_or_shows_something_within_its_limits(sandbox: Sandbox) -> None:
    photo = f"photo{OWNER}_{upload(sandbox, 'Wall')}"
    assert code(call(sandbox, "wall.post")) == 100
    assert code(call(sandbox, "wall.post", message="x" * 16_385)) == 100
    assert code(call(sandbox, "wall.post", attachments=",".join([photo] * 11))) == 100
    assert code(call(sandbox, "wall.post", attachments=f"photo{OWNER}_999")) == 100
    assert code(call(sandbox, "wall.post", attachments=",".join([photo] * 10))) == 0


@pytest.mark.parametrize(
    ("field", "value", "ok"),
    [
        ("name", "x" * 3, False), ("name", "x" * 4, True), ("name", "x" * 100, True), ("name", "x" * 101, False),
        ("description", "x" * 9, False), ("description", "x" * 10, True), ("sku", "x" * 50, True),
        ("sku", "x" * 51, False), ("price", "x", False), ("category_id", "", False),
    ],
)  # fmt: skip
def test_a_good_keeps_to_its_limits(sandbox: Sandbox, field: str, value: str, ok: bool) -> None:
    answer = call(sandbox, "market.add", **(GOOD | {"main_photo_id": upload(sandbox, "Market"), field: value}))

    assert code(answer) == (0 if ok else 100)


def test_a_good_has_a_main_photo_and_up_to_four_more(sandbox: Sandbox) -> None:
    main, of_the_wall = upload(sandbox, "Market"), upload(sandbox, "Wall")
    assert code(call(sandbox, "market.add", **GOOD)) == 100
    assert code(call(sandbox, "market.add", **GOOD, main_photo_id=of_the_wall)) == 100
    assert code(call(sandbox, "market.add", **GOOD, main_photo_id=main, photo_ids=",".join([main] * 5))) == 100
    assert code(call(sandbox, "market.add", **GOOD, main_photo_id=main, photo_ids=",".join([main] * 4))) == 0


def test_what_is_no_picture_is_not_saved(sandbox: Sandbox) -> None:
    assert upload(sandbox, "Wall", b"no picture") == ""
    assert code(call(sandbox, "photos.saveWallPhoto", photo="x", hash=hashlib.sha256(b"x").hexdigest())) == 121


def test_what_is_deleted_is_gone(sandbox: Sandbox) -> None:
    post = str(call(sandbox, "wall.post", message="BMW")["response"]["post_id"])
    assert call(sandbox, "wall.delete", post_id=post) == {"response": 1}

    assert code(call(sandbox, "wall.delete", post_id=post)) == 100
    assert code(call(sandbox, "wall.edit", post_id=post, message="x")) == 100
    assert call(sandbox, "wall.getById", posts=f"{OWNER}_{post}")["response"]["items"] == []
    assert code(call(sandbox, "market.delete", item_id="7")) == 1403


def test_too_many_calls_a_second_are_refused(sandbox: Sandbox) -> None:
    sandbox.control({"vk": {"per_second": 1}})

    assert 6 in [code(call(sandbox, "groups.getById")) for _ in range(5)]


def test_visitors_see_posts_and_goods(sandbox: Sandbox) -> None:
    call(sandbox, "wall.post", message="<b>BMW</b>")
    call(sandbox, "market.add", **GOOD, main_photo_id=upload(sandbox, "Market"))

    assert "&lt;b&gt;BMW" in httpx.get(f"{sandbox.url}/vk/wall{OWNER}_1", trust_env=False).text
    assert "95 000" in httpx.get(f"{sandbox.url}/vk/market", trust_env=False).text
