"""Wagtail's views that know nothing of rows: closed to those who do not see all dealers."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel
from wagtail.permissions import policy_registry

from listings.permissions import sees_all_dealers

from .row_guard import ANY, rows_of

CLOSED_NAMESPACES = {"wagtailadmin_reports", "wagtailadmin_api", "wagtailadmin_workflows"}
"""Reports, the page tree's own API and the set-up of workflows show everybody's rows."""
CLOSED_VIEWS = {"wagtailadmin_tag_autocomplete", "wagtailadmin_tag_model_autocomplete"}
BULK_VIEW = "wagtail_bulk_action"


class RowBlindViewsMiddleware:
    """For a dealer's people closed views do not exist, nor does a bulk action that names a foreign row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return None
        closed = bool(CLOSED_NAMESPACES.intersection(match.namespaces)) or match.url_name in CLOSED_VIEWS
        if not closed and match.url_name != BULK_VIEW:
            return None
        if sees_all_dealers(request.user) or (not closed and _may_act_on_all(request, kwargs)):
            return None
        return page_not_found(request, Exception(), template_name="wagtailadmin/404.html")


def _may_act_on_all(request: HttpRequest, kwargs: dict[str, Any]) -> bool:
    """Whether every row that a bulk action names is the user's. "all" means his: the actions see to that."""
    keys = set(request.GET.getlist("id")) - {"all"}
    try:
        model = apps.get_model(kwargs["app_label"], kwargs["model_name"])
    except LookupError:
        return False
    if not all(key.isdigit() for key in keys):
        return False
    if not policy_registry.get_by_type(model).user_has_any_permission(request.user, ANY):
        return False
    return rows_of(request.user, model).filter(pk__in=keys).count() == len(keys)


WORKFLOW_PANELS = (WorkflowObjectsToModeratePanel, UserObjectsInWorkflowModerationPanel)


def limit_home_panels(request: HttpRequest, panels: list[Any]) -> None:
    """For the hook `construct_homepage_panels`: what a dealer submitted stands in a panel that knows rows."""
    if not sees_all_dealers(request.user):
        panels[:] = [panel for panel in panels if not isinstance(panel, WORKFLOW_PANELS)]
