"""Keeps people's groups as their memberships say, whichever way a membership came or went."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from cms.images.watermarks import set_watermark
from cms.users.models import User
from cms.users.roles import Role
from cms.users.signals import roles_set_up

from .dealers import ensure_collection, ensure_dealer_access, sync_access
from .models import Dealer, DealerMember


@receiver([post_save, post_delete], sender=DealerMember)
def member_came_or_went(instance: DealerMember, raw: bool = False, **kwargs: Any) -> None:
    # A membership may go because its user is being deleted.
    user = User.objects.filter(pk=instance.user_id).first()
    if user is not None and not raw:
        sync_access(user)


@receiver(post_save, sender=Dealer)
def dealer_signs_its_photos(instance: Dealer, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        set_watermark(instance.collection, instance.watermark.strip())


@receiver(post_delete, sender=Dealer)
def dealer_has_gone(instance: Dealer, **kwargs: Any) -> None:
    """Its groups would give rights to nobody's photos. The collection stays with the photos that are in it."""
    set_watermark(instance.collection, "")
    Group.objects.filter(pk__in=[instance.group_id, instance.manager_group_id]).delete()


@receiver(roles_set_up, sender=Role)
def dealers_get_their_groups(**kwargs: Any) -> None:
    """For dealers that are older than their groups, and for people whose groups somebody has changed by hand."""
    for dealer in Dealer.objects.select_related("collection", "group", "manager_group"):
        ensure_collection(dealer)
        ensure_dealer_access(dealer)
    for user in User.objects.filter(dealer_members__isnull=False).distinct():
        sync_access(user)
