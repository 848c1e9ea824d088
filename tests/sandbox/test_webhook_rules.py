"""The imitated receiver does what Standard Webhooks tells receivers to do."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from integrations.sandbox.server import Sandbox
from integrations.sandbox.webhook_receiver import SECRET

CAR = {
    "id": "1", "title": "<b>BMW</b>", "year": 2018, "price": {"byn": 95000}, "text": "", "url": "", "photos": [],
}  # fmt: skip
PUBLISHED = {"type": "listing.published", "data": {"listing": CAR}}


def deliver(
    sandbox: Sandbox, event: Any, event_id: str = "msg_1", *, late: int = 0, secret: str = SECRET, signed: str = "v1"
) -> int:
    body, moment = json.dumps(event).encode(), str(int(time.time()) - late)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,AAAA {signed},{base64.b64encode(digest).decode()}",
    }
    url = f"{sandbox.url}/webhook/events"
    return httpx.post(url, content=body, headers=headers, trust_env=False).status_code


def test_only_what_is_signed_is_taken(sandbox: Sandbox) -> None:
    other = f"whsec_{base64.b64encode(b'x' * 32).decode()}"
    assert deliver(sandbox, PUBLISHED, secret=other) == 401
    assert deliver(sandbox, PUBLISHED, signed="v2") == 401
    assert sandbox.platforms["webhook"].posts() == 0

    sandbox.control({"webhook": {"secrets": [SECRET, other]}})
    assert deliver(sandbox, PUBLISHED, secret=other) == 200


def test_a_call_more_than_five_minutes_off_is_refused(sandbox: Sandbox) -> None:
    assert [deliver(sandbox, PUBLISHED, late=late) for late in (310, -310, 290)] == [400, 400, 200]


def test_doubles_are_dropped_by_their_id(sandbox: Sandbox) -> None:
    deliver(sandbox, PUBLISHED)
    deliver(sandbox, {"type": "listing.withdrawn", "data": {"listing": CAR}}, "msg_2")
    assert deliver(sandbox, PUBLISHED) == 204

    assert sandbox.platforms["webhook"].posts() == 0
    assert [row["times"] for row in sandbox.state()["webhook"]["deliveries"]] == [2, 1]


def test_what_is_no_event_is_refused_whole(sandbox: Sandbox) -> None:
    wrong: list[Any] = [[], 7, {}, {"type": "listing.published", "data": {}}]
    assert [deliver(sandbox, event, f"msg_{number}") for number, event in enumerate(wrong)] == [422] * 4

    assert sandbox.state()["webhook"] == {"deliveries": [], "cars": []}


def test_a_person_sees_cars_and_deliveries(sandbox: Sandbox) -> None:
    deliver(sandbox, PUBLISHED)
    page = httpx.get(f"{sandbox.url}/webhook/", trust_env=False).text

    assert "&lt;b&gt;BMW" in page
    assert "listing.published" in page
