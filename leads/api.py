"""POST /api/v1/leads: an enquiry, from the site's form with and without JavaScript."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from cms.http import json_response, problem
from listings.schemas import Problem

from .forms import LeadForm
from .limits import too_many
from .schemas import LeadAccepted, LeadIn
from .services import UnknownListingError, accept_lead

router = Router(tags=["leads"])

MAX_BODY = 32 * 1024
"""Bytes. The longest valid enquiry has a third of it."""
THANKS = "/thanks"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": LeadIn.model_json_schema()}
            for kind in ("application/json", "application/x-www-form-urlencoded")
        },
    }
}


@router.post(
    "/leads",
    response={201: LeadAccepted, 303: None, 413: Problem, 415: Problem, 422: Problem, 429: Problem},
    openapi_extra=BODY,
    summary="Send an enquiry",
)
def create_lead(request: HttpRequest) -> HttpResponse:
    """JSON is answered with 201 or a problem; a form with a redirect to /thanks or to the field with the error.

    A form that asks for JSON (`Accept`) is answered like JSON.
    """
    if _length(request) > MAX_BODY:
        return problem(413, _("The enquiry is too long"))
    if request.content_type in FORMS:
        html = "application/json" not in request.headers.get("Accept", "")
        return _answer(request, request.POST, html=html)
    if request.content_type != "application/json":
        return problem(415, _("Send JSON or a form"))
    data = _json(request)
    if data is None:
        return problem(422, _("Something in the request is wrong"), detail=_("The text is not valid JSON."))
    return _answer(request, data, html=False)


def _answer(request: HttpRequest, data: Mapping[str, Any], *, html: bool) -> HttpResponse:
    form = LeadForm(data)
    refusal = _take(request, form)
    if refusal is None:
        return _see_other(THANKS) if html else _accepted()
    anchor, response = refusal
    page = form.cleaned_data.get("page", "/")
    # The site has the words of every error in the page, hidden until the address names them.
    return _see_other(f"{urlsplit(page)._replace(fragment='').geturl()}#error-{anchor}") if html else response


def _take(request: HttpRequest, form: LeadForm) -> tuple[str, HttpResponse] | None:
    """Stores the enquiry. Otherwise: the field (or "form") that is to blame, and the problem."""
    if not form.is_valid():
        return form.first_error(), problem(422, _("Something in the request is wrong"), errors=form.problems())
    if too_many(request):
        response = problem(429, _("Too many enquiries"), detail=_("Wait ten minutes or call us."))
        response["Retry-After"] = "600"
        return "form", response
    try:
        accept_lead(fields=form.cleaned_data, source=form.source())
    except UnknownListingError:
        gone = _("This car has been withdrawn. Choose another one or call us.")
        return "form", problem(422, _("Something in the request is wrong"), errors={"listing": [gone]})
    return None


def _accepted() -> HttpResponse:
    response = json_response({"status": "accepted"}, cache_control="no-store")
    response.status_code = 201
    return response


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return MAX_BODY + 1


def _json(request: HttpRequest) -> dict[str, Any] | None:
    """The fields as a form has them; None if the body is no JSON object of plain values."""
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not all(isinstance(value, str | bool | None) for value in data.values()):
        return None
    return data


def _see_other(location: str) -> HttpResponse:
    response = HttpResponse(status=303)
    # A path: the form was posted to the site's own address, and the browser stays there.
    response["Location"] = location
    response["Cache-Control"] = "no-store"
    return response
