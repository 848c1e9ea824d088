"""A dealer's stock on the admin's home page: how many cars stand where, and what to do with them."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from cms.users.models import User
from listings.models import Listing
from listings.permissions import sees_all_dealers

from .filters import PUBLICATION
from .import_policy import may_import


class StockPanel(Component):
    """Counts with links to the cars. One query for all counts."""

    name = "stock"
    order = 40
    template_name = "listings/admin/home_stock.html"

    def __init__(self, user: User) -> None:
        self.user = user

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = policy_registry.get_by_type(Listing).instances_user_has_permission_for(self.user, "change")
        counts = rows.order_by().aggregate(
            **{f"cars_{name}": Count("pk", filter=condition()) for name, (_label, condition) in PUBLICATION.items()}
        )
        found = [(name, label, counts[f"cars_{name}"]) for name, (label, _condition) in PUBLICATION.items()]
        found = [row for row in found if row[2]]
        return {"counts": found, "may_import": may_import(self.user)}


def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For the hook `construct_homepage_panels`: for who works with cars of his own dealers."""
    user = request.user
    if user.has_perm("listings.change_listing") and not sees_all_dealers(user):
        panels.append(StockPanel(user))  # type: ignore[arg-type]
