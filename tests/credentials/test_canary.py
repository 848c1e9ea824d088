"""Secrets are found nowhere but in their store, whatever a platform answers, an adapter does or a person presses.

The platform here is hostile: whatever it is asked, it says the bot's token back.
"""

import io
import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import redis
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter
from pydantic import SecretStr, ValidationError
from pytest_django import Settings

from cms.ops.logging import JsonFormatter
from integrations.credentials.models import Action, CredentialEvent, Source
from integrations.credentials.redaction import COVER, QUOTING, Redactor, redactor
from integrations.credentials.store import credential_store
from integrations.marketplaces import registry
from integrations.marketplaces.base import Account, AuthFailed, Checked, Placed
from integrations.marketplaces.registry import all_adapters
from integrations.marketplaces.telegram import TelegramAdapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel, Publication
from integrations.publications.refresh import refresh_channel
from integrations.publications.vocabulary import State
from listings.lifecycle import change_price, unpublish_listing
from scripts.lib.processes import Process
from tests.integrations.conftest import work

from .conftest import Use
from .vault_server import VaultServer

pytestmark = pytest.mark.django_db

CANARY = '100200300:CANARY"must\\never/be-seen+anywhere'
"""With characters that addresses, JSON and HTML write otherwise."""
FORM_CANARY = "100200300:CANARY_typed_into_the_form_000001"
TRACES = ("CANARY", quote("CANARY"), "Q0FOQVJ", "NBTkFSW", "DQU5BUl")
"""The word itself and what Base64 makes of it at each of the three offsets."""


class HostilePlatform:
    """Speaks the Bot API, and repeats what it was called with in each of its answers."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.calls = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.calls += 1
                if outer.mode == "drop":
                    self.connection.close()
                    return
                status, body = outer._answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, path: str) -> tuple[int, bytes]:
        if self.mode == "ok":
            message = {"message_id": self.calls, "chat": {"id": -100, "username": "shop"}, "text": CANARY}
            return 200, json.dumps({"ok": True, "result": message}).encode()
        if self.mode == "page":
            return 502, f"<h1>{path} {CANARY}</h1>".encode()
        if self.mode == "nonsense":
            return 200, json.dumps({"ok": True, "result": f"{path} {CANARY}"}).encode()
        words = f"Failed on {path} with {CANARY}"
        return int(self.mode), json.dumps({"ok": False, "error_code": int(self.mode), "description": words}).encode()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class CrashingAdapter(TelegramAdapter):
    """What a bug in somebody's adapter may look like."""

    def create(self, payload: Any, account: Account[Any, Any]) -> Placed:
        token = account.credentials.token.get_secret_value()
        raise RuntimeError(f"No route to https://api.example/bot{token}/sendMessage or {quote(token)}")

    def refresh(self, account: Account[Any, Any]) -> None:
        raise RuntimeError(f"No new token for {account.credentials.token.get_secret_value()}")


class TalkativeAdapter(TelegramAdapter):
    """Repeats what the platform said in everything that people read."""

    def create(self, payload: Any, account: Account[Any, Any]) -> Placed:
        said = account.credentials.token.get_secret_value()
        return Placed({"id": 1}, f"https://api.example/bot{quote(said)}/1", note=said, response=f"{said} is fine")

    def update(self, external: Any, payload: Any, account: Account[Any, Any]) -> Placed:
        raise AuthFailed(f"Not allowed with {account.credentials.token.get_secret_value()}")

    def check(self, account: Account[Any, Any]) -> Checked:
        return Checked(True, f"Hello {account.credentials.token.get_secret_value()}")


ADAPTERS = {"crash": CrashingAdapter, "talk": TalkativeAdapter}


@pytest.fixture
def platform(settings: Settings) -> Iterator[HostilePlatform]:
    server = HostilePlatform()
    settings.SANDBOX_URL = server.url
    yield server
    server.stop()


@pytest.fixture(params=["database", "vault", "aws"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param != "database":
        request.getfixturevalue(request.param)
    return str(request.param)


@pytest.fixture
def hostile(channel: Channel, platform: HostilePlatform) -> Channel:
    """The channel's secret is the canary, and its platform the hostile one."""
    channel.settings = channel.settings | {"base_url": platform.url, "post_url": platform.url}
    channel.credential = credential_store().put("", {"token": CANARY}, owner=channel.name)
    channel.save()
    return channel


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """Everything that anybody logs, as people and as machines read it; libraries are set loose on purpose."""
    heard = io.StringIO()
    machines = logging.StreamHandler(heard)
    machines.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in QUOTING)]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    loggers[0].addHandler(machines)
    yield heard
    loggers[0].removeHandler(machines)
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)


def every_text_of_the_database() -> str:
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names come from the database itself
            texts.append(str(cursor.fetchall()))
    return "\n".join(texts)


def every_message_of_the_broker(settings: Settings) -> str:
    """No worker takes them away here."""
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        texts = []
        for key in broker.scan_iter():
            kind = broker.type(key)
            if kind == b"list":
                texts.append(str(broker.lrange(key, 0, -1)))
            elif kind == b"hash":
                texts.append(str(broker.hgetall(key)))
            elif kind == b"string":
                texts.append(str(broker.get(key)))
            texts.append(str(key))
    return "\n".join(texts)


def every_page(client: Client, channel: Channel, publication: Publication) -> str:
    edit = f"/admin/channels/edit/{channel.pk}/"
    typed = {"secret_token": FORM_CANARY, "name": ""}
    answers = [
        client.post(f"/admin/channels/{channel.pk}/check/", follow=True),
        client.get("/admin/channels/"),
        client.get(edit),
        client.post(edit, typed),
        client.post("/admin/channels/new/?adapter=telegram", typed),
        client.get("/admin/publications/"),
        client.get(f"/admin/publications/inspect/{publication.pk}/"),
        client.get("/admin/reports/site-history/"),
    ]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.content.decode() + str(answer.headers) for answer in answers)


def assert_unseen(**places: str) -> None:
    for name, text in places.items():
        assert text
        for trace in TRACES:
            position = text.find(trace)
            assert position < 0, f"{name}: …{text[max(0, position - 200) : position + 60]}…"


@pytest.mark.parametrize("mode", ["ok", "400", "401", "403", "429", "500", "page", "nonsense", "drop", *ADAPTERS])
def test_the_canary_is_found_nowhere(  # noqa: PLR0917  fixtures
    mode: str,
    hostile: Channel,
    platform: HostilePlatform,
    publish: Callable[..., Publication],
    admin_client: Client,
    settings: Settings,
    listening: io.StringIO,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    if mode in ADAPTERS:
        monkeypatch.setitem(registry._adapters, "telegram", ADAPTERS[mode]())
    else:
        platform.mode = mode
    with django_capture_on_commit_callbacks(execute=True):
        publication = publish()
        work(publication)
        change_price(publication.document.listing, 90_000)
        work(publication)
        refresh_channel(hostile.pk)
        unpublish_listing(publication.document.listing)
        work(publication)
    if mode == "talk":
        assert COVER in Channel.objects.get().paused_reason
    pages = every_page(admin_client, hostile, publication)

    output = capfd.readouterr()
    assert publication.attempts.count() >= 1
    assert_unseen(
        pages=pages,
        database=every_text_of_the_database(),
        broker=every_message_of_the_broker(settings),
        log=caplog.text,
        log_of_machines=listening.getvalue(),
        output=f"- {output.out} {output.err}",
    )


def test_no_store_says_it(
    store: str,
    hostile: Channel,
    publish: Callable[..., Publication],
    listening: io.StringIO,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its library talks of everything that it sends and receives, at DEBUG."""
    work(publish())
    credential_store().delete(hostile.credential)
    with pytest.raises(Exception, match=r"."):
        credential_store().put(hostile.credential, {"token": CANARY, "broken": object()})  # type: ignore[dict-item]

    output = capfd.readouterr()
    places = {"database": every_text_of_the_database(), "log": caplog.text, "log_of_machines": listening.getvalue()}
    assert_unseen(**places, output=f"- {output.out} {output.err}")


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_opens_vault_and_says_nothing(
    shared_vault: VaultServer,
    use: Use,
    hostile: Channel,
    platform: HostilePlatform,
    publish: Callable[..., Publication],
    worker: Callable[..., Process],
    settings: Settings,
) -> None:
    """Its log is Celery's own, not ours."""
    variables = shared_vault.app_role()
    use("vault", **variables)
    credential_store().put(hostile.credential, {"token": CANARY}, owner=hostile.name)
    process = worker("publications", CREDENTIALS_STORE="vault", LOG_LEVEL="DEBUG", **variables)
    rows = []
    for mode in ("ok", "400", "nonsense", "drop"):
        platform.mode = mode
        rows.append(publish())
        wait_until_attempted(rows[-1])

    settled = list(Publication.objects.order_by("pk").values_list("state", flat=True))
    assert settled == [State.PUBLISHED, State.FAILED, State.UNCERTAIN, State.UNCERTAIN]
    assert_unseen(log=process.log_text(), database=every_text_of_the_database())
    used = CredentialEvent.objects.filter(action=Action.USED, source=Source.WORKER).first()
    assert used is not None
    assert (used.owner, used.store, used.user) == (hostile.name, "vault", None)


def wait_until_attempted(publication: Publication) -> None:
    give_up = time.monotonic() + 20
    while not publication.attempts.exclude(finished_at=None).exists():
        assert time.monotonic() < give_up
        time.sleep(0.1)


# --- What tools for errors print ------------------------------------------------------------------
def canaries_for(model: Any) -> dict[str, str]:
    return dict.fromkeys(model.model_fields, CANARY)


@pytest.mark.parametrize("key", sorted(all_adapters()))
def test_no_adapters_account_prints_its_secrets(key: str) -> None:
    model = all_adapters()[key].Credentials
    try:
        credentials = model.model_validate(canaries_for(model))
    except ValidationError as error:
        # Some want another form; what they say of it must not quote what was typed.
        assert_unseen(error=str(error), repr=repr(error))
        credentials = model.model_construct(**{name: SecretStr(CANARY) for name in model.model_fields})
    account: Account[Any, Any] = Account(
        settings=None, credentials=credentials, site_url="", read_photo=lambda address: b""
    )
    for text in (repr(account), repr(credentials), str(credentials), str(credentials.model_dump())):
        assert "CANARY" not in text


def test_locals_of_a_crash_do_not_show_them(hostile: Channel) -> None:
    # Made up here: error pages quote this file as well.
    secret = uuid4().hex
    credential_store().put(hostile.credential, {"token": secret})

    def adapter_with_a_bug(account: Account[Any, Any], secrets: Any, keeper: Any) -> None:
        credentials = account.credentials  # noqa: F841  is to be found among the locals
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        adapter_with_a_bug(open_account(hostile), credential_store().get(hostile.credential), vars(credential_store()))

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    # Without this frame, which knows the secret.
    bug = caught.value.__traceback__.tb_next  # type: ignore[union-attr]
    reporter = ExceptionReporter(None, caught.type, caught.value, bug)
    shown = shown.partition("in adapter_with_a_bug")[2]
    for text in (shown, reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert secret not in text
    assert "SecretStr" in shown
    assert COVER in shown


def test_short_values_are_not_searched_for() -> None:
    """They would cover half of every line, and are no secrets worth the name."""
    strict = Redactor()
    strict.learn("a", [SecretStr("12345")])
    strict.learn("b", [SecretStr("123456")])

    assert strict.scrub("12345 and 1234567") == f"12345 and {COVER}7"
    assert "12345" not in repr(strict)


def test_a_secret_that_was_cut_off_is_covered_as_far_as_it_goes() -> None:
    strict = Redactor()
    strict.learn("a", [SecretStr("1002003:long-secret/with+signs")])

    assert strict.scrub("at 1002003:long-secr…") == f"at {COVER}…"
    for spelling in ("1002003:long-secret/with+signs", quote("1002003:long-secret/with+signs")):
        assert strict.scrub(f"{spelling}, {spelling}.") == f"{COVER}, {COVER}."
    assert strict.scrub("1002003:long and 1002003") == f"{COVER} and 1002003"


def test_an_exchanged_secret_stays_covered_for_a_while() -> None:
    reference = credential_store().put("", {"token": "the-first-secret"})
    credential_store().put(reference, {"token": "the-second-secret"})

    assert redactor.scrub("the-first-secret the-second-secret") == f"{COVER} {COVER}"


def test_a_line_that_cannot_be_formatted_is_covered_too(caplog: pytest.LogCaptureFixture) -> None:
    credential_store().put("", {"token": CANARY})
    logging.getLogger("tests").warning("%d of them: %s", CANARY)  # noqa: PLE1206  as somebody may write it

    assert_unseen(log=caplog.text)
