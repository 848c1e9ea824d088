"""av.by: a partner feed by agreement, and a slow look at the public pages of ads."""

from .autoru_dialect import autoru_file
from .partner import PartnerAdapter, partner_settings
from .registry import register


@register("avby")
class AvbyAdapter(PartnerAdapter):
    label = "av.by"
    Settings = partner_settings("https://cars.av.by")
    file = autoru_file("avby.xml")
