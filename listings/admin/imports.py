"""Imports in the admin: the file, the meaning of its columns, what would happen, the run and its end.

Thin: whatever is decided or written, `listings.exchange.jobs` does. Every page works without JavaScript.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from listings.exchange import jobs, staging
from listings.exchange.columns import COLUMNS
from listings.exchange.errors import FileError
from listings.exchange.mappings import mapping_title
from listings.exchange.readers import Kind
from listings.exchange.states import ImportState, RowOutcome
from listings.models import Import, ImportRow

from .import_forms import ColumnsForm, UploadForm
from .import_page import ImportPage
from .import_policy import dealers_to_import_for, may_import
from .import_rows import columns_to_correct, shown_rows

TEMPLATE_FORMATS = ("xlsx", "csv", "ods")
REPORT_FORMATS = ("xlsx", "csv")


class ImportView(WagtailAdminTemplateMixin, View):
    """Lets in who may import; `self.job` is the import of the address. A foreign one does not exist."""

    header_icon = "upload"
    job: Import

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not may_import(request.user):
            raise PermissionDenied
        if "pk" in kwargs:
            self.job = get_object_or_404(own_imports(request.user), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return str(self.job)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*super().get_breadcrumbs_items(), {"url": reverse("listing_imports"), "label": _("Import")}]
        return [*items, {"url": "", "label": self.get_page_title()}]

    def page_of_job(self) -> HttpResponse:
        name = "listing_import_columns" if self.job.state == ImportState.MAPPING else "listing_import"
        return redirect(name, self.job.pk)


def own_imports(user: Any) -> QuerySet[Import]:
    found: QuerySet[Import] = policy_registry.get_by_type(Import).instances_user_has_permission_for(user, "view")
    return found.select_related("dealer", "user__wagtail_userprofile", "feed")


class UploadView(ImportView):
    page_title = gettext_lazy("Load a file")
    template_name = "listings/imports/upload.html"

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(UploadForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self.show(form)
        values = form.cleaned_data
        file, archive = values["file"], values["archive"]
        try:
            self.job = jobs.start(
                values["dealer"],
                request.user,  # type: ignore[arg-type]  # the admin lets in no strangers
                file,
                file.name,
                archive=archive,
                archive_name=archive.name if archive else "",
                submit=values.get("submit", False),
                publish=values.get("publish", False),
                archive_vanished=values["archive_vanished"],
            )
        except FileError as error:
            form.add_error("file", str(error))
            return self.show(form)
        return self.page_of_job()

    def show(self, form: UploadForm) -> HttpResponse:
        context = self.get_context_data(
            form=form, formats=TEMPLATE_FORMATS, required=[column.header for column in COLUMNS if column.required]
        )
        return self.render_to_response(context)


class ColumnsView(ImportView):
    """Which sheet is read, and what its columns mean."""

    template_name = "listings/imports/columns.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.job.state not in (ImportState.MAPPING, ImportState.CHECKED):
            return self.page_of_job()
        return self.show(ColumnsForm(staging.samples(self.job), self.job.mapping))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            if "choose-sheet" in request.POST:
                jobs.choose_sheet(self.job, request.POST.get("sheet", ""))
                return redirect("listing_import_columns", pk)
            form = ColumnsForm(staging.samples(self.job), self.job.mapping, request.POST)
            if not form.is_valid():
                return self.show(form)
            jobs.set_mapping(self.job, form.chosen)
        except FileError as error:
            messages.error(request, str(error))
            self.job.refresh_from_db()
            if self.job.state not in (ImportState.MAPPING, ImportState.CHECKED):
                return self.page_of_job()
            return self.show(ColumnsForm(staging.samples(self.job), self.job.mapping, request.POST))
        return self.page_of_job()

    def show(self, form: ColumnsForm) -> HttpResponse:
        context = self.get_context_data(
            job=self.job,
            form=form,
            columns=COLUMNS,
            kind=Kind(self.job.kind).label,
            recognised=mapping_title(self.job.built_in) if self.job.built_in else "",
        )
        return self.render_to_response(context)


class ImportPageView(ImportView):
    template_name = "listings/imports/import.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.job.state == ImportState.MAPPING:
            return self.page_of_job()
        page = ImportPage(self.job, request.GET)
        several = len(dealers_to_import_for(request.user)[:2]) > 1
        return self.render_to_response(self.get_context_data(several_dealers=several, **page.context()))


class ProgressView(ImportView):
    """What the page asks every second."""

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:
        return JsonResponse(ImportPage(self.job, {}).as_json())


class CorrectView(ImportView):
    """Judges a row again with what was typed. Answers the row for a script, or goes back to the page."""

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        row = get_object_or_404(self.job.rows.select_related("listing"), number=number)
        typed = {name: request.POST[name] for name in columns_to_correct(self.job, row) if name in request.POST}
        problem = ""
        try:
            row = jobs.correct(row, typed)
        except FileError as error:
            problem = str(error)
        if request.headers.get("accept") == "application/json":
            return self.as_json(row, problem)
        if problem:
            messages.error(request, problem)
        elif row.outcome != RowOutcome.REFUSED:
            messages.success(request, self.message(row))
        return redirect(reverse("listing_import", args=[pk]) + f"?{request.GET.urlencode()}#row-{number}")

    def as_json(self, row: ImportRow, problem: str) -> JsonResponse:
        if problem:
            return JsonResponse({"error": problem}, status=409)
        self.job.refresh_from_db()
        page = ImportPage(self.job, {})
        context = {"job": self.job, "page": page, "shown": shown_rows(self.job, [row])[0], "show": RowOutcome.REFUSED}
        return JsonResponse(
            page.as_json()
            | {
                "row": render_to_string("listings/imports/_row.html", context, self.request),
                "actions": render_to_string("listings/imports/_actions.html", context, self.request),
                "message": self.message(row),
            }
        )

    def message(self, row: ImportRow) -> str:
        if row.outcome == RowOutcome.REFUSED:
            return _("Row %(number)d is not right yet.") % {"number": row.number}
        if self.job.state == ImportState.DONE:
            return _("Row %(number)d is loaded.") % {"number": row.number}
        return _("Row %(number)d is right now and will be loaded.") % {"number": row.number}


class ActView(ImportView):
    """The buttons of an import's page."""

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        verbs = {
            "run": jobs.run,
            "cancel": jobs.cancel,
            "resume": jobs.resume,
            "proceed": lambda job: jobs.decide(job, True),
            "keep": lambda job: jobs.decide(job, False),
        }
        if verb not in verbs:
            raise Http404
        try:
            verbs[verb](self.job)
        except FileError as error:
            messages.error(request, str(error))
        return redirect("listing_import", pk)


class ReportView(ImportView):
    def get(self, request: HttpRequest, pk: int, fmt: str) -> HttpResponseBase:
        if fmt not in REPORT_FORMATS or self.job.pruned_at:
            raise Http404
        return download(*jobs.report(self.job, fmt))


class TemplateView(ImportView):
    def get(self, request: HttpRequest, fmt: str) -> HttpResponseBase:
        if fmt not in TEMPLATE_FORMATS:
            raise Http404
        return download(*jobs.template(fmt))


def download(filename: str, content_type: str, content: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
