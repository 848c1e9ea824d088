"""Heard by whoever shows photos: all renditions of an image exist now."""

from django.dispatch import Signal

renditions_ready = Signal()
"""kwargs: image (Image)."""
