"""auto.ru: the platform fetches the file of its own dialect. Nothing tells us what became of the cars."""

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _

from .autoru_dialect import AutoruDialect, autoru_file
from .base import Capabilities, ChannelSettings, Shown
from .feed import NoCredentials
from .registry import register


class AutoruSettings(ChannelSettings):
    currency: Annotated[
        Literal["USD", "EUR", "BYN"],
        Shown(
            _("Currency of prices"),
            _("Agree on it with auto.ru: its own format knows dollars and euros."),
            (("USD", "USD"), ("EUR", "EUR"), ("BYN", "BYN")),
        ),
    ] = "USD"


@register("autoru")
class AutoruAdapter(AutoruDialect[AutoruSettings, NoCredentials]):
    label = "auto.ru"
    about = _(
        "auto.ru fetches a file with your cars. Enter its address in your auto.ru account. VIN, make, model with "
        "generation and modification are required. What became of a car there, auto.ru does not tell us."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, delivery="feed")
    Settings = AutoruSettings
    file = autoru_file("autoru.xml")
