"""The change log in the admin: a report over all cars with filters and export, and the history of one car."""

from functools import partial
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.views.reports import ReportView
from wagtail.permissions import policy_registry

from listings.changes import describe_stored
from listings.exchange.formulas import neutralise
from listings.models import ChangeLogEntry, Dealer, Listing
from listings.permissions import own_dealers
from listings.vocabulary import ChangeAction, Way

PER_PAGE = 50
OPEN_LINES = 6
"""More changed fields than these are folded: a new car has thirty."""


def own_changes(user: Any) -> QuerySet[ChangeLogEntry]:
    """Entries of the cars that the user may see."""
    rows: QuerySet[ChangeLogEntry] = policy_registry.get_by_type(ChangeLogEntry).rows(user)
    return rows


def action_label(entry: ChangeLogEntry) -> str:
    return str(dict(ChangeAction.choices).get(entry.action, entry.action))


def stored_text(fields: dict[str, Any]) -> str:
    return neutralise("; ".join(f"{label}: {_told(old, new)}" for label, old, new in describe_stored(fields)))


class CarColumn(Column):
    """The car as it was called, with a link to its history."""

    def get_value(self, instance: ChangeLogEntry) -> str:
        url = reverse("listing_changes", args=[instance.listing_id])
        return format_html('<a href="{}">{}</a>', url, instance.title)


class ChangesColumn(Column):
    def get_value(self, instance: ChangeLogEntry) -> str:
        lines = describe_stored(instance.fields)
        rows = format_html_join("", "<div>{}: {}</div>", ((label, _told(old, new)) for label, old, new in lines))
        if len(lines) > OPEN_LINES:
            count = ngettext("%(count)s field", "%(count)s fields", len(lines)) % {"count": len(lines)}
            rows = format_html("<details><summary>{}</summary>{}</details>", count, rows)
        comment = format_html("<div>{}</div>", instance.comment) if instance.comment else ""
        return format_html("{}{}", rows, comment)


def _told(old: Any, new: Any) -> str:
    """What was filled in needs no arrow."""
    return _short(new) if old in ("", None, [], 0) else f"{_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    text = str(value) if value not in ("", None) else "—"
    return text if len(text) <= 160 else f"{text[:159]}…"


def _label(choices: Any, value: str) -> str:
    """Spreadsheets take no lazy texts."""
    return str(dict(choices.choices).get(value, value))


class ChangeFilterSet(WagtailFilterSet):
    q = django_filters.CharFilter(method="search", label=gettext_lazy("Car or VIN"))
    dealer = django_filters.ModelChoiceFilter(queryset=Dealer.objects.none(), label=gettext_lazy("Dealer"))
    who = django_filters.CharFilter(field_name="user_name", lookup_expr="icontains", label=gettext_lazy("Who"))
    way = django_filters.MultipleChoiceFilter(choices=Way.choices, label=gettext_lazy("Way in"))
    action = django_filters.MultipleChoiceFilter(choices=ChangeAction.choices, label=gettext_lazy("What happened"))
    field = django_filters.ChoiceFilter(method="by_field", label=gettext_lazy("Field"))
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)

    class Meta:
        model = ChangeLogEntry
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["dealer"].queryset = own_dealers(self.request.user).order_by("name")
        fields = ("price", "mileage_km", "sale_state", "vin", "city", "dealer", "agent", "text")
        self.filters["field"].extra["choices"] = [(name, Listing._meta.get_field(name).verbose_name) for name in fields]

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = Q(title__icontains=value)
        ids = Listing.objects.filter(vin__iexact=value.strip()).values("pk")
        return queryset.filter(found | Q(listing__in=ids))

    def by_field(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(fields__has_key=value)


class ChangeReport(ReportView):
    """For everybody who sees cars: of the cars that are his."""

    index_url_name = "listing_change_report"
    index_results_url_name = "listing_change_report_results"
    page_title = gettext_lazy("Change log")
    header_icon = "history"
    model = ChangeLogEntry
    filterset_class = ChangeFilterSet
    is_searchable = False
    paginate_by = PER_PAGE
    table_classname = "listing stacked"
    default_ordering = "-at"
    permission_policy = policy_registry.get_by_type(Listing)
    any_permission_required = ["view", "change", "publish"]
    list_export = ["at", "title", "user_name", "way", "action", "fields", "comment"]
    export_headings = {
        "at": gettext_lazy("When"),
        "title": gettext_lazy("Car"),
        "user_name": gettext_lazy("Who"),
        "way": gettext_lazy("Way in"),
        "action": gettext_lazy("What happened"),
        "fields": gettext_lazy("Changes"),
        "comment": gettext_lazy("Comment"),
    }
    columns = [
        DateColumn("at", label=gettext_lazy("When")),
        CarColumn("title", label=gettext_lazy("Car")),
        Column("what", label=gettext_lazy("What happened"), accessor=action_label),
        ChangesColumn("fields", label=gettext_lazy("Changes")),
        Column("user_name", label=gettext_lazy("Who"), accessor=lambda entry: entry.user_name or _("System")),
        Column("way", label=gettext_lazy("Way in"), accessor="get_way_display"),
    ]
    custom_field_preprocess = {
        "fields": dict.fromkeys(("csv", "xlsx"), stored_text),
        "action": dict.fromkeys(("csv", "xlsx"), partial(_label, ChangeAction)),
        "way": dict.fromkeys(("csv", "xlsx"), partial(_label, Way)),
        # The hour on the office's clock, as the page shows it.
        "at": {"csv": lambda at: f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}", "xlsx": timezone.make_naive},
    }
    custom_value_preprocess = SpreadsheetExportMixin.custom_value_preprocess | {
        str: dict.fromkeys(("csv", "xlsx"), neutralise)
    }

    def get_filename(self) -> str:
        return f"changes-{timezone.localdate():%Y-%m-%d}"

    def get_base_queryset(self) -> QuerySet[ChangeLogEntry]:
        return own_changes(self.request.user)


class ChangesOfListing(ChangeReport):
    """The history of one car, of a deleted one too."""

    index_url_name = index_results_url_name = ""
    filterset_class = None  # type: ignore[assignment]

    def get_base_queryset(self) -> QuerySet[ChangeLogEntry]:
        entries = own_changes(self.request.user).filter(listing=self.kwargs["pk"])
        newest = get_object_or_404(entries.order_by("-pk")[:1])
        self.page_subtitle = newest.title
        return entries

    def get_index_url(self) -> str:
        return reverse("listing_changes", args=[self.kwargs["pk"]])

    get_index_results_url = get_index_url


urlpatterns: list[URLPattern] = [
    path("reports/cars/", ChangeReport.as_view(), name="listing_change_report"),
    path("reports/cars/results/", ChangeReport.as_view(results_only=True), name="listing_change_report_results"),
    path("listings/<int:pk>/changes/", ChangesOfListing.as_view(), name="listing_changes"),
]


class ChangesMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return bool(request.user.has_perm("listings.view_listing"))


def menu_item() -> MenuItem:
    return ChangesMenuItem(
        gettext_lazy("Change log"),
        reverse_lazy("listing_change_report"),
        name="car-changes",
        icon_name="history",
        order=160,
    )
