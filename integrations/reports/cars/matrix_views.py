"""The page “Cars by channels”."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from wagtail.admin.paginator import WagtailPaginator

from integrations.publications.admin.viewers import ViewersPage
from integrations.publications.planning import channels_to_plan
from listings.models import Dealer
from listings.permissions import own_dealers, sees_all_dealers

from .matrix import LEGEND, LOOKS, rows_of, visible_cars

PER_PAGE = 50


class MatrixForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Car, VIN or stock number"), required=False, max_length=100)
    dealer = forms.ModelChoiceField(
        label=gettext_lazy("Dealer"),
        required=False,
        queryset=Dealer.objects.none(),
        to_field_name="slug",
        empty_label=gettext_lazy("All dealers"),
    )
    attention = forms.BooleanField(label=gettext_lazy("Only what needs attention"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sees_all_dealers(user):
            self.fields["dealer"].queryset = own_dealers(user).order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["dealer"]


class MatrixPage(ViewersPage):
    template_name = "reports/matrix.html"
    page_title = gettext_lazy("Cars by channels")
    header_icon = "table"

    @cached_property
    def form(self) -> MatrixForm:
        return MatrixForm(self.request.GET, user=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user, asked = self.request.user, self.form.cleaned_data if self.form.is_valid() else {}
        cars = visible_cars(
            user,
            query=asked.get("q", ""),
            dealer=asked["dealer"].slug if asked.get("dealer") else "",
            attention=asked.get("attention", False),
        )
        paginator = WagtailPaginator(cars, PER_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        channels = channels_to_plan(user)
        return context | {
            "form": self.form,
            "channels": channels,
            "rows": rows_of(list(page.object_list), channels),
            "items": page,
            "is_paginated": page.has_other_pages(),
            "elided_page_range": paginator.get_elided_page_range(page.number),
            "legend": [(LOOKS[key], words) for key, words in LEGEND.items()],
            "is_narrowed": any(asked.values()),
            "may_edit": user.has_perm("listings.change_listing"),
            "shows_dealer": sees_all_dealers(user),
        }
