"""A stored picture gets its renditions from a worker."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from cms.celery import send

from .models import CustomImage


@receiver(post_save, sender=CustomImage)
def start_renditions(instance: CustomImage, **kwargs: Any) -> None:
    if instance.renditions_at is None:
        transaction.on_commit(partial(send, "images.make_renditions", instance.pk))
