"""The page of the switch that stops all channels; the warning on the home page while they are stopped."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.publications import pausing
from integrations.publications.models import MasterSwitch

from .bulk_actions import ReasonForm


class SwitchPage(WagtailAdminTemplateMixin, TemplateView):
    template_name = "publications/admin/switch.html"
    page_title = gettext_lazy("Stop all channels")
    header_icon = "warning"
    form: ReasonForm | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("publications.change_channel"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_header_title()}]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReasonForm(request.POST)
        starts = request.POST.get("verb") == "start"
        if not starts and not form.is_valid():
            self.form = form
            return self.get(request)
        try:
            if starts:
                pausing.start_all(request.user)  # type: ignore[arg-type]
            else:
                pausing.stop_all(request.user, form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The channels work again.") if starts else _("All channels are stopped."))
        return redirect("publications_switch")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"switch": pausing.master_switch(), "form": self.form or ReasonForm()}


class StoppedPanel(Component):
    name = "publishing_stopped"
    order = 5
    template_name = "publications/admin/stopped.html"

    def __init__(self, switch: MasterSwitch, may_switch: bool) -> None:
        self.switch, self.may_switch = switch, may_switch

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"switch": self.switch, "may_switch": self.may_switch}


def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For the hook `construct_homepage_panels`."""
    switch = pausing.master_switch()
    if switch:
        panels.append(StoppedPanel(switch, request.user.has_perm("publications.change_channel")))
