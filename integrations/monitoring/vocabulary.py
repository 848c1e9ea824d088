"""Codes of what is seen on the platforms."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PostState(TextChoices):
    """What is known of a post on its platform."""

    UNKNOWN = "unknown", pgettext_lazy("post", "Not known")
    LIVE = "live", pgettext_lazy("post", "It is there")
    REMOVED = "removed", pgettext_lazy("post", "It is gone")
    MARKED = "marked", pgettext_lazy("post", "It stays, crossed out")


class CheckSource(TextChoices):
    POLL = "poll", pgettext_lazy("source", "Asked the platform")
    WEBHOOK = "webhook", pgettext_lazy("source", "The platform told")
    PERSON = "person", pgettext_lazy("source", "A person")
    WITHDRAWAL = "withdrawal", pgettext_lazy("source", "Answer to the withdrawal")


class Drift(TextChoices):
    """How a platform differs from what should be there."""

    GONE = "gone", _("Gone, but should be there")
    STAYS = "stays", _("There, but should be gone")
    DIFFERS = "differs", _("Differs from the listing")
    UNSEEN = "unseen", _("Nobody has seen it there")


class AlertKind(TextChoices):
    PAUSED = "paused", _("The channel is stopped")
    RESTING = "resting", _("The platform does not answer")
    QUEUE = "queue", _("Publications wait for too long")
    CREDENTIALS = "credentials", _("The access data expire soon")
    DRIFT = "drift", _("The platform shows something else")
