"""Photos: Wagtail images plus what the site needs before the picture has loaded."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage

from .normalise import average_colour
from .perceptual_hash import BANDS, Bands, picture_bands

SEEN = ("watermark", "focal_point_x", "focal_point_y")
"""What changes how a photo looks on the site while its file stays the same."""
HASH_PREFIX = 12
HASH_FIELDS = tuple(f"hash_{place}" for place in range(BANDS))


class CustomImage(AbstractImage):
    """An uploaded picture, already turned upright, converted and free of metadata."""

    color = models.CharField(_("average colour"), max_length=7, blank=True, editable=False)
    # Its perceptual hash in four bands (`duplicates.py` looks for equal ones); all empty for a plain picture.
    hash_0 = models.PositiveIntegerField(null=True, editable=False, db_index=True)
    hash_1 = models.PositiveIntegerField(null=True, editable=False, db_index=True)
    hash_2 = models.PositiveIntegerField(null=True, editable=False, db_index=True)
    hash_3 = models.PositiveIntegerField(null=True, editable=False, db_index=True)
    watermark = models.CharField(
        max_length=60, blank=True, editable=False, help_text="Its collection's, kept in step by `watermarks.py`."
    )
    renditions_at = models.DateTimeField(
        null=True, editable=False, help_text="When all renditions existed; null: still to be made."
    )

    admin_form_fields = WagtailImage.admin_form_fields

    class Meta(AbstractImage.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(renditions_at__isnull=True), name="image_renditions_missing")
        ]

    def _set_image_file_metadata(self) -> None:
        super()._set_image_file_metadata()
        self.color = average_colour(self.file)
        self.bands = picture_bands(self.file)
        self.renditions_at = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With its collection's text; a photo that looks different is looked at anew by a worker."""
        watermark = CollectionWatermark.objects.filter(collection=self.collection_id).first()
        self.watermark = watermark.text if watermark else ""
        before = CustomImage.objects.filter(pk=self.pk).values_list(*SEEN).first() if self.pk else None
        if before and before != tuple(getattr(self, name) for name in SEEN):
            self.renditions_at = None
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "watermark", "renditions_at"}
        super().save(*args, **kwargs)

    @property
    def rendition_prefix(self) -> str:
        """How the files of its renditions begin: another picture, another address, in nobody's cache."""
        return f"images/{self.file_hash[:HASH_PREFIX]}."

    @property
    def bands(self) -> Bands | None:
        bands = tuple(getattr(self, name) for name in HASH_FIELDS)
        return None if None in bands else bands

    @bands.setter
    def bands(self, bands: Bands | None) -> None:
        for name, value in zip(HASH_FIELDS, bands or (None,) * BANDS, strict=True):
            setattr(self, name, value)

    @property
    def focus(self) -> tuple[float, float] | None:
        """The focal point that somebody chose, as fractions of width and height."""
        if self.focal_point_x is None or self.focal_point_y is None or not (self.width and self.height):
            return None
        return round(min(self.focal_point_x / self.width, 1), 3), round(min(self.focal_point_y / self.height, 1), 3)


class CustomRendition(AbstractRendition):
    """One size and format of an image."""

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
        verbose_name = _("rendition")

    def get_upload_to(self, filename: str) -> str:
        return f"{self.image.rendition_prefix}{filename.removeprefix('.')}"


class CollectionWatermark(models.Model):
    """A text that is written onto all photos of a collection."""

    collection = models.OneToOneField("wagtailcore.Collection", on_delete=models.CASCADE, related_name="watermark")
    text = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("text on photos")

    def __str__(self) -> str:
        return self.text
