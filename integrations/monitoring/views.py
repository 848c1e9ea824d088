"""Takes what platforms send: checked and kept within milliseconds; a worker reads it."""

import hashlib
import logging
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cms.celery import send
from integrations.marketplaces.base import Account, AuthFailed, Forged, IncomingCall, RetryLater
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel

from .doors import count_forged
from .models import IncomingWebhook

logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes. Platforms gather at most a thousand events, a few hundred bytes each."""
RETRY_AFTER = 60
"""Seconds that a platform is asked to wait when its call cannot be checked now."""
PROCESS = "monitoring.process_webhook"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    if _length(request) > MAX_BODY:
        return _answer(413)
    channel = Channel.objects.filter(webhook_token=token).first()
    if channel is None:
        return _answer(404)
    try:
        account = open_account(channel)
    except (RetryLater, AuthFailed):
        # Without its secrets nothing can be checked: the platform shall come again.
        response = _answer(503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    words = _verified(channel, _call(request), account)
    if words is None:
        logger.warning("Channel %s: a call to its webhook is not the platform's", channel.pk)
        count_forged(channel)
        return _answer(403)
    if request.method == "POST":
        _keep(channel, request.body)
    return _answer(200, words)


def _verified(channel: Channel, call: IncomingCall, account: Account[Any, Any]) -> str | None:
    """The words to answer with; None: forged."""
    adapter: Adapter = get_adapter(channel.adapter)
    try:
        return adapter.verify(call, account)
    except Forged:
        return None
    except Exception as error:
        # Only its kind: the call is hostile until it is verified. What cannot be checked is not genuine.
        logger.error("Channel %s: a call to its webhook cannot be checked: %s", channel.pk, type(error).__name__)
        return None


def _keep(channel: Channel, body: bytes) -> None:
    """Once: a call that comes again, sent by the platform or by somebody who has recorded it, changes nothing."""
    now = timezone.now()
    row = IncomingWebhook(
        channel=channel, digest=hashlib.sha256(body).hexdigest(), body=body, received_at=now, next_try_at=now
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return
    send(PROCESS, row.pk)


def _call(request: HttpRequest) -> IncomingCall:
    return IncomingCall(
        method=request.method or "",
        query={name: str(value) for name, value in request.GET.items()},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )


def _length(request: HttpRequest) -> int:
    """As the client says; the server reads no more than that."""
    text = request.headers.get("Content-Length") or "0"
    return int(text) if text.isdigit() else MAX_BODY + 1


def _answer(status: int, words: str = "") -> HttpResponse:
    response = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    # Django would write the path of a refused call into the log, and the path is what only the platform shall know.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
