"""What waits, on the admin's home page: for moderators the queue, for a dealer what came back to him."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.models import TaskState, WorkflowState
from wagtail.permissions import policy_registry

from cms.users.models import User
from listings.models import InventorySettings, Listing

SHOWN = 10


class QueuePanel(Component):
    """How many cars wait, and for how long the oldest."""

    name = "moderation"
    order = 50
    template_name = "listings/moderation/home_queue.html"

    def __init__(self, waiting: QuerySet[WorkflowState]) -> None:
        self.waiting = waiting

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        oldest = self.waiting.first()
        since = oldest.current_task_state.started_at if oldest and oldest.current_task_state else None
        limit = timezone.now() - timedelta(hours=InventorySettings.load().moderation_hours)
        return {"count": self.waiting.count(), "since": since, "is_overdue": bool(since and since < limit)}


class ReturnedPanel(Component):
    """The user's cars that a moderator has returned, with what he wrote."""

    name = "returned"
    order = 50
    template_name = "listings/moderation/home_returned.html"

    def __init__(self, user: User) -> None:
        self.user = user

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = policy_registry.get_by_type(Listing).instances_user_has_permission_for(self.user, "change")
        tasks = returned_tasks()
        known = {int(task.workflow_state.object_id): task for task in tasks}
        cars = rows.filter(pk__in=known, archived_at__isnull=True)[:SHOWN]
        return {"cars": [(car, known[car.pk]) for car in cars]}


def returned_tasks() -> QuerySet[TaskState]:
    """The last word of moderators on cars that went back and were not submitted again."""
    return (
        TaskState.objects.filter(
            workflow_state__base_content_type=ContentType.objects.get_for_model(Listing),
            workflow_state__status=WorkflowState.STATUS_NEEDS_CHANGES,
            status=TaskState.STATUS_REJECTED,
        )
        .select_related("workflow_state", "finished_by")
        .order_by("finished_at")
    )


def returned_task(listing: Listing) -> TaskState | None:
    return returned_tasks().filter(workflow_state__object_id=str(listing.pk)).last()
