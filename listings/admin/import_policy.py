"""Who may see and touch imports and feeds: one right for everything, rows by the dealers that the user runs."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Model, Q, QuerySet
from wagtail.permissions import register_permission_policy

from cms.users.models import User
from listings.models import Dealer, Feed, Import
from listings.permissions import DealerRowPolicy, own_rows

RIGHT = "listings.import_listing"
PUBLISH = "listings.publish_listing"


class ImportPolicy(DealerRowPolicy):
    """Whoever may import may do everything with his dealers' imports. They are not an agent's."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, agent=None)

    def user_has_permission(self, user: Any, action: str) -> bool:
        return may_import(user)

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        return may_import(user)

    def users_with_any_permission(self, actions: Collection[str]) -> QuerySet[User]:
        rights = Permission.objects.filter(content_type__app_label="listings", codename="import_listing")
        by_right = Q(is_superuser=True) | Q(user_permissions__in=rights) | Q(groups__permissions__in=rights)
        return User.objects.filter(by_right, is_active=True).distinct()


def may_import(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(RIGHT))


def dealers_to_import_for(user: Any) -> QuerySet[Dealer]:
    """Dealers whose lists of cars the user may load."""
    return Dealer.objects.filter(own_rows(user, dealer="pk", agent=None)).order_by("name")


def register() -> None:
    for model in (Import, Feed):
        register_permission_policy(model, ImportPolicy(model))
