"""What a person chooses of the report of publications: only from what he may see."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet

from integrations.publications.admin.views import visible_publications
from integrations.publications.models import Channel, Publication
from integrations.reports.vocabulary import GroupBy
from listings.models import Dealer
from listings.permissions import own_dealers

from .counting import of_dealer
from .periods import Chosen, Period, period_of


def date_input() -> forms.DateInput:
    """The browser's own calendar."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def channels_of(user: Any) -> QuerySet[Channel]:
    """Those in which the user's cars are."""
    return Channel.objects.filter(Exists(visible_publications(user).filter(channel=OuterRef("pk")))).order_by("name")


class ReportFilterSet(WagtailFilterSet):
    """Narrows publications by dealer and channel; period and grouping are read from its form."""

    period = django_filters.ChoiceFilter(
        label=gettext_lazy("Period"), choices=Chosen.choices, method="keep", empty_label=None
    )
    since = django_filters.DateFilter(label=gettext_lazy("From"), method="keep", widget=date_input())
    until = django_filters.DateFilter(label=gettext_lazy("To"), method="keep", widget=date_input())
    dealer = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Dealer"),
        queryset=Dealer.objects.none(),
        method="of_dealer",
        empty_label=gettext_lazy("All"),
    )
    channel = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Channel"), queryset=Channel.objects.none(), empty_label=gettext_lazy("All")
    )
    group_by = django_filters.ChoiceFilter(
        label=gettext_lazy("A row for each"), choices=GroupBy.choices, method="keep", empty_label=None
    )

    class Meta:
        model = Publication
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any) -> None:
        chosen = data.copy()
        for name, value in (("period", Chosen.WEEK), ("group_by", GroupBy.CHANNEL)):
            chosen.setdefault(name, value)
        super().__init__(chosen, *args, **kwargs)
        dealers = own_dealers(self.request.user).order_by("name")
        self.filters["channel"].queryset = channels_of(self.request.user)
        self.filters["dealer"].queryset = dealers
        if len(dealers[:2]) < 2:
            # There is nothing to choose from.
            del self.filters["dealer"]

    @property
    def group_by_value(self) -> str:
        return self.form.cleaned_data["group_by"] or GroupBy.CHANNEL

    def chosen_period(self, today: date) -> Period | None:
        """None: what was entered is no period; the form says why."""
        if not self.form.is_valid():
            return None
        values = self.form.cleaned_data
        try:
            return period_of(values["period"], today, values["since"], values["until"])
        except ValidationError as error:
            self.form.add_error("since", error)
            return None

    def keep(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset

    def of_dealer(self, queryset: QuerySet[Publication], name: str, value: Dealer) -> QuerySet[Publication]:
        return of_dealer(queryset, value.slug)
