"""What Instagram, Facebook pages and catalogues have in common: the Graph API's ways, words and tokens.

A node or edge is called below /<key>/v25.0/. Access is a Bearer header or `access_token`.
"""

import hashlib
import hmac
import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from .forms import BadForm, Form
from .meta_access import ACCESS_SCHEMA, Tokens
from .meta_errors import GraphRefusal, bad_parameter, refused
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response

APP_SECRET = "sandbox-app-secret-of-avtofamily"  # noqa: S105  signs only what this sandbox sends
API_PATH = re.compile(r"/v\d+\.\d+/(?P<node>[\w.-]+)(?:/(?P<edge>[a-z_]+))?/?")
WEBHOOK_TIMEOUT = 10.0


class MetaPlatform(Platform):
    """`operations` names calls by method and edge; calls of a node itself are "read", "edit" and "delete"."""

    schema = ""
    operations: Mapping[tuple[str, str], str] = {}
    accepted: tuple[str, ...] = ()
    """Tokens that are valid from the first start on."""

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / f"{self.key}.sqlite3", ACCESS_SCHEMA + self.schema)
        self.tokens = Tokens(self.database, clock)
        for token in self.accepted:
            self.tokens.accept(token)
        self.app_secret = APP_SECRET
        self._refusals: list[dict[str, Any]] = []

    @abstractmethod
    def call(self, operation: str, node: str, form: Form, token: str) -> Any:
        """The answer's JSON. Raises GraphRefusal."""

    @abstractmethod
    def page(self, path: str) -> Response:
        """What a visitor sees."""

    def operation(self, request: Request) -> str | None:
        match = API_PATH.fullmatch(request.path)
        if match is None:
            return None
        if not match["edge"]:
            return {"GET": "read", "POST": "edit", "DELETE": "delete"}.get(request.method, request.method.lower())
        return self.operations.get((request.method, match["edge"]), f"{request.method.lower()}_{match['edge']}")

    def handle(self, request: Request) -> Response:
        operation = self.operation(request)
        if operation is None:
            return self.page(request.path)
        try:
            return json_response(200, self._answer(operation, request))
        except GraphRefusal as refusal:
            return refused(refusal)

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "auth":
            return refused(self.tokens.expired())
        if kind == "429":
            return refused(GraphRefusal(4, "Application request limit reached", status=403, transient=True))
        words = "An unexpected error has occurred. Please retry your request later."
        return refused(GraphRefusal(2, words, status=500, transient=True))

    def configure(self, options: Mapping[str, Any]) -> None:
        """`token`: the one that is valid, as after an exchange; `token_age`: its seconds; `app_secret`;
        `refuse`: [{"operation", "code", "error_subcode", "count", "message"}]; `webhook`: {"url", "body"} to send now.
        """
        left = dict(options)
        if "token" in left:
            self.tokens.replace(str(left.pop("token")))
        if "token_age" in left:
            self.tokens.age(float(left.pop("token_age")))
        self.app_secret = str(left.pop("app_secret", self.app_secret))
        for refusal in left.pop("refuse", []):
            self._refusals.append({"count": 1, "message": "Refused on demand"} | dict(refusal))
        if "webhook" in left:
            self._send_webhook(**left.pop("webhook"))
        super().configure(left)

    def close(self) -> None:
        self.database.close()

    def _answer(self, operation: str, request: Request) -> Any:
        match = API_PATH.fullmatch(request.path)
        try:
            form = request.form()
        except BadForm:
            raise bad_parameter("Invalid parameter") from None
        token = self.tokens.require(request.headers.get("authorization", ""), form)
        self._refuse_on_demand(operation)
        return self.call(operation, match["node"] if match else "", form, token)

    def _refuse_on_demand(self, operation: str) -> None:
        for refusal in self._refusals:
            if refusal["operation"] == operation:
                refusal["count"] -= 1
                if refusal["count"] <= 0:
                    self._refusals.remove(refusal)
                raise GraphRefusal(refusal["code"], refusal["message"], subcode=refusal.get("error_subcode"))

    def _send_webhook(self, url: str, body: Mapping[str, Any]) -> None:
        """Signed as Meta signs: HMAC-SHA256 of the very bytes that are sent, with the app's secret."""
        content = json.dumps(body).encode()
        signature = hmac.new(self.app_secret.encode(), content, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        try:
            httpx.post(url, content=content, headers=headers, timeout=WEBHOOK_TIMEOUT, trust_env=False)
        except httpx.HTTPError as error:
            raise ValueError(f"the webhook cannot be called: {type(error).__name__}") from error

    def picture(self, name: str) -> Response:
        """A stored picture by its file's name."""
        file = self.folder / "photos" / f"{name}.jpg"
        return Response(200, file.read_bytes(), "image/jpeg") if file.exists() else NOT_FOUND
