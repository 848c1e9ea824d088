"""Dealers in the admin: the group's staff keeps them all, a dealer's manager what visitors read about his own."""

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import IndexView

from listings.models import Dealer
from listings.permissions import sees_all_dealers

from .members import people_of
from .row_guard import GuardedSnippetViewSet

STAFF_ONLY = ("name", "slug", "city")
"""The dealer's name is its collection's and its groups'; the address part stands in links."""


class DealerForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is None or not sees_all_dealers(self.for_user):
            for name in STAFF_ONLY:
                self.fields.pop(name, None)


class MembersPanel(Panel):
    """Who works here, with the way to the page that changes it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "listings/admin/dealer_members_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["members"] = people_of(self.instance)
            context["members_url"] = reverse("listing_dealer_members", args=[self.instance.pk])
            return context


class MembersColumn(Column):
    def get_value(self, instance: Any) -> str:
        url = reverse("listing_dealer_members", args=[instance.pk])
        return format_html('<a href="{}">{}</a>', url, instance.people)


class DealerIndexView(IndexView):
    add_item_label = _("Add")

    def get_base_queryset(self) -> QuerySet[Dealer]:
        queryset: QuerySet[Dealer] = super().get_base_queryset().select_related("city")
        return queryset.annotate(people=Count("members"))


class DealerViewSet(GuardedSnippetViewSet):
    model = Dealer
    icon = "group"
    menu_label = _("Dealers")
    index_view_class = DealerIndexView
    list_display = ["name", "city", "phone", "email", MembersColumn("people", label=_("People"))]
    edit_handler = ObjectList(
        [
            MembersPanel(heading=_("People")),
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
            FieldRowPanel([FieldPanel("city"), FieldPanel("address")]),
            FieldRowPanel([FieldPanel("phone"), FieldPanel("email"), FieldPanel("hours")]),
            FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
            FieldPanel("about"),
            FieldPanel("watermark"),
        ],
        base_form_class=DealerForm,
    )
