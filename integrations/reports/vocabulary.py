"""Words of the report of publications."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class GroupBy(TextChoices):
    """What a row of the report stands for."""

    CHANNEL = "channel", _("Channel")
    DEALER = "dealer", _("Dealer")
    DAY = "day", _("Day")
    CAR = "car", _("Car")


class Every(TextChoices):
    """How often a report comes by e-mail, and so which days it tells of."""

    DAY = "day", _("every day: of yesterday")
    WEEK = "week", _("once a week: of the seven days before")
    MONTH = "month", _("on the first of the month: of the month before")


class Weekday(IntegerChoices):
    MONDAY = 0, pgettext_lazy("weekday", "Monday")
    TUESDAY = 1, pgettext_lazy("weekday", "Tuesday")
    WEDNESDAY = 2, pgettext_lazy("weekday", "Wednesday")
    THURSDAY = 3, pgettext_lazy("weekday", "Thursday")
    FRIDAY = 4, pgettext_lazy("weekday", "Friday")
    SATURDAY = 5, pgettext_lazy("weekday", "Saturday")
    SUNDAY = 6, pgettext_lazy("weekday", "Sunday")
