"""What was seen of a post on its platform, and what watching a channel has come to."""

from typing import Any, Never

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.monitoring.vocabulary import CheckSource, PostState
from integrations.publications.models import Channel, Publication


class ChannelWatch(models.Model):
    """Watching one channel: its webhook, its limits on the platform, its failures."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="watch")
    republish_gone = models.BooleanField(
        _("publish again what has disappeared"),
        default=False,
        help_text=_("Off: you are told of a post that somebody removed on the platform, and you decide."),
    )
    connected_at = models.DateTimeField(null=True, help_text="When the platform was last told where to send events.")
    forged = models.PositiveIntegerField(default=0, help_text="Calls to the address that were not the platform's.")
    forged_at = models.DateTimeField(null=True)
    quota_used = models.PositiveIntegerField(null=True)
    quota_total = models.PositiveIntegerField(null=True)
    quota_hours = models.PositiveIntegerField(null=True)
    quota_at = models.DateTimeField(null=True)
    looking_until = models.DateTimeField(null=True, help_text="Until then one worker is asking the platform.")
    rest_until = models.DateTimeField(null=True, help_text="The platform is not asked before.")
    problem = models.TextField(blank=True, help_text="Why the platform could not be asked.")
    problem_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True, help_text="Since when publishing rests because of failures.")

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.channel)


class Watch(models.Model):
    """The last look at a publication's post. It keeps how the post is found when the publication has forgotten it."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="watch")
    synced_at = models.DateTimeField(help_text="`changed_at` of the publication that this row knows of.")
    published_at = models.DateTimeField(null=True, help_text="Names the post: a new one has a new time.")
    external = models.JSONField(default=dict)
    address = models.CharField(max_length=500, blank=True)
    standing = models.BooleanField(default=True, help_text="False: we have withdrawn it.")
    withdrawn_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=PostState, default=PostState.UNKNOWN)
    how = models.TextField(blank=True)
    problems = models.JSONField(default=list, help_text="What the platform says is wrong with it.")
    checked_at = models.DateTimeField(_("last look"), null=True)
    next_check_at = models.DateTimeField(null=True)
    stats_at = models.DateTimeField(null=True)
    next_stats_at = models.DateTimeField(null=True)
    flagged_at = models.DateTimeField(null=True, help_text="When the publication was set to failed: its post is gone.")

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["next_check_at"], name="watch_check"),
            models.Index(fields=["next_stats_at"], name="watch_stats"),
            models.Index(fields=["state"], name="watch_state"),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.state}"


class ChecksAreKeptError(TypeError):
    """Somebody tried to change or forget what was seen."""


class RemoteCheckQuerySet(models.QuerySet["RemoteCheck"]):
    def update(self, **kwargs: Any) -> Never:
        raise ChecksAreKeptError

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise ChecksAreKeptError


class RemoteCheck(models.Model):
    """Proof of what stood where: written when the answer differs from the last, and after a withdrawal."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField(_("when"), db_index=True)
    state = models.CharField(_("what was seen"), max_length=10, choices=PostState)
    how = models.TextField(_("how"), blank=True)
    problems = models.JSONField(default=list)
    source = models.CharField(_("who looked"), max_length=10, choices=CheckSource)
    person = models.CharField(max_length=150, blank=True, help_text="Name, if it was a person.")
    address = models.CharField(_("address"), max_length=500, blank=True)
    after_withdrawal = models.BooleanField(default=False)

    objects = models.Manager.from_queryset(RemoteCheckQuerySet)()

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ()
        verbose_name = _("check of a post")
        verbose_name_plural = _("checks of posts")
        indexes = [models.Index(fields=["publication", "-at"], name="check_of_publication")]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.at:%d.%m.%Y %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise ChecksAreKeptError
        super().save(*args, **kwargs)
