"""What a listing has cost, from its first publishing on."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.vocabulary import Currency

from .listing import Listing


class PricePoint(models.Model):
    """The public price from a moment on, in the seller's currency. A move of the rate alone is no new price."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="price_history")
    at = models.DateTimeField(_("since"), default=timezone.now)
    price = models.PositiveIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    price_byn = models.PositiveIntegerField(_("price, BYN"))

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("price")
        verbose_name_plural = _("price history")
        indexes = [models.Index(fields=["listing", "at"], name="price_point_of_listing")]

    def __str__(self) -> str:
        return f"{self.price} {self.currency}"
