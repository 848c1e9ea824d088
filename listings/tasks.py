"""Celery: documents that have to be written again because of something they show."""

from functools import partial

from celery import shared_task
from django.db import transaction

from cms.celery import send

from .catalogue.documents import publish_documents
from .models import Listing

BATCH = 200


def start_rebuild(field: str, pk: int) -> None:
    transaction.on_commit(partial(send, "listings.rebuild_documents", field, pk))


@shared_task(name="listings.rebuild_documents", soft_time_limit=3000, time_limit=3100)
def rebuild_documents(field: str, pk: int) -> None:
    """Documents of all public listings whose `field` is the row `pk`, in batches."""
    ids = list(Listing.objects.public().filter(**{field: pk}).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        publish_documents(ids[start : start + BATCH], bulk=len(ids) > 1)
