"""One id per request, in every log line about it and in the answer: what an operator searches for."""

import contextvars
import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

request_id_variable: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")

# A proxy may hand an id on. Anything else is not written into logs.
ACCEPTED_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

HEADER = "X-Request-ID"


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTED_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id_variable.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            request_id_variable.reset(token)
        response[HEADER] = request_id
        return response
