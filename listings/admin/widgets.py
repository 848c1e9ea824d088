"""Form widgets of the listing's edit page."""

from typing import Any

from django import forms

from listings.models import Equipment


class DependentSelect(forms.Select):
    """A select whose options follow another select: models of the chosen make.

    Every option names its parent; `listing-form.js` shows those of the chosen one. Without JavaScript all are there,
    and the model's `clean` refuses a wrong pair.
    """

    def __init__(self, *, parent: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"data-depends-on": f"id_{parent}", **(attrs or {})})
        self.parent = parent

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        row = getattr(value, "instance", None)
        if row is not None:
            option["attrs"]["data-parent"] = getattr(row, f"{self.parent}_id")
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
