"""Reference data in the admin: search by any name, how many cars use each row, merging of doubles."""

from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
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

USED_BY = {
    Make: "make",
    CarModel: "model",
    Generation: "generation",
    Trim: "trim",
    City: "city",
    PaymentType: "payment_types",
    Equipment: "equipment",
}
"""Kinds that cars choose from, and the listing's field."""

LISTED_BY = {Make: ("make", "slug"), City: ("city", "slug")}
"""Kinds by which the list of cars can be filtered: its parameter, and the row's value for it."""


def count_of(model: type[Model], field: str) -> Coalesce:
    """How many rows of `model` point here by `field`, as a subquery: one query for the whole page."""
    rows = model._default_manager.order_by().filter(**{field: OuterRef("pk")}).values(field)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


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
    """Looks in every name of a row and of its parent. Reference tables are small: no search index to keep."""

    is_searchable = True

    def get_base_queryset(self) -> QuerySet[Any]:
        queryset = super().get_base_queryset()
        if self.model in USED_BY:
            queryset = queryset.annotate(cars=count_of(Listing, USED_BY[self.model]))
        if self.model is Make:
            queryset = queryset.annotate(models_count=count_of(CarModel, "make"))
        parents = [field.name for field in self.model._meta.fields if field.many_to_one]
        return queryset.select_related(*parents, *(f"{parent}__make" for parent in parents if parent == "model"))

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for word in self.search_query.split() if self.is_searching else ():
            queryset = queryset.filter(self._has(word))
        return queryset

    def _has(self, word: str) -> Q:
        found = Q()
        # SQLite ignores the case of Latin letters only.
        for form in {word, word.lower(), word.upper(), word.capitalize()}:
            for field in self._searched():
                found |= Q(**{f"{field}__icontains": form})
        return found

    def _searched(self) -> list[str]:
        own = [field.name for field in self.model._meta.fields if field.name in NAMES]
        parents = [field.name for field in self.model._meta.fields if field.many_to_one]
        return [*own, *(f"{parent}__name" for parent in parents)]


NAMES = {"name", "name_ru", "name_be", "name_en", "aliases", "code", "slug", "text", "currency"}


class ReferenceViewSet(SnippetViewSet):
    index_view_class = ReferenceIndexView
    list_per_page = 50
    inspect_view_enabled = False
    copy_view_enabled = False


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
