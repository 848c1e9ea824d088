"""The one HTTP client for every outgoing request.

It bounds time and size, follows no redirects, and refuses private addresses: what people type into a channel's
settings must not become a way into the internal network. What went wrong is told in two words that matter to
whoever must not do a thing twice: `NotSent` (nothing can have happened) and `AnswerLost` (nobody knows).
"""

import io
import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

CONNECT_TIMEOUT = 5.0
"""Seconds to open a connection: a platform that is up answers in well under one."""
WRITE_TIMEOUT = 30.0
"""Seconds for one write of an upload to get through."""
READ_TIMEOUT = 60.0
"""Seconds to wait for an answer: platforms process an album of ten photos before they answer."""
TOTAL_TIMEOUT: float = settings.REQUEST_SECONDS
"""Seconds for a whole request, however slowly it drips: the publication engine's lease is built on it."""
MAX_ANSWER_BYTES = 2 * 1024 * 1024
"""Answers are small JSON; more is a mistake or an attack."""
ENCODINGS = {"identity", "gzip"}
"""A chunk of gzip unpacks to a thousand times its size at most; one of Brotli may fill the memory uncounted."""
USER_AGENT = "Avtofamily/1.0 (+https://avtofamily.example)"

# Their INFO and DEBUG lines contain whole addresses, and some platforms carry the secret in the address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol)


class HttpProblem(Exception):
    """There is no answer. The text is safe to show: it never contains the address."""


class NotSent(HttpProblem):
    """The request did not leave: it is safe to try again."""


class AnswerLost(HttpProblem):
    """The request may have been carried out."""


class AddressRefused(NotSent):
    """The host is, or resolves to, an address inside a private network."""


@dataclass(frozen=True)
class Answer:
    """Status and body, read whole. `json` is None when the body is not a JSON object."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def json(self) -> dict[str, Any] | None:
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def post(
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    read_timeout: float = READ_TIMEOUT,
) -> Answer:
    """Sends a form (multipart when there are files) and reads the answer. Raises NotSent or AnswerLost."""
    body = io.BytesIO()
    status, headers = _exchange("POST", url, body, MAX_ANSWER_BYTES, read_timeout, data=data, files=files)
    return Answer(status, body.getvalue(), headers)


def get(url: str, *, headers: Mapping[str, str] | None = None, read_timeout: float = READ_TIMEOUT) -> Answer:
    """Reads a small answer whole. Raises NotSent or AnswerLost."""
    body = io.BytesIO()
    status, found = _exchange("GET", url, body, MAX_ANSWER_BYTES, read_timeout, headers=headers)
    return Answer(status, body.getvalue(), found)


def request(
    method: str,
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    json: Any = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    read_timeout: float = READ_TIMEOUT,
) -> Answer:
    """Sends a form, JSON or bytes with any method and reads the answer whole. Raises NotSent or AnswerLost."""
    body = io.BytesIO()
    parts = {"data": data, "json": json, "content": content, "headers": headers}
    status, found = _exchange(method, url, body, MAX_ANSWER_BYTES, read_timeout, **parts)
    return Answer(status, body.getvalue(), found)


def download(
    url: str, into: IO[bytes], *, max_bytes: int, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str]]:
    """Writes the answer's body into a file; returns status and headers. Raises NotSent or AnswerLost.

    AnswerLost("AnswerTooLarge") when it is longer than `max_bytes`; `into` then holds its beginning.
    """
    return _exchange("GET", url, into, max_bytes, READ_TIMEOUT, headers=headers)


def _exchange(
    method: str, url: str, into: IO[bytes], max_bytes: int, read_timeout: float, **request: Any
) -> tuple[int, Mapping[str, str]]:
    timeout = httpx.Timeout(read_timeout, connect=CONNECT_TIMEOUT, write=WRITE_TIMEOUT)
    try:
        with (
            httpx.Client(
                transport=_transport(),
                timeout=timeout,
                follow_redirects=False,
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
                # Proxies and .netrc of the machine are not part of the product's configuration.
                trust_env=False,
            ) as client,
            client.stream(method, url, **request) as response,
        ):
            _read(response, into, max_bytes)
            return response.status_code, dict(response.headers)
    except AddressRefused:
        raise
    except NOT_SENT as error:
        raise NotSent(_words(error)) from None
    except httpx.HTTPError as error:
        raise AnswerLost(_words(error)) from None


def _read(response: httpx.Response, into: IO[bytes], max_bytes: int) -> None:
    if response.headers.get("content-encoding", "identity").lower() not in ENCODINGS:
        raise AnswerLost("UnknownEncoding")
    length = 0
    for chunk in response.iter_bytes():
        length += len(chunk)
        if length > max_bytes:
            raise AnswerLost("AnswerTooLarge")
        into.write(chunk)


def _words(error: Exception) -> str:
    # Only the kind: messages of some errors quote the address, and with it the secret.
    return type(error).__name__


def _transport() -> httpx.HTTPTransport:
    # No connection is reused: an idle one that the platform has closed in the meantime fails after the
    # request was written, and such a failure cannot be told from a lost answer.
    transport = httpx.HTTPTransport(verify=_certificates(), retries=0, limits=httpx.Limits(max_keepalive_connections=0))
    # httpx offers no public way to check the address that is really connected to; a test watches this line.
    transport._pool._network_backend = _GuardedBackend()
    return transport


@cache
def _certificates() -> ssl.SSLContext:
    # Reading them takes longer than a request; without the environment's own, as with proxies.
    return httpx.create_ssl_context(trust_env=False)


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves, checks and connects in one step, so that a name cannot change its address in between."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            # A label of a name may be empty or too long.
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(entry[4][0]) for entry in found]
        if not _is_allowed(host, port) and not all(_is_public(address) for address in addresses):
            raise AddressRefused("PrivateAddress")
        stream = self._plain.connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        return _DeadlineStream(stream, time.monotonic() + TOTAL_TIMEOUT)


class _DeadlineStream(httpcore.NetworkStream):
    """Lets no read or write wait beyond the request's end. httpx itself only bounds each single one."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None, expired: type[httpcore.TimeoutException]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise expired
        return left if timeout is None else min(timeout, left)


GATEWAYS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))
"""NAT64 and 6to4: behind them stands any IPv4 address, an inner one too."""


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast and not any(parsed in net for net in GATEWAYS)


def _is_allowed(host: str, port: int) -> bool:
    """Only the sandbox of demo and tests, exactly as the setting names it, may be inside."""
    allowed = urlsplit(settings.SANDBOX_URL)
    return bool(settings.SANDBOX_URL) and (host, port) == (allowed.hostname, allowed.port or 80)
