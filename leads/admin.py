"""Enquiries in the admin: list with filters, search and export; one enquiry with its status and notes."""

import re
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from listings.admin.row_guard import GuardedModelViewSet
from listings.exchange.formulas import neutralise
from listings.models import Dealer
from listings.permissions import DealerRowPolicy, own_dealers, sees_all_dealers

from .models import Lead, LeadStatus

MIN_PHONE_DIGITS = 4
"""Fewer digits fit too many phones to be a search for one."""


class LeadPermissionPolicy(DealerRowPolicy):
    """Enquiries come from the site: nobody adds one by hand. An agent gets those about his cars."""

    def __init__(self) -> None:
        super().__init__(Lead, agent="listing__listing__agent")

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "add" and bool(super().user_has_permission(user, action))


class LeadForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is None or not sees_all_dealers(self.for_user):
            # An enquiry that is passed on would be gone.
            self.fields.pop("dealer", None)


class ShownPanel(FieldPanel):
    """What the visitor or the system has written: shown, not edited. Nothing is a dash, tags are a list."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name, **kwargs | {"read_only": True})

    def format_value_for_display(self, value: Any) -> Any:
        if isinstance(value, dict):
            value = ", ".join(f"{name}: {text}" for name, text in value.items())
        return "—" if value in (None, "") else super().format_value_for_display(value)


def dealers_to_filter_by(request: Any) -> QuerySet[Dealer]:
    return own_dealers(request.user).order_by("name")


class LeadFilterSet(WagtailFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=LeadStatus.choices, label=_("Status"))
    dealer = django_filters.ModelChoiceFilter(queryset=dealers_to_filter_by, label=_("Dealer"))
    created_at = django_filters.DateFromToRangeFilter(label=_("Received"), widget=DateRangePickerWidget)

    class Meta:
        model = Lead
        fields = ["status", "dealer", "created_at"]


class LeadIndexView(IndexView):
    custom_value_preprocess = SpreadsheetExportMixin.custom_value_preprocess | {
        str: {
            SpreadsheetExportMixin.FORMAT_CSV: neutralise,
            SpreadsheetExportMixin.FORMAT_XLSX: neutralise,
        }
    }

    def get_base_queryset(self) -> QuerySet[Lead]:
        return super().get_base_queryset().select_related("listing", "dealer")

    def search_queryset(self, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        """By name, or by any part of the phone, however it is typed."""
        if not self.is_searching:
            return queryset
        found = Q(name__icontains=self.search_query)
        digits = re.sub(r"\D", "", self.search_query)
        if len(digits) >= MIN_PHONE_DIGITS:
            found |= Q(phone__contains=re.sub(r"^80", "", digits))
        return queryset.filter(found)


class LeadViewSet(GuardedModelViewSet):
    model = Lead
    name = "lead"
    icon = "mail"
    menu_label = _("Enquiries")
    menu_order = 150
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = LeadIndexView
    filterset_class = LeadFilterSet
    search_fields = ["name", "phone"]
    search_backend_name = None
    list_per_page = 50
    ordering = ["-created_at", "-pk"]
    list_display = [
        "name",
        Column("phone", label=_("Phone")),
        Column("car", label=_("Car")),
        Column("dealer", label=_("Dealer"), sort_key="dealer__name"),
        StatusTagColumn(
            "get_status_display",
            label=_("Status"),
            sort_key="status",
            primary=lambda lead: lead.status == LeadStatus.NEW,
        ),
        Column("contacts", label=_("Times asked")),
        DateColumn("created_at", label=_("Received"), sort_key="created_at"),
    ]
    list_export = [
        "created_at", "get_status_display", "name", "phone", "car", "dealer", "message", "page", "contacts", "note",
    ]  # fmt: skip
    export_headings = {"get_status_display": _("Status"), "car": _("Car")}
    export_filename = "leads"
    inspect_view_fields = [
        "name", "phone", "message", "car", "dealer", "status", "note", "contacts", "created_at", "last_contact_at",
        "page", "source", "consent_text", "consent_at", "notified_at", "notify_error", "spam_reason",
    ]  # fmt: skip
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("status"), FieldPanel("note")],
                heading=_("Your work"),
                help_text=_("Call back, then set the status and write down what was agreed."),
            ),
            MultiFieldPanel(
                [
                    ShownPanel("name"),
                    ShownPanel("phone"),
                    ShownPanel("message"),
                    ShownPanel("listing"),
                    FieldPanel("dealer"),
                    ShownPanel("contacts"),
                    ShownPanel("created_at"),
                    ShownPanel("last_contact_at"),
                ],
                heading=_("Enquiry"),
            ),
            MultiFieldPanel(
                [
                    ShownPanel("page"),
                    ShownPanel("source"),
                    ShownPanel("consent_text"),
                    ShownPanel("consent_at"),
                    ShownPanel("notified_at"),
                    ShownPanel("notify_error"),
                    ShownPanel("spam_reason"),
                ],
                heading=_("Details"),
                classname="collapsed",
            ),
        ],
        base_form_class=LeadForm,
    )

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(page_title=_("Enquiries"), **kwargs)
