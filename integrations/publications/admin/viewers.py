"""Pages and menu items for who may see publications, below “Channels”."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


class ViewersPage(WagtailAdminTemplateMixin, TemplateView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("publications.view_publication"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        publications = {"url": reverse("publication:index"), "label": gettext_lazy("Channels")}
        return [*self.breadcrumbs_items, publications, {"url": "", "label": self.get_header_title()}]


class ForViewers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("publications.view_publication"))
