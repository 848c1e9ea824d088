"""/api/v1: assembled from each app's `api.py`. Errors are problem+json (RFC 9457)."""

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from .http import ProblemError, not_found, problem

logger = logging.getLogger(__name__)

DESCRIPTION = """
The catalogue, pages and reference data of the site, for reading, and enquiries, for writing. With a token: a dealer's
own cars, photos, imports and enquiries, for his programs (docs/api.md).

Answers are language-neutral: codes and numbers. `GET /reference` has the codes' labels.
Every public GET carries an `ETag`. Errors are `application/problem+json`; their messages follow `Accept-Language`.
A breaking change becomes `/api/v2` beside this one.
"""

api = NinjaAPI(title="Avtofamily", version="1", description=DESCRIPTION, urls_namespace="api-v1")

for app in ("listings.dealer_api", "listings", "cms.pages", "cms.preview", "cms.storefront", "leads"):
    api.add_router("", f"{app}.api.router")
api.add_router("", "leads.dealer_api.router")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for item in error.errors:
        # The location is ("query", "model", "field"): the last part is the name that the caller used.
        errors.setdefault(str(item["loc"][-1]), []).append(str(item["msg"]))
    return problem(422, _("Something in the request is wrong"), errors=errors)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return not_found()


@api.exception_handler(ProblemError)
def ended(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return error.response


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
    return problem(413, _("The request is too large"), detail=_("At most %d MB: send it in parts.") % megabytes)


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.exception("API request failed: %s", request.path)
    return problem(500, _("An error on our side"), detail=_("It has been written down. Please try again later."))
