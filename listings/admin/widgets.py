"""Form widgets of the listing's edit page."""

from copy import copy
from typing import Any

from django import forms
from django.urls import reverse

from listings.models import Equipment


class DependentSelect(forms.Select):
    """A select whose options follow another select: models of the chosen make.

    There are thousands of models: the page gets those of the chosen make only, and `listing-form.js` fetches others
    when another make is chosen. The listing's `clean` refuses a wrong pair.
    """

    choices: Any

    def __init__(self, *, parent: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"data-depends-on": f"id_{parent}", **(attrs or {})})
        self.parent = parent

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        rows = self.choices.queryset
        chosen = rows.filter(pk=value).values(f"{self.parent}_id") if str(value or "").isdigit() else None
        # A copy: the field's own queryset still accepts every row.
        narrowed = copy(self.choices)
        narrowed.queryset = rows.filter(**{f"{self.parent}_id__in": chosen}) if chosen is not None else rows.none()
        self.choices, everything = narrowed, self.choices
        try:
            context = super().get_context(name, value, attrs)
        finally:
            self.choices = everything
        context["widget"]["attrs"]["data-options"] = reverse("listing_options", args=[name])
        return context

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        row = getattr(value, "instance", None)
        if row is not None:
            # The parent stands beside it already: "X5", not "BMW X5".
            option["label"] = row.name
        return option


class EquipmentSelect(forms.CheckboxSelectMultiple):
    """Check boxes under the headings of their groups."""

    template_name = "listings/admin/equipment_select.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = dict(Equipment.objects.values_list("pk", "group__name"))
        headings: dict[str, list[dict[str, Any]]] = {}
        for _group, options, _index in context["widget"]["optgroups"]:
            for option in options:
                headings.setdefault(groups.get(int(str(option["value"])), ""), []).append(option)
        context["headings"] = headings
        return context
