"""What `listings` adds to the Wagtail admin."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("listings.price", _("Price changed"), _("Price changed"))
    actions.register_action("listings.sale_state", _("Sale state changed"), _("Sale state changed"))
