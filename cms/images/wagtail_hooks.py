"""What photos add to Wagtail: the operation that writes a text onto renditions, and names in the history."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from .models import CustomImage
from .watermarks import WatermarkOperation, follow_collections


@hooks.register("register_image_operations")
def register_image_operations() -> list[tuple[str, type[WatermarkOperation]]]:
    return [("mark", WatermarkOperation)]


@hooks.register("after_bulk_action")
def photos_moved(request: HttpRequest, action_type: str, objects: list[Any], action: Any) -> None:
    """Wagtail moves many photos into another collection without saving each."""
    if action_type == "add_to_collection":
        ids = [item.pk for item in objects if isinstance(item, CustomImage)]
        follow_collections(CustomImage.objects.filter(pk__in=ids))


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("images.cover", _("Cover a part"), _("A part of the photo covered"))
