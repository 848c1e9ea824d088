"""Messages to workers: each only names a row, and a sweep makes up for those that are lost."""

from functools import partial

from django.db import transaction

from cms.celery import send
from listings.models import Import

WORK = "imports.work"
SWEEP_PHOTOS = "imports.sweep_photos"
FETCH_PHOTOS = "imports.fetch_photos"


def tell_worker(job: Import) -> None:
    """Not of a command's import: the command itself works on it."""
    if job.by_system:
        return
    transaction.on_commit(partial(send, WORK, job.pk))


def tell_of_photos() -> None:
    transaction.on_commit(partial(send, SWEEP_PHOTOS))
