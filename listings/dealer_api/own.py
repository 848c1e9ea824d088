"""A dealer's car as the API tells of it: its newest content, and where it stands on its two axes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from wagtail.models import TaskState, WorkflowState

from cms.images.models import CustomImage
from listings.bulk import newest_drafts
from listings.lifecycle import publication_states
from listings.models import Listing
from listings.moderation import workflow

PLAIN = (
    *("external_id", "stock_number", "vin", "title", "year", "condition", "mileage_km", "owners", "fuel"),
    *("engine_cc", "power_hp", "range_km", "gearbox", "drive", "body", "color", "price", "currency", "old_price"),
    *("price_byn", "vat", "exchange", "leasing", "customs_cleared", "registration_country", "contact_name"),
    *("contact_phone", "video_url", "text"),
)
SLUGS = ("make", "model", "generation", "trim", "city")


def own_listings(listing_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By id; a constant number of queries for any number of cars. Deleted ones are left out."""
    drafts = newest_drafts(listing_ids)
    listings = list(drafts.values())
    prefetch_related_objects(listings, *SLUGS)
    images = CustomImage.objects.in_bulk({photo.image_id for each in listings for photo in each.photos.all()})
    states = publication_states(listings)
    pending = _workflow(listings)
    return {
        pk: _content(draft, images) | _place(draft, pending.get(pk)) | {"publication": states[pk].value}
        for pk, draft in drafts.items()
    }


def own_listing(listing_id: int) -> dict[str, Any]:
    return own_listings([listing_id])[listing_id]


def photo(image: CustomImage) -> dict[str, Any]:
    return {
        "id": image.pk,
        "url": f"{settings.CMS_URL}{image.file.url}" if image.file.url.startswith("/") else image.file.url,
        "width": image.width,
        "height": image.height,
    }


def _content(draft: Listing, images: Mapping[int, CustomImage]) -> dict[str, Any]:
    content: dict[str, Any] = {name: getattr(draft, name) for name in PLAIN}
    content |= {name: getattr(getattr(draft, name), "slug", None) for name in SLUGS}
    return content | {
        "id": draft.pk,
        "uuid": str(draft.uuid),
        "battery_kwh": None if draft.battery_kwh is None else float(draft.battery_kwh),
        "payment_types": sorted(item.code for item in draft.payment_types.all()),
        "equipment": sorted(item.code for item in draft.equipment.all()),
        "photos": [photo(images[item.image_id]) for item in draft.photos.all() if item.image_id in images],
    }


def _place(draft: Listing, state: WorkflowState | None) -> dict[str, Any]:
    returned = state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES
    moderated = state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS
    task = state.current_task_state if state else None
    rejected = returned and task is not None and task.status == TaskState.STATUS_REJECTED
    pending = "draft" if draft.live and draft.has_unpublished_changes else None
    return {
        "sale_state": draft.sale_state,
        "pending_edit": ("in_moderation" if moderated else pending) if draft.live else None,
        "returned": {"comment": task.comment, "at": task.finished_at} if rejected and task else None,
        "path": f"/cars/{draft.slug}" if draft.live else None,
        "created_at": draft.created_at,
        "archived_at": draft.archived_at,
    }


def _workflow(listings: Sequence[Listing]) -> dict[int, WorkflowState]:
    found = workflow.states([listing.pk for listing in listings]).select_related("current_task_state")
    return {int(state.object_id): state for state in found}
