"""VINs: who has one already, and the check digit of ISO 3779, as North America has it."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.permissions import policy_registry

from .models import Listing
from .vocabulary import SaleState

WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VALUES = {letter: value for letters, value in zip(
    ("A J", "B K S", "C L T", "D M U", "E N V", "F W", "G P X", "H Y", "R Z"), range(1, 10), strict=True
) for letter in letters.split()}  # fmt: skip


def check_digit_fits(vin: str) -> bool:
    """Whether the ninth character is the sum of the others. European makers put there what they like."""
    if len(vin) != len(WEIGHTS):
        return False
    total = sum(
        weight * (int(sign) if sign.isdigit() else VALUES.get(sign, 0))
        for sign, weight in zip(vin, WEIGHTS, strict=True)
    )
    return vin[8] == "0123456789X"[total % 11]


def taken_by(vin: str, user: Any, but: int | None) -> SafeString | str | None:
    """Which other car on sale has the VIN, in words for this user; None: none has. A foreign car is not named."""
    active = (
        Listing.objects.filter(vin=vin, archived_at__isnull=True).exclude(sale_state=SaleState.SOLD).exclude(pk=but)
    )
    other = active.select_related("dealer").first() if vin else None
    if other is None:
        return None
    rows = policy_registry.get_by_type(Listing).instances_user_has_any_permission_for(user, ("view", "change"))
    if not rows.filter(pk=other.pk).exists():
        return _("A car with this VIN is on sale already, and it is not yours: check the VIN, or ask a moderator.")
    link = format_html(
        '<a href="{}">{}</a>', reverse(Listing.snippet_viewset.get_url_name("edit"), args=[other.pk]), other
    )
    return format_html(_("The same VIN stands at {car}, {dealer}."), car=link, dealer=other.dealer)
