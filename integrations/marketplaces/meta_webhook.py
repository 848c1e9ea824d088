"""Meta's webhooks: the question when one is set up, the signature of each call, and what calls consist of."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from .base import IncomingCall
from .errors import Forged

LONGEST_CHALLENGE = 200


def verify(call: IncomingCall, app_secret: SecretStr, verify_token: str) -> str:
    """The body to answer with. Raises Forged. `verify_token` is what a person typed at Meta beside our address."""
    if call.method == "GET":
        return _challenge(call.query, verify_token)
    secret = app_secret.get_secret_value()
    signature = call.headers.get("x-hub-signature-256", "")
    expected = "sha256=" + hmac.new(secret.encode(), call.body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(signature.encode(), expected.encode()):
        raise Forged
    return ""


def changes(call: IncomingCall, subject: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Field and value of each change that concerns `subject` ("instagram", "page"). The contents are hostile."""
    try:
        body = json.loads(call.body)
    except ValueError:
        return
    if not isinstance(body, dict) or body.get("object") != subject:
        return
    for entry in _dicts(body.get("entry")):
        for change in _dicts(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                yield str(change.get("field", "")), value


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _challenge(query: Mapping[str, str], verify_token: str) -> str:
    typed = query.get("hub.verify_token", "")
    right = bool(verify_token) and hmac.compare_digest(typed.encode(), verify_token.encode())
    if query.get("hub.mode") != "subscribe" or not right:
        raise Forged
    return query.get("hub.challenge", "")[:LONGEST_CHALLENGE]
