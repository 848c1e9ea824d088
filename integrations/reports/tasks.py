"""Celery: thin wrappers, ids only. Whatever a lost message leaves is done by the next sweep."""

from celery import shared_task
from django.utils import timezone

from cms.celery import send
from integrations.reports.mail import mailing

SEND = "reports.send"


@shared_task(name="reports.send_due", soft_time_limit=50, time_limit=60, expires=60)
def send_due_reports() -> int:
    ids = mailing.due(timezone.now())
    for pk in ids:
        send(SEND, pk)
    return len(ids)


@shared_task(name=SEND, soft_time_limit=400, time_limit=420, expires=600)
def send_report(pk: int) -> bool:
    return mailing.send_due(pk, timezone.now())
