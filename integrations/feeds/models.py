"""The file of each channel whose platform fetches one: its address, its cars, and who fetched it when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.publications.models import Channel, Publication


class ChannelFeed(models.Model):
    """One row for a file. Whoever changes a car in it takes this row first, so that versions follow the commits."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="feed")
    token_hash = models.CharField(  # noqa: DJ001  unique
        max_length=64, unique=True, null=True, help_text="SHA-256 of the token in its address. Empty: no address yet."
    )
    credential = models.CharField(max_length=100, blank=True, help_text="The token's reference in the store.")
    version = models.PositiveBigIntegerField(default=0, help_text="Grows with every change and is never used again.")
    changed_at = models.DateTimeField(_("changed"))
    frame_hash = models.CharField(max_length=64, blank=True, help_text="Of what stands around the cars.")
    cars = models.PositiveIntegerField(_("cars"), default=0)
    images = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of the cars alone.")

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.channel_id}, {self.version}"


class FeedEntry(models.Model):
    """A car's piece of the file. Written only when it differs from what is there."""

    publication = models.OneToOneField(
        Publication, on_delete=models.CASCADE, primary_key=True, related_name="feed_entry"
    )
    feed = models.ForeignKey(ChannelFeed, on_delete=models.CASCADE, related_name="entries", db_index=False)
    entry = models.TextField()
    images = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(help_text="Of the feed, when the piece was written.")

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["feed", "publication"], name="feed_entry_order")]

    def __str__(self) -> str:
        return f"{self.publication_id}"


class FeedPull(models.Model):
    """Somebody fetched the file."""

    feed = models.ForeignKey(ChannelFeed, on_delete=models.CASCADE, related_name="pulls", db_index=False)
    at = models.DateTimeField(_("when"))
    status = models.PositiveSmallIntegerField(_("answer"))
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0, help_text="As sent, compressed or not.")
    cars = models.PositiveIntegerField(_("cars"), default=0)
    user_agent = models.CharField(_("program"), max_length=120, blank=True)
    network = models.CharField(_("network"), max_length=50, blank=True, help_text="Never the whole address.")
    seconds = models.FloatField(_("seconds"), default=0)
    finished = models.BooleanField(default=True, help_text="False: the reader went away in the middle.")

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["feed", "-at"], name="feed_pull_newest"),
            models.Index(fields=["at"], name="feed_pull_age"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M} {self.status}"
