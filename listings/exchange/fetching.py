"""Fetches what somebody else's address holds: feeds and photos. Bounded, and never from the internal network."""

from collections.abc import Mapping
from typing import IO
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

from cms import outgoing

MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
MEGABYTE = 1024 * 1024


class FetchError(Exception):
    """Why there is nothing, in words. `final`: asking again would change nothing."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


def fetch(
    address: str, into: IO[bytes], *, max_bytes: int, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str]]:
    """Status 200 or 304, and the answer's headers; the body is in `into`. Raises FetchError.

    Every address of a chain of redirects goes through the same rules.
    """
    for _turn in range(MAX_REDIRECTS + 1):
        into.seek(0)
        into.truncate()
        status, found = _download(address, into, max_bytes, headers)
        if status not in REDIRECTS:
            break
        address = urljoin(address, found.get("location", ""))
        if urlsplit(address).scheme not in ("http", "https"):
            raise FetchError(_("The address leads to another that is no https:// address."), final=True)
    else:
        raise FetchError(_("The address leads from one to another without end."), final=True)
    if status not in (200, 304):
        # 408 and 429 ask for patience; the other 4xx say that the address is wrong.
        final = 400 <= status < 500 and status not in (408, 429)
        raise FetchError(_("The server answered with an error: %d.") % status, final=final)
    into.seek(0)
    return status, found


def _download(
    address: str, into: IO[bytes], max_bytes: int, headers: Mapping[str, str] | None
) -> tuple[int, Mapping[str, str]]:
    try:
        return outgoing.download(address, into, max_bytes=max_bytes, headers=headers)
    except outgoing.AddressRefused as error:
        raise FetchError(_("The address belongs to an internal network: it is not asked."), final=True) from error
    except outgoing.HttpProblem as error:
        if str(error) == "AnswerTooLarge":
            raise FetchError(_("It is larger than %d MB.") % (max_bytes // MEGABYTE), final=True) from error
        if str(error) in ("InvalidURL", "UnsupportedProtocol"):
            raise FetchError(_("This is no address."), final=True) from error
        raise FetchError(_("The server does not answer (%s).") % error, final=False) from error
