"""Heard by whoever shows photos."""

from django.dispatch import Signal

renditions_ready = Signal()
"""All renditions of an image exist now. kwargs: image (CustomImage)."""

picture_replaced = Signal()
"""An image has another file and no rendition of the one before, in this transaction. kwargs: image (CustomImage)."""
