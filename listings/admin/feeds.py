"""Feeds in the admin: addresses from which lists of cars are fetched by themselves, and what became of each run."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import CreateView, EditView, IndexView

from listings.exchange import feeds
from listings.exchange.errors import FileError
from listings.exchange.states import FeedSchedule, ImportState
from listings.models import Feed, Import

from .import_forms import DealerFields
from .import_page import counts_text
from .import_policy import may_import
from .row_guard import GuardedModelViewSet, rows_of

SHOWN_RUNS = 10
STATES = dict(ImportState.choices)


class FeedForm(DealerFields, WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit(self.for_user, self.instance)
        if self.instance.pk:
            # What has been in the feed is this dealer's: another dealer gets a feed of his own.
            self.fields.pop("dealer", None)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("schedule") == FeedSchedule.DAILY and not values.get("at") and "at" not in self.errors:
            self.add_error("at", ValidationError(_("Say at what time.")))
        dealer = values.get("dealer") or (self.instance.dealer if self.instance.dealer_id else None)
        same = Feed.objects.filter(dealer=dealer, address=values.get("address")).exclude(pk=self.instance.pk)
        if dealer and same.exists():
            self.add_error("address", ValidationError(_("There is a feed with this address already.")))
        return values


class FeedIndexView(IndexView):
    table_classname = "listing import-table import-list"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return below_imports(super().get_breadcrumbs_items())

    def get_base_queryset(self) -> QuerySet[Feed]:
        queryset: QuerySet[Feed] = super().get_base_queryset().select_related("dealer")
        last = Import.objects.filter(feed=OuterRef("pk")).order_by("-created_at")
        return queryset.annotate(
            last_state=Subquery(last.values("state")[:1]), last_at=Subquery(last.values("created_at")[:1])
        )


class FeedCreateView(CreateView):
    success_message = gettext_lazy("“%(object)s” is saved.")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return below_imports(super().get_breadcrumbs_items())

    def save_instance(self) -> Feed:
        self.form.instance.user = self.request.user
        feed: Feed = super().save_instance()
        return feed

    def get_success_url(self) -> str:
        return self.get_edit_url()


class FeedEditView(EditView):
    success_message = gettext_lazy("“%(object)s” is saved.")
    template_name = "listings/imports/feed.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return below_imports(super().get_breadcrumbs_items())

    def get_success_url(self) -> str:
        return self.get_edit_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = self.object.runs.select_related("user")
        shown = [(run, counts_text(run)) for run in runs[:SHOWN_RUNS]]
        return super().get_context_data(**kwargs) | {"runs": shown, "runs_url": runs_url(self.object)}


class FeedViewSet(GuardedModelViewSet):
    model = Feed
    name = "listing_feed"
    url_prefix = "listings/feeds"
    icon = "rotate"
    index_view_class = FeedIndexView
    index_template_name = "listings/imports/feeds.html"
    add_view_class = FeedCreateView
    edit_view_class = FeedEditView
    edit_template_name = FeedEditView.template_name
    copy_view_enabled = False
    search_backend_name = None
    search_fields = ["name", "address", "dealer__name"]
    list_filter = ["enabled"]
    list_display = [
        TitleColumn("name", label=gettext_lazy("Name"), url_name="listing_feed:edit", sort_key="name"),
        Column("dealer", label=gettext_lazy("Dealer"), sort_key="dealer__name"),
        Column("address", label=gettext_lazy("Address"), classname="import-wide"),
        Column("get_schedule_display", label=gettext_lazy("How often")),
        BooleanColumn("enabled", label=gettext_lazy("Switched on"), sort_key="enabled"),
        Column("last_state", label=gettext_lazy("Last time"), accessor=lambda feed: STATES.get(feed.last_state, "—")),
        DateColumn("last_at", label=gettext_lazy("When")),
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("dealer"),
                    FieldPanel("name"),
                    FieldPanel("address"),
                    FieldRowPanel([FieldPanel("schedule"), FieldPanel("at")]),
                    FieldPanel("enabled"),
                ],
                heading=gettext_lazy("Where from and when"),
            ),
            MultiFieldPanel(
                [FieldPanel("submit"), FieldPanel("publish"), FieldPanel("archive_vanished")],
                heading=gettext_lazy("What to do with the cars"),
            ),
        ],
        base_form_class=FeedForm,
    )


@require_POST
def pull_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetches a feed out of turn."""
    feed = own_feed(request, pk)
    try:
        job = feeds.pull(feed)
    except FileError as error:
        messages.error(request, str(error))
        return redirect("listing_feed:edit", pk)
    return redirect("listing_import", job.pk)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    feed = own_feed(request, pk)
    feed.enabled = not feed.enabled
    feed.save(update_fields=["enabled"])
    text = _("“%s” is switched on.") if feed.enabled else _("“%s” is switched off.")
    messages.success(request, text % feed)
    return redirect("listing_feed:edit", pk)


def own_feed(request: HttpRequest, pk: int) -> Feed:
    if not may_import(request.user):
        raise PermissionDenied
    feed: Feed = get_object_or_404(rows_of(request.user, Feed), pk=pk)
    return feed


def runs_url(feed: Feed) -> str:
    return f"{reverse('listing_imports')}?feed={feed.pk}"


def below_imports(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Feeds have no menu item of their own: the way to them is through the imports."""
    return [items[0], {"url": reverse("listing_imports"), "label": _("Import")}, *items[1:]]
