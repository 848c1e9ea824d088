"""Trying a channel with one car before it is let loose: the runs, and what was noted down in each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.publications.models import Channel
from listings.models import Listing


class GoLiveStage(models.TextChoices):
    """In their order."""

    ACCESS = "access", pgettext_lazy("stage", "The platform lets us in")
    CAR = "car", pgettext_lazy("stage", "The car fits the platform")
    TEXT = "text", pgettext_lazy("stage", "The text fits")
    PHOTOS = "photos", pgettext_lazy("stage", "The photos fit")
    SENT = "sent", pgettext_lazy("stage", "The test car is handed over")
    SEEN = "seen", pgettext_lazy("stage", "It can be seen in the channel")
    CHANGED = "changed", pgettext_lazy("stage", "A new price is handed over")
    WITHDRAWN = "withdrawn", pgettext_lazy("stage", "The test car is withdrawn")
    GONE = "gone", pgettext_lazy("stage", "It is proven that the post is gone")


class GoLiveRun(models.Model):
    """One try of one channel with one car. A channel has one that is open."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="golive_runs")
    listing = models.ForeignKey(Listing, on_delete=models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=140, help_text="The test car, as it was called then.")
    started_at = models.DateTimeField(_("started"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    passed = models.BooleanField(_("passed"), default=False)

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-started_at", "-pk"]
        default_permissions = ()
        permissions = [("run_golive", _("Try a channel of one's own with a test car"))]
        constraints = [models.UniqueConstraint(fields=["channel"], condition=Q(ended_at=None), name="golive_open_once")]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.title}"


class GoLiveNote(models.Model):
    """What was noted down of a stage: asked, seen by a person, or as it stood at the end. One of each; it replaces."""

    run = models.ForeignKey(GoLiveRun, on_delete=models.CASCADE, related_name="notes")
    stage = models.CharField(max_length=10, choices=GoLiveStage)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_hand = models.BooleanField(default=False, help_text="A person says so; otherwise the machine knows.")
    passed = models.BooleanField()
    words = models.TextField(blank=True)
    address = models.CharField(max_length=500, blank=True)

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "stage"], name="golive_note_once")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.stage}"
