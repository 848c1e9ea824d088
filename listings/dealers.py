"""What belongs to a dealer beside its row: a photo collection, the groups that may use it, and who works there.

Everything follows from two kinds of rows, whoever writes them: `Dealer` (its `save` calls `ensure_collection` and
`ensure_dealer_access`) and `DealerMember` (`listings.dealer_handlers` call `sync_access`).
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission

from cms.users.models import User
from cms.users.roles import ROLES, role_group

from .vocabulary import MemberRole

if TYPE_CHECKING:
    from .models import Dealer

ROLE_OF = {
    MemberRole.MANAGER: "dealer_manager",
    MemberRole.AGENT: "dealer_agent",
    MemberRole.INTEGRATION: "integration",
}
"""The role whose rights a member has."""

MEMBERS_MAY = ("add_image", "choose_image")
"""Who adds a photo may also change that one photo: Wagtail's rule of ownership."""
MANAGERS_MAY = ("change_image",)
GROUP_NAME = "Дилер: {}"
MANAGER_GROUP_NAME = "Дилер: {}, руководители"


def ensure_collection(dealer: "Dealer") -> None:
    """Gives a dealer a collection of its own, called as the dealer is.

    Rights on the root, or on another dealer's collection, would be rights on others' photos.
    """
    others = type(dealer).objects.exclude(pk=dealer.pk).filter(collection=dealer.collection_id)
    if dealer.collection_id is None or dealer.collection.is_root() or others.exists():
        dealer.collection = Collection.get_first_root_node().add_child(instance=Collection(name=dealer.name))
    elif dealer.collection.name != dealer.name:
        dealer.collection.name = dealer.name
        dealer.collection.save(update_fields=["name"])


def ensure_dealer_access(dealer: "Dealer") -> None:
    """The dealer's two groups, called as the dealer is, with their rights on its collection. Can be called again."""
    dealer.group = _group(dealer, dealer.group, GROUP_NAME, MEMBERS_MAY)
    dealer.manager_group = _group(dealer, dealer.manager_group, MANAGER_GROUP_NAME, MANAGERS_MAY)
    type(dealer).objects.filter(pk=dealer.pk).update(
        collection=dealer.collection, group=dealer.group, manager_group=dealer.manager_group
    )


def _group(dealer: "Dealer", group: Group | None, pattern: str, codenames: tuple[str, ...]) -> Group:
    group = group or Group()
    name = pattern.format(dealer.name)
    if group.name != name:
        # Somebody may have called another group so; its rights are not this dealer's.
        taken = Group.objects.filter(name=name).exclude(pk=group.pk).exists()
        group.name = pattern.format(f"{dealer.name} ({dealer.slug})") if taken else name
        group.save()
    wanted = Permission.objects.filter(content_type__app_label="wagtailimages", codename__in=codenames)
    for permission in wanted:
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=dealer.collection, permission=permission
        )
    return group


def dealer_groups() -> Any:
    """The groups that come and go with memberships: dealers' own and those of their people's roles."""
    names = [ROLES[key].group for key in ROLE_OF.values()]
    return Q(dealer__isnull=False) | Q(managed_dealer__isnull=False) | Q(name__in=names)


@transaction.atomic
def sync_access(user: User) -> None:
    """Gives the user the groups that his memberships say, and takes away those that they do not say any more.

    Permissions are read anew with every request, so that the very next one is refused.
    """
    wanted: set[Group | None] = set()
    for member in user.dealer_members.select_related("dealer__group", "dealer__manager_group"):
        wanted.add(role_group(ROLE_OF[MemberRole(member.role)]))
        wanted.add(member.dealer.group)
        if member.role != MemberRole.AGENT:
            wanted.add(member.dealer.manager_group)
    has = set(user.groups.filter(dealer_groups()))
    user.groups.remove(*(has - wanted))
    user.groups.add(*(group for group in wanted - has if group))
    # For whoever goes on with this very object: what it remembers is no longer true.
    for name in ("_dealer_ids", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)
