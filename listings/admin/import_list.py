"""The list of imports, with what came of each."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn, UserColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permissions import policy_registry

from listings.exchange.states import ImportState
from listings.models import Dealer, Feed, Import

from .import_page import counts_text
from .import_policy import dealers_to_import_for
from .imports import ImportView, own_imports

NEEDS_A_PERSON = (ImportState.MAPPING, ImportState.CHECKED, ImportState.WAITING)


def own_feeds(request: HttpRequest) -> QuerySet[Feed]:
    found: QuerySet[Feed] = policy_registry.get_by_type(Feed).instances_user_has_permission_for(request.user, "view")
    return found


def own_dealers(request: HttpRequest) -> QuerySet[Dealer]:
    return dealers_to_import_for(request.user)


class ImportFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=ImportState.choices, label=gettext_lazy("State"), widget=forms.CheckboxSelectMultiple
    )
    dealer = django_filters.ModelChoiceFilter(queryset=own_dealers, label=gettext_lazy("Dealer"))
    feed = django_filters.ModelChoiceFilter(queryset=own_feeds, label=gettext_lazy("Feed"))

    class Meta:
        model = Import
        fields = ["state", "dealer", "feed"]


class ImportPaginator(WagtailPaginator):
    @property
    def items_count_label(self) -> str:
        return ngettext("%(number)d import", "%(number)d imports", self.count) % {"number": self.count}


class ImportIndexView(ImportView, BaseListingView):
    page_title = gettext_lazy("Import")
    template_name = "listings/imports/index.html"
    results_template_name = "listings/imports/index_results.html"
    index_url_name = "listing_imports"
    index_results_url_name = "listing_imports_results"
    filterset_class = ImportFilterSet
    paginate_by = 30
    paginator_class = ImportPaginator
    table_classname = "listing import-table import-list"
    default_ordering = "-created_at"

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*WagtailAdminTemplateMixin.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_base_queryset(self) -> QuerySet[Import]:
        return own_imports(self.request.user)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Load a file"), url=reverse("listing_import_add"), icon_name="upload", priority=10),
            HeaderButton(_("Feeds"), url=reverse("listing_feed:index"), icon_name="rotate", priority=20),
        ]

    @property
    def columns(self) -> list[Column]:
        columns = [
            TitleColumn("title", label=_("File"), accessor=str, url_name="listing_import"),
            StatusTagColumn(
                "state", label=_("State"), accessor="get_state_display", primary=lambda job: job.state in NEEDS_A_PERSON
            ),
            Column("counts", label=_("Rows"), accessor=counts_text),
            Column("dealer", label=_("Dealer")),
            Column("feed", label=_("Feed"), accessor=lambda job: job.feed or "—", classname="import-wide"),
            UserColumn("user", label=_("Who"), classname="import-wide"),
            DateColumn("created_at", label=_("When"), sort_key="created_at"),
        ]
        sees_one = len(dealers_to_import_for(self.request.user)[:2]) < 2
        return [column for column in columns if not (sees_one and column.name == "dealer")]
