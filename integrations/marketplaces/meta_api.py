"""Calls of Meta's Graph API, for Instagram, Facebook pages and catalogues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from pydantic import SecretStr

from cms import outgoing as http

from .base import ChannelCredentials, Shown
from .errors import AuthFailed, RateLimited, RetryLater
from .meta_errors import CALLS_PAUSE, lost, raise_refusal

FACEBOOK_HOST = "https://graph.facebook.com"
INSTAGRAM_HOST = "https://graph.instagram.com"
VERSION = "v25.0"
VERSION_PATTERN = r"^v\d{1,3}\.\d{1,2}$"
PER_MINUTE = 20
"""Steps of a channel a minute. Meta counts calls by the hour and tells when there are too many."""


class MetaCredentials(ChannelCredentials):
    token: Annotated[SecretStr, Shown(_("Access token"), _("A long-lived one, from your app in Meta for Developers."))]
    app_secret: Annotated[
        SecretStr, Shown(_("App secret"), _("Signs what Meta tells us. Needed only for notifications."))
    ] = SecretStr("")


@dataclass(frozen=True)
class Graph:
    """One account's access. Every call raises what `meta_errors` says.

    `repeatable` says that doing it twice does no harm: then a lost answer is RetryLater, otherwise Ambiguous.
    """

    root: str
    version: str
    token: SecretStr = field(repr=False)
    ensure_time: Callable[[], None] = field(repr=False)

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self._call("GET", self._url(path, params), repeatable=True)

    def post(self, path: str, params: Mapping[str, str], *, repeatable: bool) -> dict[str, Any]:
        return self._call("POST", self._url(path), repeatable=repeatable, data=dict(params))

    def post_json(self, path: str, body: Any) -> dict[str, Any]:
        """For calls that may be repeated."""
        return self._call("POST", self._url(path), repeatable=True, json=body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._call("DELETE", self._url(path), repeatable=True)

    def get_unversioned(self, path: str, **params: str) -> dict[str, Any]:
        """Of the few calls that have no version and take the token among the parameters."""
        query = urlencode(params | {"access_token": self.token.get_secret_value()})
        return self._call("GET", f"{self.root}/{path}?{query}", repeatable=True)

    def _url(self, path: str, params: Mapping[str, str] | None = None) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.root}/{self.version}/{path}{query}"

    def _call(self, method: str, url: str, *, repeatable: bool, **request: Any) -> dict[str, Any]:
        self.ensure_time()
        headers = {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        try:
            answer = http.request(method, url, headers=headers, **request)
        except http.AddressRefused:
            words = _("The API address leads into a private network. Correct it in the channel's settings.")
            raise AuthFailed(words) from None
        except http.NotSent:
            raise RetryLater(_("Meta cannot be reached.")) from None
        except http.AnswerLost:
            raise lost(repeatable) from None
        return self._result(answer, repeatable)

    def _result(self, answer: http.Answer, repeatable: bool) -> dict[str, Any]:
        body = answer.json
        if body is not None and isinstance(body.get("error"), dict):
            raise_refusal(answer.status, body["error"], repeatable=repeatable, secret=self.token.get_secret_value())
        if body is not None and 200 <= answer.status < 300:
            return body
        if answer.status == 429:
            raise RateLimited(CALLS_PAUSE, _("Meta asks for a pause."))
        # Not Meta's own words: something in between answered, and says nothing of what Meta did.
        if answer.status >= 500 or 200 <= answer.status < 300:
            raise lost(repeatable)
        raise AuthFailed(_("This is not Meta's API. Check the API address in the channel's settings."))
