"""Celery: what the clock starts."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="ops.publish_scheduled", soft_time_limit=240, time_limit=250)
def publish_scheduled() -> None:
    """Planned publishing and expiry of listings and pages: Wagtail's command, the same way as a click."""
    call_command("publish_scheduled")
