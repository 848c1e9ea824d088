"""The moderators' queue: what waits, oldest first, and one page on which to decide about a car."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.models import TaskState, WorkflowState
from wagtail.permissions import policy_registry

from cms.images.models import CustomImage
from listings import bulk, changes, lifecycle
from listings.models import InventorySettings, Listing, ReturnReason
from listings.permissions import own_dealers

from .checks import checks_with_market

PAGE = 30
RETURNS_SHOWN = 5
SMALL = 320
"""Pixels of width that are enough beside others."""


@dataclass(frozen=True)
class Waiting:
    """One line of the queue."""

    listing: Listing
    since: datetime
    submitted_by: Any
    is_overdue: bool
    is_new: bool
    photo: "Shown | None"


@dataclass(frozen=True)
class Shown:
    """A photo by renditions that exist: looking at a page draws none."""

    small: str
    large: str

    @classmethod
    def of(cls, image: CustomImage) -> "Shown":
        sizes = sorted(image.renditions.all(), key=lambda rendition: rendition.width)
        if not sizes:
            return cls(image.file.url, image.file.url)
        small = next((size for size in sizes if size.width >= SMALL), sizes[-1])
        return cls(small.url, sizes[-1].url)


def waiting_states() -> QuerySet[WorkflowState]:
    """Cars in moderation, the one that waits longest first."""
    return (
        WorkflowState.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Listing), status=WorkflowState.STATUS_IN_PROGRESS
        )
        .select_related("current_task_state", "requested_by")
        .order_by("current_task_state__started_at", "pk")
    )


def lines(states: list[WorkflowState]) -> list[Waiting]:
    """A constant number of queries for any number of states."""
    limit = timezone.now() - timedelta(hours=InventorySettings.load().moderation_hours)
    drafts = bulk.newest_drafts([int(state.object_id) for state in states])
    prefetch_related_objects(list(drafts.values()), "dealer")
    first = {pk: photo for pk, draft in drafts.items() for photo in list(draft.photos.all())[:1]}
    prefetch_related_objects(list(first.values()), "image__renditions")
    return [
        Waiting(
            drafts[pk],
            state.current_task_state.started_at,
            state.requested_by,
            state.current_task_state.started_at < limit,
            drafts[pk].first_published_at is None,
            Shown.of(first[pk].image) if pk in first else None,
        )
        for state in states
        if (pk := int(state.object_id)) in drafts and state.current_task_state
    ]


class ModeratorPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Only for those who may publish; they see all dealers or the rows that are theirs."""

    permission_policy = policy_registry.get_by_type(Listing)
    permission_required = "publish"
    header_icon = "tasks"
    page_title = gettext_lazy("Moderation")
    request: HttpRequest

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*super().get_breadcrumbs_items(), {"url": reverse("listing_moderation"), "label": _("Moderation")}]
        title = self.get_page_title()
        return items if title == self.page_title else [*items, {"url": "", "label": title}]

    def states(self) -> QuerySet[WorkflowState]:
        waiting = [int(pk) for pk in waiting_states().values_list("object_id", flat=True)]
        policy = policy_registry.get_by_type(Listing)
        rows = policy.instances_user_has_permission_for(self.request.user, "publish").filter(pk__in=waiting)
        wanted = self.request.GET.get("dealer", "")
        if wanted.isdigit():
            rows = rows.filter(dealer=int(wanted))
        if self.request.GET.get("kind") in ("new", "changed"):
            rows = rows.filter(first_published_at__isnull=self.request.GET["kind"] == "new")
        return waiting_states().filter(object_id__in=[str(pk) for pk in rows.values_list("pk", flat=True)])


class QueueView(ModeratorPage):
    template_name = "listings/moderation/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        page = Paginator(self.states(), PAGE).get_page(self.request.GET.get("p"))
        return context | {
            "page": page,
            "lines": lines(list(page.object_list)),
            "hours": InventorySettings.load().moderation_hours,
            "dealers": own_dealers(self.request.user).order_by("name"),
            "dealer": self.request.GET.get("dealer", ""),
            "kind": self.request.GET.get("kind", ""),
        }


class ReviewView(ModeratorPage):
    """The car as it would be published beside what the public sees; approve or return, and on to the next."""

    template_name = "listings/moderation/review.html"

    def setup(self, request: HttpRequest, pk: int, **kwargs: Any) -> None:
        super().setup(request, pk=pk, **kwargs)
        policy = policy_registry.get_by_type(Listing)
        if not policy.instances_user_has_permission_for(request.user, "publish").filter(pk=pk).exists():
            raise Http404
        self.pk = pk

    def get_page_title(self) -> str:
        return str(_("Check the car"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.state = waiting_states().filter(object_id=str(self.pk)).first()
        if self.state is None:
            messages.info(request, _("This car waits for no decision: somebody has decided already."))
            return redirect("listing_moderation")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        listing = Listing.objects.get(pk=self.pk)
        comment = request.POST.get("comment", "").strip()[:2000]
        verb = request.POST.get("verb")
        seen = request.POST.get("revision", "")
        try:
            if verb == "approve":
                revisions = {self.pk: int(seen) if seen.isdigit() else 0}
                lifecycle.single(lifecycle.approve([listing], request.user, comment, seen=revisions))  # type: ignore[arg-type]
                messages.success(request, _("“%s” is published.") % listing)
            else:
                lifecycle.single(lifecycle.return_to_dealer([listing], request.user, comment))  # type: ignore[arg-type]
                messages.success(request, _("“%s” goes back to the dealer with your comment.") % listing)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("listing_review", pk=self.pk)
        return self._next()

    def _next(self) -> HttpResponse:
        following = self.states().first()
        if following is None:
            messages.info(self.request, _("The queue is empty. Thank you!"))
            return redirect("listing_moderation")
        return redirect("listing_review", pk=int(following.object_id))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        row = Listing.objects.get(pk=self.pk)
        draft = bulk.newest_drafts([self.pk])[self.pk]
        prefetch_related_objects([draft], "make", "model", "generation", "trim", "city", "dealer")
        shown = list(draft.photos.all())
        prefetch_related_objects(shown, "image__renditions")
        before = row.live_revision.content if row.live and row.live_revision else None
        found = changes.differences(before, draft.serializable_data())
        photos = found.pop(changes.PHOTOS, None)
        findings, market = checks_with_market(draft, self.request.user)  # type: ignore[arg-type]
        return context | {
            "listing": draft,
            "is_new": before is None,
            "state": self.state,
            "revision": row.latest_revision_id,
            "differences": changes.describe(found),
            "photos": [Shown.of(photo.image) for photo in shown],
            "old_photos": [Shown.of(image) for image in _images(photos[0])] if before and photos else None,
            "checks": findings,
            "market": market,
            "deviation": market.deviation(draft.price_byn) if market else None,
            "reasons": ReturnReason.objects.all(),
            "returns": earlier_returns(self.pk),
            "left": self.states().count(),
            "edit_url": reverse(Listing.snippet_viewset.get_url_name("edit"), args=[self.pk]),
            "preview_url": reverse(Listing.snippet_viewset.get_url_name("preview_on_edit"), args=[self.pk]),
        }


def earlier_returns(listing_id: int) -> QuerySet[TaskState]:
    """What moderators have written about the car before, the newest first."""
    return (
        TaskState.objects.filter(
            workflow_state__base_content_type=ContentType.objects.get_for_model(Listing),
            workflow_state__object_id=str(listing_id),
            status=TaskState.STATUS_REJECTED,
        )
        .select_related("finished_by")
        .order_by("-finished_at")[:RETURNS_SHOWN]
    )


def _images(ids: list[int]) -> list[CustomImage]:
    found = CustomImage.objects.prefetch_related("renditions").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
