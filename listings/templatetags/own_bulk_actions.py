"""The buttons under the list of cars, without those that the user could only be refused."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.admin.widgets.button import Button, ButtonWithDropdown, ListingButton
from wagtail.permissions import policy_registry

from listings.models import Listing

register = template.Library()

IN_SIGHT = 4
"""Buttons beside "More"."""


@register.inclusion_tag("wagtailadmin/shared/buttons.html", takes_context=True)
def offered_bulk_actions(context: Any) -> dict[str, Any]:
    """As Wagtail's `bulk_action_choices`, for cars and for this user."""
    meta, policy = Listing._meta, policy_registry.get_by_type(Listing)
    user = context["request"].user
    actions = sorted(
        (
            action
            for action in bulk_action_registry.get_bulk_actions_for_model(meta.app_label, meta.model_name)
            if policy.user_has_permission(user, getattr(action, "verb", action.action_type))
        ),
        key=lambda action: action.action_priority,
    )
    buttons: list[Any] = [
        _button(ListingButton, action, classname=" ".join(action.classes | {"bulk-action-btn"}))
        for action in actions[:IN_SIGHT]
    ]
    if actions[IN_SIGHT:]:
        buttons.append(
            ButtonWithDropdown(
                label=_("More"),
                classname="button button-secondary button-small",
                buttons=[_button(Button, action) for action in actions[IN_SIGHT:]],
            )
        )
    return {"buttons": buttons}


def _button(kind: type[Button], action: Any, **options: Any) -> Button:
    meta = Listing._meta
    address = reverse("wagtail_bulk_action", args=[meta.app_label, meta.model_name, action.action_type])
    attributes = {"aria-label": action.aria_label, "data-bulk-action-button": ""}
    return kind(action.display_name, address, attrs=attributes, priority=action.action_priority, **options)
