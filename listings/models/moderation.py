"""The step of Wagtail's workflow at which a moderator decides on a listing."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState
from wagtail.permissions import policy_registry

from cms.users.models import User

from .listing import Listing


class ModerationTask(Task):
    """Whoever may publish the listing decides; what follows is `lifecycle`'s, as by every other way in."""

    class Meta:
        verbose_name = _("moderation")
        verbose_name_plural = _("moderation")

    def get_actions(self, obj: Listing, user: User) -> list[tuple[str, Any, bool]]:
        if not policy_registry.get(obj).user_has_permission_for_instance(user, "publish", obj):
            return []
        return [
            ("reject", _("Return to the dealer"), True),
            ("approve", _("Approve"), False),
            ("approve", _("Approve with a comment"), True),
        ]

    def on_action(self, task_state: TaskState, user: User, action_name: str, comment: str = "", **kwargs: Any) -> None:
        """Raises ValidationError if somebody else has decided meanwhile, or a comment is missing."""
        from listings import lifecycle  # it imports the models

        listing = task_state.workflow_state.content_object
        if action_name == "approve":
            lifecycle.single(lifecycle.approve([listing], user, comment))
        elif action_name == "reject":
            lifecycle.single(lifecycle.return_to_dealer([listing], user, comment))

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> Any:
        """None: Wagtail's home page would load every car that waits. The queue shows them, a page at a time."""
        return TaskState.objects.none()

    @classmethod
    def get_description(cls) -> Any:
        return _("Whoever may publish cars approves them or returns them to the dealer")
