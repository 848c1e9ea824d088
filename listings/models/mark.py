"""What has changed for a dealer, and in which order: the dealer's programs follow it by a cursor."""

from django.db import models
from django.utils import timezone

from listings.vocabulary import Removal

from .dealer import Dealer


class ListingMark(models.Model):
    """The last change of one car, as its dealer sees it. It stays when the car has gone.

    Who changes a car writes its mark without a number; who reads gives numbers to the marks that are committed by
    then (`listings.marks`). So numbers follow commits, writers wait for nobody, and no change is passed over.
    """

    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="+")
    listing_id = models.BigIntegerField(help_text="No foreign key: the mark outlives its car.")
    number = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    removed = models.CharField(max_length=10, choices=Removal, blank=True)
    # How the car was called when it went; empty while it is there.
    uuid = models.UUIDField(null=True)
    external_id = models.CharField(max_length=80, blank=True)
    vin = models.CharField(max_length=17, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dealer", "listing_id"], name="listing_mark_once_per_dealer")]
        indexes = [
            models.Index(fields=["dealer", "number", "listing_id"], name="listing_mark_order"),
            models.Index(fields=["listing_id"], name="listing_mark_listing"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.listing_id} {self.removed}"
