"""Celery: thin wrappers, ids only. Whatever a lost message leaves is done by the next sweep."""

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from cms.celery import send
from integrations.publications.models import Channel, MasterSwitch

from . import alerts, figures, following, looking, notices, processing
from .views import PROCESS

LOOK = "monitoring.look"


@shared_task(name=PROCESS, soft_time_limit=50, time_limit=60)
def process_webhook(pk: int) -> None:
    processing.process(pk)


@shared_task(name="monitoring.sweep_webhooks", soft_time_limit=250, time_limit=270)
def sweep_webhooks() -> int:
    ids = processing.overdue(timezone.now())
    for pk in ids:
        processing.process(pk)
    return len(ids)


@shared_task(name="monitoring.watch", soft_time_limit=250, time_limit=270)
def watch() -> int:
    """Every minute: brings the watches up to date and lets workers look at each channel that may be asked."""
    now = timezone.now()
    following.follow(now)
    if MasterSwitch.objects.exists():
        return 0
    awake = Channel.objects.working().filter(Q(resting_until=None) | Q(resting_until__lte=now))
    # In another order each time: only a few channels are asked at once.
    ids = list(awake.order_by("?").values_list("pk", flat=True))
    for pk in ids:
        send(LOOK, pk)
    return len(ids)


@shared_task(name=LOOK, soft_time_limit=looking.TASK_SOFT_LIMIT, time_limit=looking.TASK_HARD_LIMIT, expires=60)
def look(channel_id: int) -> int:
    return looking.look(channel_id)


@shared_task(name="monitoring.raise_alerts", soft_time_limit=250, time_limit=270)
def raise_alerts() -> None:
    now = timezone.now()
    alerts.raise_alerts(now)
    notices.tell(now)


@shared_task(name="monitoring.prune", soft_time_limit=250, time_limit=270)
def prune() -> None:
    now = timezone.now()
    processing.prune(now)
    figures.prune(now)
