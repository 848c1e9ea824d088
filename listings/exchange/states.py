"""The codes of imports, their rows, feeds and photos. English and stable; people see the labels."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportState(TextChoices):
    """Where an import is. Two of them are a worker's to leave, the others a person's or none."""

    PULLING = "pulling", _("Being fetched")
    MAPPING = "mapping", _("Waits for its columns")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not loaded yet")
    RUNNING = "running", _("Being loaded")
    WAITING = "waiting", _("Waits for a decision")
    DONE = "done", pgettext_lazy("import", "Done")
    UNCHANGED = "same", _("The file has not changed")
    FAILED = "failed", pgettext_lazy("import", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("import", "Stopped")


AT_WORK = (ImportState.CHECKING, ImportState.RUNNING)
"""A worker has it, or the sweep sees to it that one takes it."""
WORKABLE = (ImportState.PULLING, *AT_WORK)
"""All that workers leave by themselves."""
ENDED = (ImportState.DONE, ImportState.UNCHANGED, ImportState.FAILED, ImportState.CANCELLED)


class RowOutcome(TextChoices):
    """What a row is, or has become."""

    CREATE = "create", pgettext_lazy("row of an import", "New")
    CHANGE = "change", pgettext_lazy("row of an import", "Changed")
    SAME = "same", pgettext_lazy("row of an import", "Unchanged")
    REFUSED = "refused", pgettext_lazy("row of an import", "Refused")


class FeedSchedule(TextChoices):
    HOURLY = "hourly", _("Every hour")
    DAILY = "daily", _("Once a day")


class PhotoState(TextChoices):
    """`stored`: the picture is here and waits to be put into the car."""

    WAITING = "waiting", _("Waits")
    STORED = "stored", _("Fetched")
    DONE = "done", pgettext_lazy("photo", "In the car")
    FAILED = "failed", pgettext_lazy("photo", "Failed")
    DROPPED = "dropped", _("No longer in the file")


PHOTO_DUE = (PhotoState.WAITING, PhotoState.STORED, PhotoState.DROPPED)
"""A worker has something to do."""
