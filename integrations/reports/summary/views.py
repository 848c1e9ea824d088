"""The page “Reports of publications”: what was done in a period, on the screen and as a file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.admin.paginator import WagtailPaginator

from integrations.publications.admin.viewers import ViewersPage
from integrations.publications.admin.views import visible_publications
from integrations.reports.columns import columns_of
from integrations.reports.vocabulary import GroupBy

from . import exports
from .counting import Scope, published_by_day
from .exports import COLUMNS, Format
from .filters import ReportFilterSet
from .lines import CARS_PER_PAGE, Line, all_lines, cars_in, lines_of_cars, report, total_of
from .periods import LONGEST, site_day


class PublicationReportPage(ViewersPage):
    template_name = "reports/publications.html"
    page_title = gettext_lazy("Reports of publications")
    header_icon = "table"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        now = timezone.now()
        mine = visible_publications(request.user)
        self.filterset = ReportFilterSet(request.GET, queryset=mine, request=request)
        period = self.filterset.chosen_period(site_day(now))
        self.scope = Scope(self.filterset.qs, period, now) if period else None
        fmt = request.GET.get("export")
        if self.scope and fmt in Format.values:
            return self._file(self.scope, Format(fmt))
        return super().get(request, *args, **kwargs)

    def _file(self, scope: Scope, fmt: Format) -> StreamingHttpResponse:
        group_by = self.filterset.group_by_value
        pieces = exports.file_of(all_lines(scope, group_by), group_by, fmt)
        response = StreamingHttpResponse(pieces, content_type=exports.CONTENT_TYPES[fmt])
        response["Content-Disposition"] = f'attachment; filename="{exports.file_name(scope.period, group_by)}.{fmt}"'
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {"form": self.filterset.form, "longest": LONGEST}
        return context | self._table(self.scope) if self.scope else context

    def _table(self, scope: Scope) -> dict[str, Any]:
        group_by = self.filterset.group_by_value
        context: dict[str, Any] = {}
        if group_by == GroupBy.CAR:
            paginator = WagtailPaginator(cars_in(scope), CARS_PER_PAGE)
            page = paginator.get_page(self.request.GET.get("p"))
            lines, total = lines_of_cars(scope, page), total_of(scope)
            context = {
                "items": page,
                "is_paginated": page.has_other_pages(),
                "elided_page_range": paginator.get_elided_page_range(page.number),
            }
        else:
            lines, total = report(scope, group_by)
        by_day = published_by_day(scope)
        return context | {
            "period": scope.period,
            "first_column": GroupBy(group_by).label,
            "columns": COLUMNS,
            "rows": _rows(lines),
            "total": _rows([total])[0],
            "chart": columns_of((day, by_day.get(day, 0), 0) for day in scope.period.days),
            "files": [(fmt.label, self._address(export=fmt.value)) for fmt in Format],
            "subscribe": f"{reverse('reports_subscribe')}?{self._address(period='', since='', until='')[1:]}",
        }

    def _address(self, **changes: str) -> str:
        """Of this page with these parameters; empty ones are left out."""
        chosen = {name: value for name, value in self.request.GET.items() if name not in {"export", "p"}} | changes
        return f"?{urlencode({name: value for name, value in chosen.items() if value})}"


def _rows(lines: list[Line]) -> list[tuple[str, list[str]]]:
    return [(line.name, exports.shown(line)) for line in lines]
