"""Kufar: a partner feed by agreement, and a slow look at the public pages of ads."""

from .autoru_dialect import autoru_file
from .partner import PartnerAdapter, partner_settings
from .registry import register


@register("kufar")
class KufarAdapter(PartnerAdapter):
    label = "Kufar"
    Settings = partner_settings("https://auto.kufar.by")
    file = autoru_file("kufar.xml")
