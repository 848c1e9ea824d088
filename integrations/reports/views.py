"""The page “Platforms” in the admin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.publications.admin.views import visible_publications
from integrations.publications.vocabulary import State

from .overview import channel_lines


class OverviewPage(WagtailAdminTemplateMixin, TemplateView):
    template_name = "reports/overview.html"
    page_title = gettext_lazy("Platforms")
    header_icon = "site"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("publications.view_publication"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lines = channel_lines(visible_publications(self.request.user), timezone.now())
        table = [(line, [(state, line.counts.get(state, 0)) for state in State]) for line in lines]
        return context | {"table": table, "states": list(State)}
