"""Hears Wagtail and turns what happened into published documents."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete
from django.dispatch import receiver
from wagtail.signals import published, unpublished

from cms.celery import send
from cms.images.models import CustomImage
from cms.images.signals import picture_replaced, renditions_ready

from .catalogue.documents import publish_documents, remove_documents
from .marks import mark_deleted
from .models import (
    CarModel,
    City,
    Dealer,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Generation,
    Listing,
    Make,
    PaymentType,
    PublishedListing,
    Trim,
    Version,
)
from .moderation.workflow import ensure_workflow
from .vocabulary import RateSource


@receiver([published, unpublished], sender=Listing)
def listing_published_or_withdrawn(instance: Listing, **kwargs: Any) -> None:
    """Inside the transaction of `Listing.publish`: the change and its document are one."""
    publish_documents([instance.pk])


@receiver(post_migrate)
def listings_have_their_workflow(sender: Any, **kwargs: Any) -> None:
    """Wagtail shows "submit" only where a workflow is."""
    if sender.name == "listings":
        ensure_workflow()


@receiver(pre_delete, sender=Listing)
def listing_deleted(instance: Listing, **kwargs: Any) -> None:
    mark_deleted(instance)
    remove_documents(list(PublishedListing.objects.filter(listing=instance)))


@receiver([renditions_ready, picture_replaced], sender=CustomImage)
def photo_looks_different(image: CustomImage, **kwargs: Any) -> None:
    publish_documents(Listing.objects.public().filter(photos__image=image).values_list("pk", flat=True).distinct())


SHOWN_BY = {
    Make: "make",
    CarModel: "model",
    Generation: "generation",
    Trim: "trim",
    City: "city",
    Dealer: "dealer",
}
"""Reference rows whose names stand in documents, and the listing's field that names them."""


REFERENCE = (*SHOWN_BY, Equipment, EquipmentGroup, PaymentType, ExchangeRate)
"""What `GET /api/v1/reference` tells."""


@receiver([post_save, post_delete])
def reference_has_a_new_version(sender: type, raw: bool = False, **kwargs: Any) -> None:
    if sender in REFERENCE and not raw:
        Version.take_next(Version.Of.REFERENCE)


@receiver([post_save, post_delete], sender=ExchangeRate)
def rate_changed(instance: ExchangeRate, raw: bool = False, **kwargs: Any) -> None:
    # The bank's rates come several at once: who fetches them tells once.
    if not raw and instance.source == RateSource.TYPED:
        transaction.on_commit(partial(send, "listings.follow_rates"))


@receiver(post_save)
def reference_changed(sender: type, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A corrected name or phone reaches every document that shows it, by a worker."""
    if sender in SHOWN_BY and not created and not raw:
        from .tasks import start_rebuild

        start_rebuild(SHOWN_BY[sender], instance.pk)
