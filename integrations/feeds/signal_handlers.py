"""The address of a deleted channel's file goes with it."""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from .addresses import forget_address
from .models import ChannelFeed


@receiver(post_delete, sender=ChannelFeed)
def forget(instance: ChannelFeed, **kwargs: Any) -> None:
    forget_address(instance)
