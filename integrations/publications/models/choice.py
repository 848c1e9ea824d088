"""What people decide of a car in a channel: in or out, when, as part of a campaign."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models import Dealer, Listing

from .channel import Channel


class Campaign(models.Model):
    """These cars in these channels, spread over some days. Its cars are its choices."""

    name = models.CharField(_("name"), max_length=100)
    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("dealer"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="campaign_has_time")
        ]

    def __str__(self) -> str:
        return self.name


class Choice(models.Model):
    """What somebody has decided of a car in a channel. The channel's rules hold all the same."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="choices")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    wanted = models.BooleanField(help_text="False: it is kept out until somebody puts it in again.")
    not_before = models.DateTimeField(_("publish at"), null=True, help_text="Empty: at once.")
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, null=True, related_name="choices")

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "listing"], name="choice_once")]

    def __str__(self) -> str:
        return f"{self.listing_id} → {self.channel_id}"
