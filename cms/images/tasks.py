"""Celery: renditions are made after an upload, and by a sweep where a message was lost."""

import logging

from celery import shared_task
from django.utils import timezone

from .models import CustomImage
from .renditions import make_renditions
from .signals import renditions_ready

logger = logging.getLogger(__name__)

SWEEP_BATCH = 50


@shared_task(name="images.make_renditions")
def make_image_renditions(image_id: int) -> None:
    """Makes the image's renditions once and tells those that show it."""
    image = CustomImage.objects.filter(pk=image_id, renditions_at__isnull=True).first()
    if image is None:
        return
    make_renditions(image)
    CustomImage.objects.filter(pk=image_id).update(renditions_at=timezone.now())
    renditions_ready.send(sender=CustomImage, image=image)


@shared_task(name="images.sweep_renditions")
def sweep_renditions() -> None:
    """Looks for images whose message was lost. One that cannot be read must not block the others."""
    for image_id in CustomImage.objects.filter(renditions_at__isnull=True).values_list("pk", flat=True)[:SWEEP_BATCH]:
        try:
            make_image_renditions(image_id)
        except OSError as error:
            logger.warning("Image %s cannot be read: %s", image_id, error)
