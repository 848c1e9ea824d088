"""Whose rows somebody may see and touch. The one place: admin, API, import, tasks and reports ask here.

Two questions, both must be answered yes: does a group give the right at all (Django permissions), and is the row his
(this module). Without a membership no row is his; all rows are, for who has `listings.access_all_dealers`.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Model, Q, QuerySet
from wagtail.permission_policies import ModelPermissionPolicy

from cms.users.models import User

from .models import Dealer, DealerMember
from .vocabulary import MemberRole

ALL_DEALERS = "listings.access_all_dealers"


def sees_all_dealers(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(ALL_DEALERS))


def own_dealers(user: Any) -> QuerySet[Dealer]:
    """The dealers for whom the user works; all of them for the group's staff."""
    if not user.is_authenticated or not user.is_active:
        return Dealer.objects.none()
    return Dealer.objects.all() if sees_all_dealers(user) else Dealer.objects.filter(members__user=user)


def own_rows(user: Any, dealer: str = "dealer", agent: str | None = "agent") -> Q:
    """The condition that a row is the user's, for `filter()`.

    `dealer` and `agent` are lookups from the row to its dealer and to the agent who sells the car. With `agent` None
    the rows are not an agent's to see (a dealer's figures, members, imports).
    One query for the memberships, remembered on the user for the request.
    """
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=())
    if sees_all_dealers(user):
        return Q()
    whole, single = _dealer_ids(user)
    mine = Q(**{f"{dealer}__in": whole})
    if agent is not None:
        mine |= Q(**{f"{dealer}__in": single, agent: user})
    return mine


def is_agent_of(user: Any, dealer: Dealer) -> bool:
    """Whether the user sells for the dealer and does not run it: only the cars in his name are his."""
    return dealer.pk in _dealer_ids(user)[1]


def manages(user: Any, dealer: Dealer) -> bool:
    return dealer.pk in _dealer_ids(user)[0]


def _dealer_ids(user: Any) -> tuple[Collection[int], Collection[int]]:
    """Dealers whose every row is the user's, and dealers of whose rows only those in his name are."""
    if not user.is_authenticated or not user.is_active:
        return (), ()
    if not hasattr(user, "_dealer_ids"):
        whole: list[int] = []
        single: list[int] = []
        for dealer_id, role in DealerMember.objects.filter(user=user).values_list("dealer_id", "role"):
            (single if role == MemberRole.AGENT else whole).append(dealer_id)
        user._dealer_ids = whole, single
    found: tuple[Collection[int], Collection[int]] = user._dealer_ids
    return found


class DealerRowPolicy(ModelPermissionPolicy):
    """Wagtail's model permissions, limited to the user's rows."""

    def __init__(self, model: type[Model], dealer: str = "dealer", agent: str | None = "agent") -> None:
        super().__init__(model)
        self.dealer, self.agent = dealer, agent

    def rows(self, user: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(own_rows(user, self.dealer, self.agent))

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Collection[str], instance: Model) -> bool:
        if not self.user_has_any_permission(user, actions):
            return False
        # A row that is still being made has no place yet: its form limits dealer and agent.
        return instance.pk is None or sees_all_dealers(user) or self.rows(user).filter(pk=instance.pk).exists()

    def instances_user_has_permission_for(self, user: Any, action: str) -> QuerySet[Any]:
        return self.instances_user_has_any_permission_for(user, [action])

    def instances_user_has_any_permission_for(self, user: Any, actions: Collection[str]) -> QuerySet[Any]:
        if not self.user_has_any_permission(user, actions):
            return self.model._default_manager.none()
        return self.rows(user)

    def users_with_any_permission_for_instance(self, actions: Collection[str], instance: Model) -> QuerySet[User]:
        users = self.users_with_any_permission(actions)
        mine = [user.pk for user in users if sees_all_dealers(user) or self.rows(user).filter(pk=instance.pk).exists()]
        return users.filter(pk__in=mine)

    def users_with_permission_for_instance(self, action: str, instance: Model) -> QuerySet[User]:
        return self.users_with_any_permission_for_instance([action], instance)
