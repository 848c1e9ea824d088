"""Celery: documents that have to be written again because of something they show."""

from functools import partial

from celery import shared_task
from django.db import transaction
from django.db.models import F, IntegerField, Value
from django.db.models.functions import Round

from cms.celery import send

from . import national_bank
from .catalogue.documents import publish_documents
from .changes import made_through
from .exchange import tasks as exchange_tasks
from .models import Listing
from .moderation import notices
from .rates import current_rates
from .vocabulary import Way

__all__ = ["exchange_tasks"]
"""Celery looks for tasks here only."""
BATCH = 200


def start_rebuild(field: str, pk: int) -> None:
    transaction.on_commit(partial(send, "listings.rebuild_documents", field, pk))


@shared_task(name="listings.rebuild_documents", soft_time_limit=3000, time_limit=3100)
def rebuild_documents(field: str, pk: int) -> None:
    """Documents of all public listings whose `field` is the row `pk`, in batches."""
    ids = list(Listing.objects.public().filter(**{field: pk}).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        publish_documents(ids[start : start + BATCH], bulk=len(ids) > 1)


@shared_task(name="listings.fetch_rates", soft_time_limit=60, time_limit=90)
def fetch_rates() -> None:
    national_bank.fetch_rates()


@shared_task(name="listings.follow_rates", soft_time_limit=3000, time_limit=3100)
def follow_rates() -> None:
    """After a new rate: prices in roubles of cars priced in another currency, and what the public sees of them."""
    for currency, rate in current_rates().items():
        in_roubles = Round(F("price") * Value(rate.rate), output_field=IntegerField())
        Listing.objects.filter(currency=currency).update(price_byn=in_roubles)
    ids = list(Listing.objects.public().order_by("pk").values_list("pk", flat=True))
    with made_through(Way.RULE):
        for start in range(0, len(ids), BATCH):
            publish_documents(ids[start : start + BATCH], bulk=True)


@shared_task(name="listings.tell_of_moderation", soft_time_limit=300, time_limit=360)
def tell_of_moderation(task_ids: list[int]) -> None:
    notices.send_notices(task_ids)
