"""Figures of posts, day by day."""

from django.db import models

from integrations.publications.models import Publication

FIGURES = ("views", "reach", "likes", "comments", "shares", "saves")
"""Columns of a day, as in `marketplaces.base.Stats`."""


class PublicationDay(models.Model):
    """What the platform counted since the post was published, as last heard on that day. Empty: it does not tell."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    at = models.DateTimeField(help_text="For when the newest of the figures holds.")
    views = models.PositiveBigIntegerField(null=True)
    reach = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    saves = models.PositiveBigIntegerField(null=True)

    # Nobody asks the admin where it is used; each row would pay for the index.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["publication", "day"], name="publication_day_once")]
        indexes = [models.Index(fields=["day"], name="publication_day")]

    def __str__(self) -> str:
        return f"{self.publication_id}, {self.day}"
