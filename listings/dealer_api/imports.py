"""Imports of whole files: start, look, agree, stop, and the report. The same jobs as the admin's pages."""

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Query
from ninja.files import UploadedFile

from listings.exchange import jobs, staging
from listings.exchange.columns import BY_NAME
from listings.exchange.errors import FileError
from listings.exchange.states import RowOutcome
from listings.models import Import
from listings.permissions import own_rows
from listings.schemas import Problem
from listings.vocabulary import Scope

from .auth import Bearer, token_of
from .common import REFUSED, invalid, refused, reply
from .idempotency import HEADER, idempotent
from .import_schemas import Decision, ImportList, ImportMeaning, ImportOptions, ImportOut, ImportRows
from .routes import router

ADDRESS = "/dealer/imports/{uuid}"
ANSWERS = {404: Problem, 409: Problem, 422: Problem, **REFUSED}
MAX_ROWS = 500
VERBS: dict[str, Callable[[Import], Any]] = {"run": jobs.run, "cancel": jobs.cancel, "resume": jobs.resume}


@router.post(
    "/dealer/imports",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={201: ImportOut, 413: Problem, 422: Problem, **REFUSED},
    openapi_extra={"parameters": [HEADER]},
    summary="Start an import",
)
@idempotent
def start(
    request: HttpRequest,
    options: Form[ImportOptions],
    file: UploadedFile = File(..., description="CSV, XLSX, ODS, JSON, XML of auto.ru or MaxPoster."),  # noqa: B008
    archive: UploadedFile | None = File(None, description="ZIP with photos."),  # noqa: B008
) -> HttpResponse:
    """The file is checked by a worker: look until `state` is "checked", then run it. Nothing is written before.

    While `state` is "mapping", say what the columns mean: not all of them have been understood.
    """
    token = token_of(request)
    try:
        job = jobs.start(
            token.dealer,
            token.user,
            file,
            file.name or "",
            archive=archive,
            archive_name=(archive.name or "") if archive else "",
            ask=False,
            **options.model_dump(),
        )
    except FileError as error:
        return invalid([{"pointer": "/file", "message": str(error)}])
    return reply(ImportOut, shown(job), 201)


@router.get(
    "/dealer/imports", auth=Bearer(Scope.IMPORTS_WRITE), response={200: ImportList, **REFUSED}, summary="Last imports"
)
def list_imports(request: HttpRequest, limit: int = Query(20, ge=1, le=100)) -> HttpResponse:
    """The newest first."""
    return reply(ImportList, {"items": [shown(job) for job in _own(request)[:limit]]})


@router.get(ADDRESS, auth=Bearer(Scope.IMPORTS_WRITE), response={200: ImportOut, **ANSWERS}, summary="An import")
def get_import(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far it is, and what its columns mean."""
    return reply(ImportOut, shown(_one(request, uuid)))


@router.put(
    ADDRESS + "/mapping",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={200: ImportOut, **ANSWERS},
    summary="Say what the columns of an import mean",
)
def put_mapping(request: HttpRequest, uuid: UUID, body: ImportMeaning) -> HttpResponse:
    """Column header to field; columns that are not named are left out. Remembered for the dealer's next file."""
    job = _one(request, uuid)
    unknown = [name for name in body.mapping.values() if name not in BY_NAME]
    if unknown:
        message = _("There is no such field: %s.") % ", ".join(unknown)
        return invalid([{"pointer": "/mapping", "message": message}])
    try:
        if body.sheet is not None and body.sheet != job.sheet:
            jobs.choose_sheet(job, body.sheet)
        jobs.set_mapping(job, body.mapping)
    except FileError as error:
        return invalid([{"pointer": "/mapping", "message": str(error)}])
    return reply(ImportOut, shown(job))


@router.post(
    ADDRESS + "/decide",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={200: ImportOut, **ANSWERS},
    summary="Decide on an import that asks",
)
def decide(request: HttpRequest, uuid: UUID, body: Decision) -> HttpResponse:
    """One that would archive more cars than the settings allow waits (`state` "waiting") for this."""
    return _do(_one(request, uuid), lambda job: jobs.decide(job, body.proceed))


@router.get(
    ADDRESS + "/rows",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={200: ImportRows, **ANSWERS},
    summary="Rows of an import",
)
def list_rows(
    request: HttpRequest,
    uuid: UUID,
    outcome: RowOutcome | None = Query(None),  # noqa: B008
    limit: int = Query(100, ge=1, le=MAX_ROWS),
    offset: int = Query(0, ge=0, le=10_000_000),
) -> HttpResponse:
    """In the order of the file: what each creates or changes, or why it is refused."""
    rows = _one(request, uuid).rows.all()
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    names = ("number", "outcome", "title", "external_id", "vin", "changes", "errors", "listing_id")
    items = [{name: getattr(row, name) for name in names} for row in rows[offset : offset + limit]]
    return reply(ImportRows, {"count": rows.count(), "limit": limit, "offset": offset, "items": items})


@router.get(
    ADDRESS + "/report",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={200: bytes, **ANSWERS},
    summary="Report of an import",
)
def get_report(request: HttpRequest, uuid: UUID, format: Literal["csv", "xlsx"] = "csv") -> Any:
    """All rows with what became of them, as a table."""
    job = _one(request, uuid)
    if job.pruned_at:
        raise Http404
    filename, content_type, content = jobs.report(job, format)
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response


# Behind the addresses with words of their own: it would take them.
@router.post(
    ADDRESS + "/{verb}",
    auth=Bearer(Scope.IMPORTS_WRITE),
    response={200: ImportOut, **ANSWERS},
    summary="Run, cancel or resume an import",
)
def act_on_import(request: HttpRequest, uuid: UUID, verb: Literal["run", "cancel", "resume"]) -> HttpResponse:
    """A cancelled import keeps what it has written in whole rows; it can be resumed."""
    return _do(_one(request, uuid), VERBS[verb])


def shown(job: Import) -> dict[str, Any]:
    return jobs.progress(job) | {
        "id": str(job.uuid),
        "filename": job.filename,
        "created_at": job.created_at,
        "sheets": [sheet["name"] for sheet in job.sheets],
        "sheet": job.sheet,
        "header": staging.header_of(job) if job.sheets else [],
        "mapping": job.mapping,
    }


def _own(request: HttpRequest) -> Any:
    return Import.objects.filter(own_rows(request.user, agent=None), dealer=token_of(request).dealer)


def _one(request: HttpRequest, uuid: UUID) -> Import:
    job: Import | None = _own(request).filter(uuid=uuid).first()
    if job is None:
        raise Http404
    return job


def _do(job: Import, verb: Callable[[Import], Any]) -> HttpResponse:
    try:
        verb(job)
    except FileError as error:
        return refused(str(error))
    job.refresh_from_db()
    return reply(ImportOut, shown(job))
