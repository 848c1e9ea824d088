"""Letting people in at a dealer: somebody known by his exact e-mail, or somebody new who gets a letter."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.users.models import User

from .models import Dealer, DealerMember
from .permissions import sees_all_dealers

logger = logging.getLogger(__name__)

MAX_USERNAME = 150
"""Characters that Django's user has for it; an e-mail may be longer."""


class NotYoursToLetInError(ValueError):
    """The person may not be let in by this user; the words say what to do."""


@transaction.atomic
def let_in(
    dealer: Dealer, by: User, email: str, first_name: str, last_name: str, role: str
) -> tuple[DealerMember, bool]:
    """The membership, and whether the user is new and has no password yet. Raises NotYoursToLetInError.

    A dealer's manager may not take in who belongs somewhere else: he would learn who that is, and the person would
    get rights that nobody asked him about.
    """
    email = User.objects.normalize_email(email.strip())
    users = list(User.objects.select_for_update().filter(email__iexact=email)[:2])
    if len(users) > 1:
        raise NotYoursToLetInError(_("Several log-ins have this e-mail: ask an administrator."))
    if not users:
        return _add(dealer, email, first_name, last_name, role), True
    user = users[0]
    if dealer.members.filter(user=user).exists():
        raise NotYoursToLetInError(_("This person works here already. For another role remove him first."))
    if not user.is_active or not (sees_all_dealers(by) or _belongs_nowhere(user)):
        raise NotYoursToLetInError(_("This e-mail has a log-in elsewhere: ask an administrator to add the person."))
    return DealerMember.objects.create(dealer=dealer, user=user, role=role), False


def invite(member: DealerMember) -> bool:
    """Sends the letter with the link to choose a password. False: the mail server did not take it."""
    user = member.user
    link = reverse(
        "wagtailadmin_password_reset_confirm",
        args=[urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)],
    )
    with override("ru"):
        subject = _("Your access to %s") % member.dealer
        body = render_to_string(
            "listings/members/letter.txt",
            {
                "member": member,
                "link": f"{settings.CMS_URL}{link}",
                "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
                "log_in": f"{settings.CMS_URL}{reverse('wagtailadmin_login')}",
            },
        )
    try:
        send_mail(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [user.email])
    except (SMTPException, OSError) as error:
        logger.warning("Invitation of user %s was not sent: %s", user.pk, type(error).__name__)
        return False
    return True


def _add(dealer: Dealer, email: str, first_name: str, last_name: str, role: str) -> DealerMember:
    username = email.lower()
    if len(username) > MAX_USERNAME or User.objects.filter(username=username).exists():
        raise NotYoursToLetInError(_("This e-mail cannot be a log-in: ask an administrator to add the person."))
    user = User.objects.create_user(username, email, first_name=first_name, last_name=last_name)
    return DealerMember.objects.create(dealer=dealer, user=user, role=role)


def _belongs_nowhere(user: User) -> bool:
    return not (
        user.is_superuser or user.dealer_members.exists() or user.groups.exists() or user.user_permissions.exists()
    )
