"""abw.by: a partner feed by agreement, and a slow look at the public pages of ads."""

from .autoru_dialect import autoru_file
from .partner import PartnerAdapter, partner_settings
from .registry import register


@register("abw")
class AbwAdapter(PartnerAdapter):
    label = "abw.by"
    Settings = partner_settings("https://abw.by")
    file = autoru_file("abw.xml")
