"""Celery: renditions are made after an upload, and by a sweep where a message was lost."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from .models import CustomImage
from .renditions import drop_other_pictures, drop_other_watermarks, make_renditions
from .signals import renditions_ready

logger = logging.getLogger(__name__)

SWEEP_BATCH = 50
KEPT = timedelta(days=1)
"""How long a rendition with a former text stays: pages that still show it are written anew within minutes."""


@shared_task(name="images.make_renditions")
def make_image_renditions(image_id: int) -> None:
    """Makes the image's renditions once and tells those that show it."""
    image = CustomImage.objects.filter(pk=image_id, renditions_at__isnull=True).first()
    if image is None:
        return
    drop_other_pictures(image)
    make_renditions(image)
    # Meanwhile somebody may have covered a part of it, or changed its text: then another message is on its way.
    same = CustomImage.objects.filter(pk=image_id, file=image.file.name, watermark=image.watermark)
    if same.update(renditions_at=timezone.now()):
        renditions_ready.send(sender=CustomImage, image=image)
    elif now := CustomImage.objects.filter(pk=image_id).first():
        drop_other_pictures(now)


@shared_task(name="images.sweep_renditions")
def sweep_renditions() -> None:
    """Looks for images whose message was lost. One that cannot be read must not block the others."""
    for image_id in CustomImage.objects.filter(renditions_at__isnull=True).values_list("pk", flat=True)[:SWEEP_BATCH]:
        try:
            make_image_renditions(image_id)
        except OSError as error:
            logger.warning("Image %s cannot be read: %s", image_id, error)


@shared_task(name="images.purge_renditions")
def purge_renditions() -> None:
    """Deletes renditions with a former text on them, once the site has had time to show the new ones."""
    now = timezone.now()
    settled = CustomImage.objects.filter(renditions_at__range=(now - 3 * KEPT, now - KEPT))
    for image in settled.prefetch_related("renditions").iterator(chunk_size=200):
        drop_other_watermarks(image)
