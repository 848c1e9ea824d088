"""/api/v1/preview: a draft for whoever has its token."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from cms.http import json_response, not_found
from cms.pages.resolvers import resolve_draft
from listings.schemas import Problem

from .models import PreviewDraft
from .schemas import Preview

router = Router(tags=["preview"])

MAX_TOKEN = 300
"""Ours are half as long; a longer one is not worth a signature check."""


@router.get("/preview", response={200: Preview, 404: Problem}, summary="A draft")
def get_preview(request: HttpRequest, token: str = "") -> HttpResponse:
    """The document of a draft as it would be published. Tokens come from the admin and last an hour."""
    draft = PreviewDraft.by_token(token) if 0 < len(token) <= MAX_TOKEN else None
    if draft is None:
        return _private(not_found())
    document = resolve_draft(draft.data) if draft.kind == "page" else draft.data
    return _private(json_response({"kind": draft.kind, "document": document}))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
