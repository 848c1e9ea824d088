"""Listings and reference data in the admin."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, F, OuterRef
from django.db.models.functions import Cast
from django.template.defaultfilters import floatformat
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, UpdatedAtColumn
from wagtail.models import Revision, WorkflowState
from wagtail.snippets.views.snippets import IndexView, SnippetViewSetGroup

from listings.models import Listing

from .chooser import ListingChooserViewSet
from .dealers import DealerViewSet
from .export import ListingExportMixin
from .filters import SEARCHED, ListingFilterSet, search_listings
from .lifecycle_views import ListingCreateView, ListingEditView, ListingUnpublishView
from .panels import edit_handler
from .reference import (
    CarModelViewSet,
    CityViewSet,
    EquipmentGroupViewSet,
    EquipmentViewSet,
    ExchangeRateViewSet,
    GenerationViewSet,
    MakeViewSet,
    PaymentTypeViewSet,
    ReturnReasonViewSet,
    TrimViewSet,
)
from .row_guard import GuardedSnippetViewSet


class ThumbnailColumn(Column):
    """The first photo, from the renditions that exist."""

    def get_value(self, instance: Listing) -> str:
        photo = next(iter(instance.photos.all()), None)
        renditions = photo.image.renditions.all() if photo else []
        smallest = min(renditions, key=lambda rendition: rendition.width, default=None)
        if smallest is None:
            return "—"
        return format_html('<img class="listing-thumb" src="{}" alt="" loading="lazy">', smallest.url)


class NumberColumn(Column):
    def get_value(self, instance: Listing) -> str:
        return floatformat(super().get_value(instance), "0g")


class PublicationColumn(Column):
    """Where the listing is on its way to the public, from what the index's query brings along."""

    def get_value(self, instance: Any) -> Any:
        if instance.archived_at:
            return _("Archived")
        if instance.in_moderation:
            return _("Published, change in moderation") if instance.live else _("In moderation")
        if instance.returned:
            return _("Published, change returned") if instance.live else _("Returned to be corrected")
        if instance.scheduled:
            return _("Scheduled")
        if not instance.live:
            return _("Draft")
        return _("Published, has changes") if instance.has_unpublished_changes else _("Published")


def with_columns(queryset: Any) -> Any:
    """What the columns of the list show, in a constant number of queries."""
    content_type = ContentType.objects.get_for_model(Listing)
    key = Cast(OuterRef("pk"), CharField())
    states = WorkflowState.objects.filter(base_content_type=content_type, object_id=key)
    revisions = Revision.objects.filter(base_content_type=content_type, object_id=key)
    return (
        queryset.select_related("dealer", "latest_revision")
        .defer("text", "latest_revision__content")
        .prefetch_related("photos__image__renditions")
        .annotate(
            in_moderation=Exists(states.filter(status=WorkflowState.STATUS_IN_PROGRESS)),
            returned=Exists(states.filter(status=WorkflowState.STATUS_NEEDS_CHANGES)),
            scheduled=Exists(revisions.filter(approved_go_live_at__isnull=False)),
            _updated_at=F("latest_revision__created_at"),
        )
    )


class ListingIndexView(ListingExportMixin, IndexView):
    """Filters, sorts and counts rows alone; only of the cars on the page it asks what the columns show."""

    table_classname = "listing cars-list"

    def order_queryset(self, queryset: Any) -> Any:
        """By an index, and always to the end: equal cars do not change places between pages."""
        descending, column = self.ordering.startswith("-"), self.ordering.removeprefix("-")
        if column == "pk":
            return queryset.order_by(self.ordering)
        # Revisions are numbered in the order of time.
        column = "latest_revision_id" if column == "_updated_at" else column
        return queryset.order_by(f"-{column}" if descending else column, "-pk")

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator, page, rows, has_others = super().paginate_queryset(queryset, page_size)
        keys = list(rows.values_list("pk", flat=True))
        found = with_columns(Listing.objects.all()).in_bulk(keys)
        page.object_list = [found[key] for key in keys if key in found]
        return paginator, page, page.object_list, has_others

    @cached_property
    def columns(self) -> list[Any]:
        """Wagtail links the first column of `list_display` only; people look at the photo first."""
        tick, title, photo, *others = super().columns
        return [tick, photo, title, *others]

    def search_queryset(self, queryset: Any) -> Any:
        return search_listings(queryset, self.search_query)


class ListingViewSet(GuardedSnippetViewSet):
    model = Listing
    index_view_class = ListingIndexView
    add_view_class = ListingCreateView
    edit_view_class = ListingEditView
    unpublish_view_class = ListingUnpublishView
    icon = "doc-full-inverse"
    menu_label = _("Cars")
    menu_order = 100
    add_to_admin_menu = True
    edit_handler = edit_handler
    filterset_class = ListingFilterSet
    chooser_viewset_class = ListingChooserViewSet
    search_fields = SEARCHED
    search_backend_name = None
    list_per_page = 30
    ordering = "-pk"
    list_display = [
        "__str__",
        ThumbnailColumn("photo", label=_("Photo")),
        NumberColumn("price_byn", label=_("Price, BYN"), sort_key="price_byn"),
        NumberColumn("mileage_km", label=_("Mileage, km"), sort_key="mileage_km"),
        Column("dealer", label=_("Dealer"), sort_key="dealer__name"),
        Column("get_sale_state_display", label=_("Sale"), sort_key="sale_state"),
        PublicationColumn("publication", label=_("Publication"), sort_key="live"),
        UpdatedAtColumn(),
    ]
    export_filename = "cars"
    copy_view_enabled = True
    inspect_view_enabled = False


class ReferenceGroup(SnippetViewSetGroup):
    menu_label = _("Reference data")
    menu_icon = "folder-open-inverse"
    menu_order = 300
    items = (
        DealerViewSet,
        MakeViewSet,
        CarModelViewSet,
        GenerationViewSet,
        TrimViewSet,
        CityViewSet,
        EquipmentGroupViewSet,
        EquipmentViewSet,
        PaymentTypeViewSet,
        ExchangeRateViewSet,
        ReturnReasonViewSet,
    )
