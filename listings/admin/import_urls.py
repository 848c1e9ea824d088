"""Addresses of imports and feeds, and their place in the menu."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from . import feeds, imports
from .import_list import ImportIndexView
from .import_policy import may_import

urlpatterns: list[URLPattern] = [
    path("listings/imports/", ImportIndexView.as_view(), name="listing_imports"),
    path("listings/imports/results/", ImportIndexView.as_view(results_only=True), name="listing_imports_results"),
    path("listings/imports/add/", imports.UploadView.as_view(), name="listing_import_add"),
    path("listings/imports/template/<slug:fmt>/", imports.TemplateView.as_view(), name="listing_import_template"),
    path("listings/imports/<int:pk>/", imports.ImportPageView.as_view(), name="listing_import"),
    path("listings/imports/<int:pk>/columns/", imports.ColumnsView.as_view(), name="listing_import_columns"),
    path("listings/imports/<int:pk>/progress/", imports.ProgressView.as_view(), name="listing_import_progress"),
    path("listings/imports/<int:pk>/rows/<int:number>/", imports.CorrectView.as_view(), name="listing_import_row"),
    path("listings/imports/<int:pk>/report/<slug:fmt>/", imports.ReportView.as_view(), name="listing_import_report"),
    path("listings/imports/<int:pk>/<slug:verb>/", imports.ActView.as_view(), name="listing_import_act"),
    path("listings/feeds/<int:pk>/pull/", feeds.pull_now, name="listing_feed_pull"),
    path("listings/feeds/<int:pk>/switch/", feeds.switch, name="listing_feed_switch"),
]


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_import(request.user)


def menu_item() -> Any:
    return ImportMenuItem(_("Import"), reverse_lazy("listing_imports"), name="imports", icon_name="upload", order=110)
