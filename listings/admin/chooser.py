"""Wagtail's dialog to choose a car: searched as the list of cars is."""

from typing import Any

from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView

from .filters import search_listings
from .row_guard import GuardedChooserViewSet


class ListingSearchForm(SearchFilterMixin, BaseFilterForm):
    """Wagtail's own form, without its index: the database's serves parts of numbers too."""

    def filter(self, objects: Any) -> Any:
        self.search_query = self.cleaned_data["q"]
        self.is_searching = bool(self.search_query)
        return search_listings(objects, self.search_query)


class ListingChooseView(ChooseView):
    filter_form_class = ListingSearchForm


class ListingChooseResultsView(ChooseResultsView):
    filter_form_class = ListingSearchForm


class ListingChooserViewSet(GuardedChooserViewSet):
    choose_view_class = ListingChooseView
    choose_results_view_class = ListingChooseResultsView
