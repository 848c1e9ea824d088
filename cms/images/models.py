"""Photos: Wagtail images plus what the site needs before the picture has loaded."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage

from .normalise import average_colour


class CustomImage(AbstractImage):
    """An uploaded picture, already turned upright, converted and free of metadata."""

    color = models.CharField(_("average colour"), max_length=7, blank=True, editable=False)
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
        self.renditions_at = None


class CustomRendition(AbstractRendition):
    """One size and format of an image."""

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
        verbose_name = _("rendition")
