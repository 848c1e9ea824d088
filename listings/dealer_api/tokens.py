"""Makes, finds and revokes tokens of the API."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from cms.users.models import User
from listings.models import ApiToken, Dealer, DealerMember
from listings.permissions import manages, sees_all_dealers
from listings.vocabulary import MemberRole, Scope

PREFIX = "avf"
"""Lets people and secret scanners tell our tokens from others'."""
SECRET_BYTES = 32
KEY_BYTES = 6
USED_EVERY = timedelta(minutes=1)
"""How exactly a token remembers when it was used: not every request is worth an UPDATE."""
NOBODY = hashlib.sha256(b"nobody").hexdigest()


@dataclass(frozen=True)
class Issued:
    """A new token, with its secret in full for the only time."""

    token: ApiToken
    secret: str


def may_manage(user: User, dealer: Dealer) -> bool:
    """An administrator for every dealer, a dealer's manager for his own."""
    if not user.is_active:
        return False
    if user.has_perm("listings.add_apitoken"):
        return sees_all_dealers(user) or manages(user, dealer)
    return False


def grantable(user: User) -> list[Scope]:
    """Scopes that the user may give away: nobody gives a right that he does not have."""
    return [scope for scope in Scope if scope != Scope.LISTINGS_MODERATE or user.has_perm("listings.publish_listing")]


def issue(
    name: str, dealer: Dealer, scopes: Collection[str], user: User, *, expires_at: datetime | None = None
) -> Issued:
    """Makes a token and the member of the dealer who acts by it. Raises PermissionDenied, ValidationError."""
    if not may_manage(user, dealer):
        raise PermissionDenied
    wanted = [scope for scope in Scope if scope.value in scopes]
    if not wanted or len(wanted) != len(set(scopes)):
        raise ValidationError(_("Choose what the token may be used for."))
    if not set(wanted) <= set(grantable(user)):
        raise PermissionDenied
    key, secret = secrets.token_hex(KEY_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    text = f"{PREFIX}_{key}_{secret}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name,
            dealer=dealer,
            user=_acting_user(name, key, dealer, wanted),
            scopes=[scope.value for scope in wanted],
            key=key,
            secret_hash=_hash(text),
            last_characters=text[-4:],
            created_by=user,
            expires_at=expires_at,
        )
        log(instance=token, action="wagtail.create", user=user)
    return Issued(token, text)


def revoke(token: ApiToken, user: User) -> None:
    """From the next request on the token is refused. The member stays: histories name him."""
    if not may_manage(user, token.dealer):
        raise PermissionDenied
    with transaction.atomic():
        token.revoked_at = token.revoked_at or timezone.now()
        token.save(update_fields=["revoked_at"])
        User.objects.filter(pk=token.user_id).update(is_active=False)
        DealerMember.objects.filter(user=token.user_id).delete()
        log(instance=token, action="listings.revoke_token", user=user)


def find(text: str) -> ApiToken | None:
    """The token, if it is valid and its member still works at the dealer. Takes as long for a wrong one."""
    prefix, _underscore, rest = text.partition("_")
    key = rest.partition("_")[0]
    token = ApiToken.objects.select_related("user", "dealer").filter(key=key[:16]).first()
    right = hmac.compare_digest(_hash(text), token.secret_hash if token else NOBODY)
    if token is None or not right or prefix != PREFIX:
        return None
    return token if token.is_valid and token.user.is_active and manages(token.user, token.dealer) else None


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        due = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiToken.objects.filter(due, pk=token.pk).update(last_used_at=now)


def _acting_user(name: str, key: str, dealer: Dealer, scopes: Collection[Scope]) -> User:
    user = User(username=f"api-{key}", first_name=f"API: {name}"[:150])
    user.set_unusable_password()
    user.save()
    DealerMember.objects.create(dealer=dealer, user=user, role=MemberRole.INTEGRATION)
    if Scope.LISTINGS_MODERATE in scopes:
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label="listings", codename="publish_listing")
        )
    return user


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
