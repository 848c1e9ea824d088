"""Meta's refusals, as its API writes them."""

import hashlib
from typing import Any

from .platform import Response, json_response


class GraphRefusal(Exception):
    """An answer with `error`."""

    def __init__(
        self, code: int, message: str, *, subcode: int | None = None, status: int = 400, transient: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.subcode = code, message, subcode
        self.status, self.transient = status, transient


def bad_parameter(message: str) -> GraphRefusal:
    return GraphRefusal(100, message)


def no_such_object(node: str) -> GraphRefusal:
    words = (
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return GraphRefusal(100, words, subcode=33)


def refused(refusal: GraphRefusal) -> Response:
    error: dict[str, Any] = {
        "message": refusal.message,
        "type": "OAuthException",
        "code": refusal.code,
        "is_transient": refusal.transient,
        "fbtrace_id": "A" + hashlib.sha256(refusal.message.encode()).hexdigest()[:21],
    }
    if refusal.subcode is not None:
        error |= {"error_subcode": refusal.subcode, "error_user_msg": refusal.message}
    return json_response(refusal.status, {"error": error})
