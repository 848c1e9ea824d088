"""Codes of the publication engine, and the groups of states that its code speaks of."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Desired(TextChoices):
    PRESENT = "present", _("In the channel")
    ABSENT = "absent", _("Not in the channel")


class State(TextChoices):
    PENDING = "pending", pgettext_lazy("publication", "Waiting for publication")
    PUBLISHING = "publishing", pgettext_lazy("publication", "Being published")
    PUBLISHED = "published", pgettext_lazy("publication", "Published")
    UPDATING = "updating", pgettext_lazy("publication", "Being updated")
    WITHDRAWING = "withdrawing", pgettext_lazy("publication", "Being withdrawn")
    WITHDRAWN = "withdrawn", pgettext_lazy("publication", "Withdrawn")
    FAILED = "failed", pgettext_lazy("publication", "Not accepted")
    UNCERTAIN = "uncertain", pgettext_lazy("publication", "Check in the channel")
    MANUAL = "manual_action_required", pgettext_lazy("publication", "Do it in the channel yourself")


IN_MOTION = (State.PENDING, State.PUBLISHING, State.UPDATING, State.WITHDRAWING)
"""Workers are at it, or will be soon."""
HELD = (State.UNCERTAIN, State.MANUAL)
"""Only a person can go on: workers keep their hands off."""
TROUBLED = (State.FAILED, *HELD)


class Operation(TextChoices):
    CREATE = "create", pgettext_lazy("attempt", "Publish")
    UPDATE = "update", pgettext_lazy("attempt", "Update")
    WITHDRAW = "withdraw", pgettext_lazy("attempt", "Withdraw")


class Result(TextChoices):
    """How an attempt ended. Empty while it runs."""

    DONE = "done", pgettext_lazy("attempt", "Done")
    WAITING = "waiting", pgettext_lazy("attempt", "Prepared, goes on")
    RETRY = "retry", pgettext_lazy("attempt", "Will be tried again")
    RATE_LIMITED = "rate_limited", pgettext_lazy("attempt", "The platform asks for a pause")
    AUTH = "auth", pgettext_lazy("attempt", "No access to the channel")
    INVALID = "invalid", pgettext_lazy("attempt", "Not accepted")
    UNCERTAIN = "uncertain", pgettext_lazy("attempt", "Not known")
    MANUAL = "manual", pgettext_lazy("attempt", "By hand only")
    INTERRUPTED = "interrupted", pgettext_lazy("attempt", "Interrupted")


class WhenSold(TextChoices):
    MARK = "mark", _("Mark the post as sold")
    WITHDRAW = "withdraw", _("Remove the post")
