"""Celery: telling dealers. Only ids travel; names and phones stay in the database."""

from celery import shared_task

from . import notices


@shared_task(name="leads.notify", soft_time_limit=60, time_limit=90)
def notify(lead_id: int) -> None:
    notices.notify(lead_id)


@shared_task(name="leads.sweep_notices")
def sweep_notices() -> None:
    """Every minute: those whose message was lost or whose e-mail failed."""
    for lead_id in notices.due().values_list("pk", flat=True):
        notices.notify(lead_id)
