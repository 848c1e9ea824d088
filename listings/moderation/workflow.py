"""Wagtail's workflow for listings: many submitted or decided at once, in a constant number of queries.

A car is in moderation while it has a WorkflowState in progress. One that was returned has a WorkflowState that needs
changes, whose TaskState holds the moderator's comment.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import ModelLogEntry, TaskState, Workflow, WorkflowContentType, WorkflowState, WorkflowTask

from cms.users.models import User
from listings.models import Listing, ModerationTask


def ensure_workflow() -> Workflow:
    """The workflow of listings with its one step, made if it is not there."""
    content_type = ContentType.objects.get_for_model(Listing)
    link = WorkflowContentType.objects.filter(content_type=content_type).select_related("workflow").first()
    if link is not None and link.workflow.active:
        return link.workflow
    with override("ru"):
        name = _("Moderation of cars")
    workflow = Workflow.objects.create(name=name)
    task = ModerationTask.objects.create(name=name)
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowContentType.objects.update_or_create(content_type=content_type, defaults={"workflow": workflow})
    return workflow


def states(listing_ids: Iterable[int]) -> QuerySet[WorkflowState]:
    """Of listings that are in moderation or were returned; at most one each."""
    return WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(Listing), object_id__in=[str(pk) for pk in listing_ids]
    )


def listings_with(status: str) -> QuerySet[Any]:
    """Ids of all listings whose workflow has this status, to be part of another query."""
    found = WorkflowState.objects.filter(base_content_type=ContentType.objects.get_for_model(Listing), status=status)
    return found.annotate(listing_id=Cast("object_id", BigIntegerField())).values("listing_id")


def ids_in_moderation(listing_ids: Iterable[int]) -> set[int]:
    found = states(listing_ids).filter(status=WorkflowState.STATUS_IN_PROGRESS)
    return {int(pk) for pk in found.values_list("object_id", flat=True)}


def begin(listings: Sequence[Listing], user: User | None) -> None:
    """Their newest revisions wait for a moderator. A returned car goes on where it was."""
    workflow, content_type = ensure_workflow(), ContentType.objects.get_for_model(Listing)
    task = workflow.tasks.first()
    known = {int(state.object_id): state for state in states([listing.pk for listing in listings])}
    fresh = [
        WorkflowState(
            content_type=content_type,
            base_content_type=content_type,
            object_id=str(listing.pk),
            workflow=workflow,
            requested_by=user,
        )
        for listing in listings
        if listing.pk not in known
    ]
    known |= {int(state.object_id): state for state in WorkflowState.objects.bulk_create(fresh)}
    tasks = TaskState.objects.bulk_create(
        TaskState(workflow_state=known[listing.pk], revision_id=listing.latest_revision_id, task=task)
        for listing in listings
    )
    for state in tasks:
        state.workflow_state.current_task_state = state
        state.workflow_state.status = WorkflowState.STATUS_IN_PROGRESS
        state.workflow_state.requested_by = user
    WorkflowState.objects.bulk_update(known.values(), ["current_task_state", "status", "requested_by"])
    _log(listings, "wagtail.workflow.start", user, known)


def follow(listings: Sequence[Listing]) -> None:
    """After an edit of cars in moderation: what is decided on is the newest revision."""
    waiting = {
        int(state.object_id): state.current_task_state
        for state in states([listing.pk for listing in listings])
        .filter(status=WorkflowState.STATUS_IN_PROGRESS)
        .select_related("current_task_state")
        if state.current_task_state
    }
    for listing in listings:
        if listing.pk in waiting:
            waiting[listing.pk].revision_id = listing.latest_revision_id
    TaskState.objects.bulk_update(waiting.values(), ["revision"])


def end(listings: Sequence[Listing], user: User | None, status: str, comment: str = "") -> None:
    """`status`: one of TaskState's. Rejected leaves the workflow open for the dealer's next try."""
    known = {int(state.object_id): state for state in states([listing.pk for listing in listings])}
    outcome = {
        TaskState.STATUS_APPROVED: WorkflowState.STATUS_APPROVED,
        TaskState.STATUS_REJECTED: WorkflowState.STATUS_NEEDS_CHANGES,
        TaskState.STATUS_CANCELLED: WorkflowState.STATUS_CANCELLED,
    }[status]
    TaskState.objects.filter(
        workflow_state__in=[state.pk for state in known.values()], status=TaskState.STATUS_IN_PROGRESS
    ).update(status=status, finished_at=timezone.now(), finished_by=user, comment=comment)
    WorkflowState.objects.filter(pk__in=[state.pk for state in known.values()]).update(status=outcome)
    verb = {TaskState.STATUS_APPROVED: "approve", TaskState.STATUS_REJECTED: "reject"}.get(status, "cancel")
    _log([item for item in listings if item.pk in known], f"wagtail.workflow.{verb}", user, known, comment)


def decided_tasks(listings: Sequence[Listing]) -> QuerySet[TaskState]:
    """The decisions that `end` has just written, one for each listing."""
    newest = (
        TaskState.objects.filter(
            workflow_state__base_content_type=ContentType.objects.get_for_model(Listing),
            workflow_state__object_id__in=[str(listing.pk) for listing in listings],
            finished_at__isnull=False,
        )
        .order_by("workflow_state__object_id")
        .values("workflow_state__object_id")
        .annotate(newest=Max("pk"))
    )
    return TaskState.objects.filter(pk__in=newest.values("newest"))


def _log(
    listings: Iterable[Listing], action: str, user: User | None, known: dict[int, WorkflowState], comment: str = ""
) -> None:
    """In Wagtail's own log, as its history pages read it."""
    workflow, content_type, now = ensure_workflow(), ContentType.objects.get_for_model(Listing), timezone.now()

    def data(state: WorkflowState) -> dict[str, Any]:
        about: dict[str, Any] = {"id": workflow.pk, "title": workflow.name, "status": state.status}
        about |= {"task_state_id": state.current_task_state_id, "next": None, "task": {"title": workflow.name}}
        return {"workflow": about, "comment": comment}

    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=content_type,
            object_id=str(listing.pk),
            label=str(listing),
            action=action,
            timestamp=now,
            user=user,
            revision_id=listing.latest_revision_id,
            data=data(known[listing.pk]),
        )
        for listing in listings
    )
