"""The imitated Telegram sends updates as strictly as the platform."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from integrations.sandbox.server import Sandbox
from integrations.sandbox.telegram import TOKEN, Telegram
from integrations.sandbox.telegram_updates import HEADER


class Bot:
    """A bot's web server: answers as it is told, remembers what came."""

    def __init__(self) -> None:
        self.status, self.calls = 200, []  # type: ignore[var-annotated]
        bot = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bot.calls.append((self.headers.get(HEADER), json.loads(body)))
                self.send_response(bot.status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def bot() -> Iterator[Bot]:
    bot = Bot()
    yield bot
    bot.server.shutdown()
    bot.server.server_close()


@pytest.fixture
def telegram(sandbox: Sandbox) -> Telegram:
    call(sandbox, "sendMessage", chat_id="@avtofamily_demo", text="BMW")
    platform = sandbox.platforms["telegram"]
    assert isinstance(platform, Telegram)
    return platform


def call(sandbox: Sandbox, method: str, **data: str) -> dict[str, Any]:
    answer = httpx.post(f"{sandbox.url}/telegram/bot{TOKEN}/{method}", data=data, trust_env=False)
    body: dict[str, Any] = answer.json()
    return body


def listen(sandbox: Sandbox, bot: Bot, **changes: str) -> None:
    settings = {"url": bot.url, "secret_token": "s-1", "allowed_updates": '["message_reaction_count"]'} | changes
    assert call(sandbox, "setWebhook", **settings)["ok"] is True


def test_a_reaction_is_sent_with_the_secret_and_the_total(sandbox: Sandbox, telegram: Telegram, bot: Bot) -> None:
    listen(sandbox, bot)
    telegram.updates.react("avtofamily_demo", 1, "👍", 2)
    httpx.post(f"{telegram.url}/avtofamily_demo/1/react", trust_env=False)

    secrets, bodies = zip(*bot.calls, strict=True)
    assert secrets == ("s-1", "s-1")
    told = bodies[1]["message_reaction_count"]
    assert (told["chat"]["username"], told["message_id"]) == ("avtofamily_demo", 1)
    assert {item["type"]["emoji"]: item["total_count"] for item in told["reactions"]} == {"👍": 2, "❤": 1}
    assert bodies[0]["update_id"] < bodies[1]["update_id"]
    assert "❤ 1" in httpx.get(f"{telegram.url}/avtofamily_demo", trust_env=False).text


@pytest.mark.parametrize("changes", [{"allowed_updates": ""}, {"allowed_updates": '["message"]'}, {"url": ""}])
def test_a_bot_that_has_not_asked_for_reactions_gets_none(
    sandbox: Sandbox, telegram: Telegram, bot: Bot, changes: dict[str, str]
) -> None:
    listen(sandbox, bot, **changes)
    telegram.updates.react("avtofamily_demo", 1)

    assert bot.calls == []


def test_an_update_is_sent_until_it_is_taken_and_in_order(sandbox: Sandbox, telegram: Telegram, bot: Bot) -> None:
    listen(sandbox, bot)
    bot.status = 500
    for _ in range(2):
        telegram.updates.react("avtofamily_demo", 1)
    assert telegram.updates.state()["pending_update_count"] == 2

    bot.status = 200
    sandbox.clock.offset += 10
    telegram.updates.deliver()

    assert telegram.updates.state()["pending_update_count"] == 0
    numbers = [body["update_id"] for _secret, body in bot.calls]
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 2}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": "http://avtofamily.example/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"secret_token": "x" * 257}, "secret token contains unallowed characters"),
        ({"allowed_updates": "{"}, "can't parse allowed_updates JSON object"),
        ({"allowed_updates": '"all"'}, "object expected as allowed_updates"),
    ],
)
def test_impossible_webhooks_are_refused(sandbox: Sandbox, changes: dict[str, str], problem: str) -> None:
    body = call(sandbox, "setWebhook", **({"url": "https://avtofamily.example/hook"} | changes))

    assert (body["ok"], body["description"]) == (False, f"Bad Request: {problem}")


def test_there_are_no_reactions_to_what_is_not_there(sandbox: Sandbox, telegram: Telegram) -> None:
    with pytest.raises(ValueError, match="no message 99"):
        sandbox.control({"telegram": {"react": {"chat": "avtofamily_demo", "message_id": 99}}})
    assert httpx.post(f"{telegram.url}/avtofamily_demo/99/react", trust_env=False).status_code == 404
