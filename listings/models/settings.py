"""Rules of the inventory that a group decides for itself, in the admin."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

PERCENT = [MaxValueValidator(100)]


@register_setting(icon="cogs")
class InventorySettings(BaseGenericSetting):
    auto_approve_price_percent = models.PositiveSmallIntegerField(
        _("price change without a moderator, %"),
        default=0,
        validators=PERCENT,
        help_text=_("A dealer's change of the price of a published car within this share goes live at once. 0: never."),
    )
    auto_approve_mileage_percent = models.PositiveSmallIntegerField(
        _("mileage change without a moderator, %"), default=0, validators=PERCENT
    )
    moderation_hours = models.PositiveSmallIntegerField(
        _("hours to check a car"), default=24, help_text=_("Older ones are marked in the moderators' queue.")
    )
    market_deviation_percent = models.PositiveSmallIntegerField(
        _("price far from the market from, %"),
        default=30,
        validators=PERCENT,
        help_text=_("The moderator is told of a price that differs from the median of similar cars by more."),
    )
    max_archive_percent = models.PositiveSmallIntegerField(
        _("cars that a feed may archive at once, %"),
        default=20,
        validators=PERCENT,
        help_text=_("A feed that would archive more stops and asks: it may be broken."),
    )

    class Meta:
        verbose_name = _("rules of the inventory")


class ReturnReason(models.Model):
    """A text that moderators use again and again when they return a car."""

    text = models.CharField(_("text for the dealer"), max_length=300, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "text"]
        verbose_name = _("reason to return a car")
        verbose_name_plural = _("reasons to return a car")

    def __str__(self) -> str:
        return self.text
