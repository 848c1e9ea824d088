"""Reference data in the admin: search by any name, how many cars use each row, merging of doubles."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList, extract_panel_definitions_from_model_class
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from listings.models import (
    CarModel,
    City,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Generation,
    Listing,
    Make,
    PaymentType,
    RateFetch,
    ReturnReason,
    Trim,
)
from listings.rates import current_rates

from .merge_with import MergeWithView, ReferenceEditView
from .reference_rows import MERGEABLE, count_of, with_cars, with_parents, with_words

LISTED_BY = {Make: ("make", "slug"), City: ("city", "slug")}
"""Kinds by which the list of cars can be filtered: its parameter, and the row's value for it."""


class CarsColumn(Column):
    """How many cars use the row; leads to them where the list of cars knows the filter."""

    def get_value(self, instance: Any) -> Any:
        if not instance.cars or type(instance) not in LISTED_BY:
            return instance.cars
        parameter, field = LISTED_BY[type(instance)]
        cars = reverse(Listing.snippet_viewset.get_url_name("list"))
        return format_html('<a href="{}?{}={}">{}</a>', cars, parameter, getattr(instance, field), instance.cars)


CARS = CarsColumn("cars", label=_("Cars"), sort_key="cars")


class ReferenceIndexView(IndexView):
    """Looks in every name of a row and of its parent."""

    is_searchable = True
    add_item_label = _("Add")

    def get_base_queryset(self) -> QuerySet[Any]:
        queryset = with_cars(super().get_base_queryset())
        if self.model is Make:
            queryset = queryset.annotate(models_count=count_of(CarModel, "make"))
        return with_parents(queryset)

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return with_words(queryset, self.search_query) if self.is_searching else queryset


class ReferenceViewSet(SnippetViewSet):
    index_view_class = ReferenceIndexView
    edit_view_class = ReferenceEditView
    list_per_page = 50
    inspect_view_enabled = False
    copy_view_enabled = False

    def get_edit_handler(self) -> Any:
        """Names first: the further ones come from a base class, which Django puts before all other fields."""
        panels = extract_panel_definitions_from_model_class(self.model)
        panels.sort(key=lambda panel: panel.field_name == "aliases")
        return ObjectList(panels).bind_to_model(self.model)

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urlpatterns()
        if self.model in MERGEABLE:
            patterns.append(path("merge/<int:pk>/", self.construct_view(MergeWithView), name="merge_with"))
        return patterns


class MakeViewSet(ReferenceViewSet):
    model = Make
    icon = "tag"
    menu_label = _("Makes")
    list_display = ["name", "name_ru", Column("models_count", label=_("Models"), sort_key="models_count"), CARS]


class CarModelViewSet(ReferenceViewSet):
    model = CarModel
    icon = "tag"
    menu_label = _("Models")
    list_display = ["name", "make", "name_ru", CARS]
    list_filter = ["make"]


class GenerationViewSet(ReferenceViewSet):
    model = Generation
    icon = "calendar-alt"
    menu_label = _("Generations")
    list_display = ["name", "model", "year_from", "year_to", CARS]


class TrimViewSet(ReferenceViewSet):
    model = Trim
    icon = "list-ul"
    menu_label = _("Trims")
    list_display = ["name", "generation", "power_hp", "gearbox", CARS]


class CityViewSet(ReferenceViewSet):
    model = City
    icon = "globe"
    menu_label = _("Cities")
    list_display = ["name", "oblast", CARS]
    list_filter = ["oblast"]


class EquipmentViewSet(ReferenceViewSet):
    model = Equipment
    icon = "list-ul"
    menu_label = _("Equipment")
    list_display = ["name", "group", "code", CARS]
    list_filter = ["group"]


class EquipmentGroupViewSet(ReferenceViewSet):
    model = EquipmentGroup
    icon = "list-ul"
    menu_label = _("Equipment groups")
    list_display = ["name", "code"]


class PaymentTypeViewSet(ReferenceViewSet):
    model = PaymentType
    icon = "list-ul"
    menu_label = _("Payment types")
    list_display = ["name", "code", CARS]


class ExchangeRateIndexView(ReferenceIndexView):
    """With the rates in use on top, and how the last question to the National Bank went."""

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(*args, **kwargs) | {
            "current_rates": current_rates(),
            "last_fetch": RateFetch.objects.first(),
            "can_fetch": bool(settings.NBRB_URL) and self.user_has_permission("add"),
        }


class ExchangeRateViewSet(ReferenceViewSet):
    model = ExchangeRate
    icon = "history"
    menu_label = _("Exchange rates")
    index_view_class = ExchangeRateIndexView
    index_template_name = "listings/admin/rates.html"
    list_display = ["currency", "date", "rate", Column("get_source_display", label=_("Source"))]
    list_filter = ["currency"]


class ReturnReasonViewSet(ReferenceViewSet):
    model = ReturnReason
    icon = "undo"
    menu_label = _("Reasons to return")
    list_display = ["text", "position"]
