"""Onliner: a partner feed by agreement, and a slow look at the public pages of ads."""

from .autoru_dialect import autoru_file
from .partner import PartnerAdapter, partner_settings
from .registry import register


@register("onliner")
class OnlinerAdapter(PartnerAdapter):
    label = "Onliner"
    Settings = partner_settings("https://ab.onliner.by")
    file = autoru_file("onliner.xml")
