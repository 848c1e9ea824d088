"""The client for everything outgoing: bounded, private, and honest about what may have happened."""

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest
from pytest_django import Settings

from cms import outgoing as http

Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Starts a raw server that treats each connection as told; its host is the allowed sandbox."""
    listeners = []

    def start(treat: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    treat(connection)

        threading.Thread(target=loop, daemon=True).start()
        settings.SANDBOX_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return settings.SANDBOX_URL

    yield start
    for listener in listeners:
        listener.close()


def answer(status: str, body: bytes = b"{}", headers: str = "") -> Callable[[socket.socket], None]:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def test_an_answer_is_read_whole(serve: Serve) -> None:
    reply = http.post(serve(answer("200 OK", b'{"ok": true}')), data={"a": "b"})

    assert (reply.status, reply.json) == (200, {"ok": True})


def test_any_method_takes_json_and_headers(settings: Settings) -> None:
    class Echo(BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = json.dumps({"sent": json.loads(body), "access": self.headers["Authorization"]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.handle_request, daemon=True).start()
    settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_address[1]}"
    reply = http.request("DELETE", settings.SANDBOX_URL, json={"id": 7}, headers={"Authorization": "Bearer x"})
    server.server_close()

    assert reply.json == {"sent": {"id": 7}, "access": "Bearer x"}


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff"])
def test_what_is_no_json_object_is_none(serve: Serve, body: bytes) -> None:
    assert http.post(serve(answer("200 OK", body))).json is None


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    assert http.post(serve(answer("302 Found", b"", "Location: http://127.0.0.1:1/\r\n"))).status == 302


def test_a_large_answer_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(http.AnswerLost):
        http.post(serve(answer("200 OK", b"x" * 100_000)))


def test_a_closed_connection_after_the_request_is_a_lost_answer(serve: Serve) -> None:
    with pytest.raises(http.AnswerLost):
        http.post(serve(lambda connection: None))


def test_silence_is_a_lost_answer(serve: Serve) -> None:
    with pytest.raises(http.AnswerLost):
        http.post(serve(lambda connection: time.sleep(1)), read_timeout=0.2)


def test_a_dripping_answer_ends_with_the_total_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_TIMEOUT", 0.6)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            for _byte in range(40):
                connection.sendall(b"x")
                time.sleep(0.1)

    url, start = serve(drip), time.monotonic()
    with pytest.raises(http.AnswerLost):
        http.post(url)
    assert time.monotonic() - start < 2


def test_nobody_listening_means_not_sent(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.SANDBOX_URL = f"http://127.0.0.1:{port}"
    with pytest.raises(http.NotSent):
        http.post(settings.SANDBOX_URL)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[64:ff9b::a9fe:a9fe]/latest/meta-data",
        "http://[2002:a9fe:a9fe::1]/latest/meta-data",
        "http://2130706433:{port}/",
    ],
)
def test_private_addresses_are_refused_in_every_spelling(settings: Settings, url: str) -> None:
    settings.SANDBOX_URL = ""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        with pytest.raises(http.NotSent):
            http.post(url.format(port=listener.getsockname()[1]))
        with contextlib.suppress(TimeoutError):
            asked.append(listener.accept())
    assert asked == []


def test_only_the_sandboxes_own_port_is_allowed(serve: Serve, settings: Settings) -> None:
    url = serve(answer("200 OK"))
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    with pytest.raises(http.AddressRefused):
        http.post(url)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://example.com/", "http://"])
def test_what_is_no_address_is_not_sent(url: str) -> None:
    with pytest.raises(http.NotSent):
        http.post(url)


def test_errors_never_quote_the_address(settings: Settings) -> None:
    settings.SANDBOX_URL = ""
    with pytest.raises(http.NotSent) as caught:
        http.post("http://127.0.0.1:9/bot123:secret/sendMessage")
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_only_encodings_that_unpack_within_bounds_are_read(serve: Serve) -> None:
    bomb = brotli.compress(b"\0" * 50_000_000)

    with pytest.raises(http.AnswerLost, match="UnknownEncoding"):
        http.get(serve(answer("200 OK", bomb, "Content-Encoding: br\r\n")))


def test_a_compressed_answer_is_unpacked(serve: Serve) -> None:
    body = gzip.compress(b'{"ok": true}')

    assert http.get(serve(answer("200 OK", body, "Content-Encoding: gzip\r\n"))).json == {"ok": True}


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example"])
def test_a_host_that_cannot_be_a_name_is_not_sent_to(host: str) -> None:
    with pytest.raises(http.NotSent):
        http.post(f"https://{host}/")
