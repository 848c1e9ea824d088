"""Two reports: where platforms differ from what should be there, and what was seen of posts, the proofs of removal."""

from datetime import datetime
from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.views.reports import ReportView
from wagtail.permissions import policy_registry

from integrations.monitoring.drift import with_drift
from integrations.monitoring.models import RemoteCheck
from integrations.monitoring.texts import advice, what_is_wrong
from integrations.monitoring.vocabulary import CheckSource, Drift, PostState
from integrations.publications.admin.views import visible_publications
from integrations.publications.models import Channel, Publication
from listings.exchange.formulas import neutralise

PER_PAGE = 50
FORMATS = ("csv", "xlsx")


def _channels(request: Any) -> QuerySet[Channel]:
    """Those in which the user's cars are."""
    return Channel.objects.filter(publications__in=visible_publications(request.user)).distinct()


def _label(choices: Any, value: str) -> str:
    """Spreadsheets take no lazy texts."""
    return str(dict(choices.choices).get(value, value))


def _local(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


class CarColumn(Column):
    """The car, with a link to its publication and the buttons there."""

    def get_value(self, instance: Any) -> str:
        row = instance if isinstance(instance, Publication) else instance.publication
        return format_html('<a href="{}">{}</a>', reverse("publication:inspect", args=[row.pk]), row.car)


class PostColumn(Column):
    def get_value(self, instance: Any) -> str:
        address = instance.address or getattr(getattr(instance, "watch", None), "address", "")
        if not address.startswith(("https://", "http://")):
            return "—"
        return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, _("Open"))


class DecisionColumn(Column):
    """What to do, with the buttons of what the publication's own page has none for."""

    cell_template_name = "monitoring/decision_cell.html"

    def get_value(self, instance: Publication) -> str:
        return advice(instance)

    def get_cell_context_data(self, instance: Publication, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        request = parent_context.get("request")
        may = instance.drift == Drift.STAYS and request.user.has_perm("publications.change_publication")  # type: ignore[attr-defined]
        return context | {"csrf_token": parent_context.get("csrf_token"), "may_decide": may}


class _Report(ReportView):
    """For who may see publications: of the cars that are his."""

    is_searchable = False
    paginate_by = PER_PAGE
    table_classname = "listing stacked"
    permission_policy = policy_registry.get_by_type(Publication)
    any_permission_required = ["view", "change"]
    custom_value_preprocess = SpreadsheetExportMixin.custom_value_preprocess | {str: dict.fromkeys(FORMATS, neutralise)}


class DriftFilterSet(WagtailFilterSet):
    channel = django_filters.ModelMultipleChoiceFilter(queryset=Channel.objects.none(), label=gettext_lazy("Channel"))
    drift = django_filters.MultipleChoiceFilter(choices=Drift.choices, label=gettext_lazy("What is wrong"))

    class Meta:
        model = Publication
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["channel"].queryset = _channels(self.request)


class DriftReport(_Report):
    index_url_name = "monitoring_drift"
    index_results_url_name = "monitoring_drift_results"
    page_title = gettext_lazy("Differences on the platforms")
    header_icon = "view"
    model = Publication
    filterset_class = DriftFilterSet
    default_ordering = "-changed_at"
    list_export = ["car", "channel.name", "drift", "wrong", "advice", "address", "published_at", "checked_at"]
    export_headings = {
        "car": gettext_lazy("Car"),
        "channel.name": gettext_lazy("Channel"),
        "drift": gettext_lazy("What is wrong"),
        "wrong": gettext_lazy("How it was found out"),
        "advice": gettext_lazy("What to do"),
        "address": gettext_lazy("Post"),
        "published_at": gettext_lazy("Published"),
        "checked_at": gettext_lazy("Last look"),
    }
    columns = [
        CarColumn("car", label=gettext_lazy("Car")),
        Column("channel", label=gettext_lazy("Channel")),
        Column("drift", label=gettext_lazy("What is wrong"), accessor=lambda row: _label(Drift, row.drift)),
        Column("wrong", label=gettext_lazy("How it was found out"), accessor=what_is_wrong),
        PostColumn("address", label=gettext_lazy("Post")),
        DateColumn("checked_at", label=gettext_lazy("Last look"), accessor=lambda row: _watched(row, "checked_at")),
        DecisionColumn("advice", label=gettext_lazy("What to do")),
    ]
    custom_field_preprocess = {
        "drift": dict.fromkeys(FORMATS, partial(_label, Drift)),
        "published_at": dict.fromkeys(FORMATS, _local),
        "checked_at": dict.fromkeys(FORMATS, _local),
    }

    def get_filename(self) -> str:
        return f"differences-{timezone.localdate():%Y-%m-%d}"

    def get_base_queryset(self) -> QuerySet[Publication]:
        rows = with_drift(visible_publications(self.request.user), timezone.now())
        return rows.select_related("document", "channel", "watch")

    def to_row_dict(self, item: Publication) -> dict[str, Any]:
        """Of what only this report knows."""
        item.wrong, item.advice = what_is_wrong(item), advice(item)  # type: ignore[attr-defined]
        item.checked_at = _watched(item, "checked_at")  # type: ignore[attr-defined]
        item.address = item.address or _watched(item, "address") or ""
        row: dict[str, Any] = super().to_row_dict(item)
        return row


class CheckFilterSet(WagtailFilterSet):
    channel = django_filters.ModelMultipleChoiceFilter(
        field_name="publication__channel", queryset=Channel.objects.none(), label=gettext_lazy("Channel")
    )
    state = django_filters.MultipleChoiceFilter(choices=PostState.choices, label=gettext_lazy("What was seen"))
    source = django_filters.MultipleChoiceFilter(choices=CheckSource.choices, label=gettext_lazy("Who looked"))
    after_withdrawal = django_filters.BooleanFilter(label=gettext_lazy("After a withdrawal"))
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)

    class Meta:
        model = RemoteCheck
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["channel"].queryset = _channels(self.request)


class CheckReport(_Report):
    index_url_name = "monitoring_checks"
    index_results_url_name = "monitoring_checks_results"
    page_title = gettext_lazy("What was seen on the platforms")
    header_icon = "view"
    model = RemoteCheck
    filterset_class = CheckFilterSet
    default_ordering = "-at"
    list_export = ["at", "publication.car", "publication.channel.name", "state", "how", "source", "person", "address"]
    export_headings = {
        "at": gettext_lazy("When"),
        "publication.car": gettext_lazy("Car"),
        "publication.channel.name": gettext_lazy("Channel"),
        "state": gettext_lazy("What was seen"),
        "how": gettext_lazy("How it was found out"),
        "source": gettext_lazy("Who looked"),
        "person": gettext_lazy("Name"),
        "address": gettext_lazy("Post"),
    }
    columns = [
        DateColumn("at", label=gettext_lazy("When")),
        CarColumn("car", label=gettext_lazy("Car")),
        Column("channel", label=gettext_lazy("Channel"), accessor="publication.channel"),
        Column("state", label=gettext_lazy("What was seen"), accessor="get_state_display"),
        Column("how", label=gettext_lazy("How it was found out")),
        Column("source", label=gettext_lazy("Who looked"), accessor=lambda row: row.person or row.get_source_display()),
        PostColumn("address", label=gettext_lazy("Post")),
    ]
    custom_field_preprocess = {
        "at": {"csv": _local, "xlsx": timezone.make_naive},
        "state": dict.fromkeys(FORMATS, partial(_label, PostState)),
        "source": dict.fromkeys(FORMATS, partial(_label, CheckSource)),
    }

    def get_filename(self) -> str:
        return f"checks-{timezone.localdate():%Y-%m-%d}"

    def get_base_queryset(self) -> QuerySet[RemoteCheck]:
        mine = visible_publications(self.request.user)
        rows = RemoteCheck.objects.filter(publication__in=mine)
        return rows.select_related("publication__document", "publication__channel")


def _watched(row: Publication, name: str) -> Any:
    return getattr(getattr(row, "watch", None), name, None)


class ReportsMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        user = request.user
        return bool(user.has_perm("publications.view_publication") or user.has_perm("publications.change_publication"))


def drift_item() -> MenuItem:
    title = gettext_lazy("Differences on the platforms")
    return ReportsMenuItem(title, reverse_lazy("monitoring_drift"), name="drift", icon_name="view", order=170)


def checks_item() -> MenuItem:
    title = gettext_lazy("What was seen on the platforms")
    return ReportsMenuItem(title, reverse_lazy("monitoring_checks"), name="checks", icon_name="view", order=171)
