"""`Idempotency-Key`: a request that is sent again is answered as before, and done once.

The answer is stored in the transaction of what it answers: there is no moment in which the work is done and the
answer is not known.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.http import problem
from listings.models import ApiAnswer, ApiToken

from .auth import token_of

KEPT = timedelta(hours=24)
STUCK = timedelta(minutes=10)
"""After so long nobody is at a request any more: its process has died, and nothing of it was written."""
MAX_KEY = 255
HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    "description": "Your own unique text for this request, such as a UUID. Sent again within 24 hours, it is not done "
    "again: you get the first answer. 422 with another body, 409 while the first is still at work.",
}

View = Callable[..., HttpResponse]


def idempotent(view: View) -> View:
    """Decorates a view of the API that changes something; the view's answer must be an HttpResponse."""

    @functools.wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > MAX_KEY or not key.isprintable():
            reason = _("At most %(limit)s characters fit here.") % {"limit": MAX_KEY}
            return problem(422, _("Something in the request is wrong"), errors={"Idempotency-Key": [reason]})
        return _once(request, key, lambda: view(request, *args, **kwargs))

    return once


def _once(request: HttpRequest, key: str, do: Callable[[], HttpResponse]) -> HttpResponse:
    token, digest = token_of(request), _digest(request)
    answer = _begin(token, key, digest)
    if answer is None:
        return _known(ApiAnswer.objects.filter(token=token, key=key).first(), digest)
    try:
        with transaction.atomic():
            response = do()
            _keep(answer, response)
    except BaseException:
        # Nothing of it was written: it may be tried again.
        ApiAnswer.objects.filter(pk=answer.pk, finished_at=None).delete()
        raise
    return response


def _begin(token: ApiToken, key: str, digest: str) -> ApiAnswer | None:
    """The row that says that we are at it; None if somebody is or was. Committed at once, so that others see it."""
    now = timezone.now()
    rows = ApiAnswer.objects.filter(token=token)
    rows.filter(started_at__lt=now - KEPT).delete()
    rows.filter(key=key, finished_at=None, started_at__lt=now - STUCK).delete()
    answer, created = ApiAnswer.objects.get_or_create(token=token, key=key, defaults={"request_hash": digest})
    return answer if created else None


def _known(answer: ApiAnswer | None, digest: str) -> HttpResponse:
    if answer is not None and answer.request_hash != digest:
        detail = _("This Idempotency-Key was sent with another request: take a new key for a new request.")
        return problem(422, _("The key has been used"), detail=detail)
    if answer is None or answer.finished_at is None:
        response = problem(
            409, _("Still at work"), detail=_("The same request is being worked on: ask again in some seconds.")
        )
        response["Retry-After"] = "5"
        return response
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response["Idempotency-Replayed"] = "true"
    response["Cache-Control"] = "no-store"
    return response


def _keep(answer: ApiAnswer, response: HttpResponse) -> None:
    answer.finished_at, answer.status = timezone.now(), response.status_code
    answer.content_type = response["Content-Type"]
    answer.body = response.content.decode()
    answer.save(update_fields=["finished_at", "status", "content_type", "body"])


def _digest(request: HttpRequest) -> str:
    """Of method, address and content; of an uploaded file its bytes, as boundaries differ each time."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(repr((name, file.name, file.size)).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
