"""From one reference row to its doubles: a link on its edit page, and the page on which the other one is chosen.

Which of the two stays is asked by the bulk action `merge`, as for ticked rows.
"""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import EditView

from listings.merging import may_merge, siblings
from listings.models import Listing
from listings.models.reference import ReferenceRow

from .reference_rows import MERGEABLE, USED_BY, cars_in_words, with_cars, with_parents, with_words

SHOWN = 100
MAX_QUERY_LENGTH = 100


class ReferenceEditView(EditView):
    """Leads to the doubles of the row, and says how many cars use it."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if self.model in MERGEABLE and may_merge(self.request.user, self.model):
            url = reverse(self.model.snippet_viewset.get_url_name("merge_with"), args=[self.object.pk])
            label = " ".join(filter(None, (_("Merge with another…"), _used_by(self.object))))
            buttons = [*buttons, Button(label, url=url, icon_name="resubmit", priority=15)]
        return buttons


class MergeWithView(WagtailAdminTemplateMixin, TemplateView):
    """Rows that could mean the same as this one; each leads to the question which of the two stays."""

    model: Any = None
    index_url_name = edit_url_name = ""
    header_icon = ""
    breadcrumbs_items: list[dict[str, Any]] = []
    template_name = "listings/admin/merge_with.html"
    row: ReferenceRow

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_merge(request.user, self.model):
            raise PermissionDenied
        self.row = get_object_or_404(self.model, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return _("Merge “%s” with another") % self.row

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        kind = capfirst(self.model._meta.verbose_name_plural)
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": kind},
            {"url": reverse(self.edit_url_name, args=[self.row.pk]), "label": str(self.row)},
            {"url": "", "label": _("Merge with another")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.get("q", "").replace("\0", "")[:MAX_QUERY_LENGTH]
        found = list(with_words(with_parents(with_cars(siblings(self.row))), query)[: SHOWN + 1])
        return super().get_context_data(**kwargs) | {
            "query": query,
            "row": self.row,
            "used_by": _used_by(self.row),
            "others": [{"row": other, "url": self._merge_url(other)} for other in found[:SHOWN]],
            "is_used": self.model in USED_BY,
            "is_cut": len(found) > SHOWN,
        }

    def _merge_url(self, other: ReferenceRow) -> str:
        address = reverse("wagtail_bulk_action", args=["listings", self.model._meta.model_name, "merge"])
        ids = [("id", self.row.pk), ("id", other.pk), ("next", reverse(self.index_url_name))]
        return f"{address}?{urlencode(ids)}"


def _used_by(row: ReferenceRow) -> str:
    """“(12 cars)”; nothing where cars do not use rows of this kind. One query."""
    if type(row) not in USED_BY:
        return ""
    return cars_in_words(Listing.objects.filter(**{USED_BY[type(row)]: row}).count())
