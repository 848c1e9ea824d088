"""What should stand where, what stands there, and every attempt to make them agree."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.publications.vocabulary import HELD, Desired, Operation, Result, State
from listings.models import PublishedListing

from .channel import Channel


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self, now: Any) -> "PublicationQuerySet":
        """Something is to be done, it is time for it, and nobody is at it."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lt=now)
        return self.filter(free, next_attempt_at__lte=now).exclude(state__in=HELD)


class Publication(models.Model):
    """A listing in a channel.

    `desired` and `desired_version` are written in the transaction that changes the listing; everything else is the
    engine's. `next_attempt_at` is the to-do mark: empty when nothing is left to do.
    """

    document = models.ForeignKey(
        PublishedListing, on_delete=models.PROTECT, related_name="publications", verbose_name=_("listing")
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="publications", verbose_name=_("channel")
    )
    desired = models.CharField(_("should be"), max_length=10, choices=Desired)
    desired_version = models.PositiveBigIntegerField(help_text="Version of the document that set `desired`.")
    desired_hash = models.CharField(max_length=64, blank=True, help_text="Of the payload rendered last.")
    state = models.CharField(_("state"), max_length=30, choices=State, default=State.PENDING)
    actual_hash = models.CharField(max_length=64, blank=True, help_text="Of the payload that stands there.")
    external = models.JSONField(default=dict, help_text="How the adapter finds the post again.")
    address = models.CharField(_("address"), max_length=500, blank=True)
    published_at = models.DateTimeField(
        _("published"), null=True, help_text="Empty exactly when nothing of ours stands in the channel."
    )
    changed_at = models.DateTimeField(_("last change"), auto_now=True)
    note = models.TextField(_("note"), blank=True)
    key = models.CharField(max_length=200, blank=True, help_text="The platform's own name of the post.")
    confirmed_at = models.DateTimeField(
        _("seen there"), null=True, help_text="Empty while the platform has only been handed the car, as by a feed."
    )
    progress = models.JSONField(default=dict, help_text="Of a create in several steps: {payload digest: state}.")
    renew = models.BooleanField(default=False, help_text="The post is to be withdrawn and made anew.")
    not_before = models.DateTimeField(_("planned for"), null=True, help_text="A new post waits until then.")

    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    wanted_at = models.DateTimeField(null=True, help_text="Since when something is to be done; of a plan, its time.")
    signalled_at = models.DateTimeField(null=True, help_text="When a worker was last told to look.")
    tries = models.PositiveIntegerField(default=0)
    error_class = models.CharField(max_length=20, blank=True, choices=Result)
    error_text = models.TextField(_("problem"), blank=True)

    objects = models.Manager.from_queryset(PublicationQuerySet)()

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-changed_at"]
        permissions = [("plan_publication", _("Plan publications of one's own cars"))]
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(fields=["document", "channel"], name="publication_once_per_channel"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="publication_state_known"),
            models.CheckConstraint(condition=models.Q(desired__in=Desired.values), name="publication_desired_known"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="publication_due",
            ),
            models.Index(fields=["state"], name="publication_state"),
            models.Index(fields=["channel", "key"], condition=~models.Q(key=""), name="publication_key"),
        ]

    def __str__(self) -> str:
        return f"{self.car} → {self.channel}"

    @property
    @admin.display(description=_("Car"))
    def car(self) -> str:
        return f"{self.document.title}, {self.document.year}"

    @property
    def has_post(self) -> bool:
        return self.published_at is not None

    def waiting_state(self) -> State:
        """The state while the wish stands and nobody is at it yet."""
        if self.desired == Desired.PRESENT:
            return State.UPDATING if self.has_post else State.PENDING
        return State.WITHDRAWING if self.has_post else State.WITHDRAWN


class PublicationAttempt(models.Model):
    """One call to a platform. Written before it, finished after it, never changed again."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    operation = models.CharField(_("action"), max_length=10, choices=Operation)
    wanted_at = models.DateTimeField(help_text="When the wish that it serves was made, or was planned for.")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    result = models.CharField(_("result"), max_length=20, choices=Result, blank=True)
    request_id = models.UUIDField(unique=True)
    payload = models.JSONField(default=dict, help_text="What was to be sent. Contains no secrets.")
    payload_hash = models.CharField(max_length=64, blank=True)
    response = models.TextField(_("answer"), blank=True)

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        # Nobody adds, changes or deletes attempts by hand.
        default_permissions = ("view",)
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            models.Index(
                fields=["publication"], condition=models.Q(finished_at__isnull=True), name="attempt_unfinished"
            ),
            # Reports ask for days of a log that only grows.
            BrinIndex(fields=["started_at"], name="attempt_started"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}, {self.started_at:%d.%m.%Y %H:%M:%S}"
