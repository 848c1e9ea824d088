"""E-mails about what moderators decided: to whoever submitted the car and to the dealer's managers."""

import logging
from collections.abc import Sequence
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from wagtail.models import TaskState

from cms.celery import send
from cms.users.models import User
from listings.models import Listing
from listings.signals import moderation_ended
from listings.vocabulary import MemberRole

from .workflow import decided_tasks

logger = logging.getLogger(__name__)


@receiver(moderation_ended, sender=Listing)
def tell_the_dealer(listings: Sequence[Listing], **kwargs: Any) -> None:
    """After the commit, by a worker: a message holds numbers, no names and no comments."""
    tasks = list(decided_tasks(listings).values_list("pk", flat=True))
    transaction.on_commit(partial(send, "listings.tell_of_moderation", tasks))


def send_notices(task_ids: Sequence[int]) -> None:
    """One e-mail for each person about all his cars that were decided on together."""
    tasks = list(
        TaskState.objects.filter(pk__in=task_ids).select_related("workflow_state__requested_by", "finished_by")
    )
    cars = Listing.objects.in_bulk([int(task.workflow_state.object_id) for task in tasks])
    mine: dict[str, list[tuple[Listing, TaskState]]] = {}
    for task in tasks:
        car = cars.get(int(task.workflow_state.object_id))
        if car is not None:
            for address in _addresses(car, task.workflow_state.requested_by):
                mine.setdefault(address, []).append((car, task))
    for address, decided in mine.items():
        try:
            _message(address, decided).send()
        except (SMTPException, OSError) as error:
            # Only the class: a mail server's answer may repeat the address.
            logger.warning("A notice of moderation was not sent: %s", type(error).__name__)


def _addresses(car: Listing, submitted_by: User | None) -> list[str]:
    """Whoever submitted it, unless he has left the dealer, and the dealer's managers."""
    members = car.dealer.members.filter(user__is_active=True).select_related("user")
    people = [
        member.user
        for member in members
        if member.role == MemberRole.MANAGER or member.user_id == getattr(submitted_by, "pk", None)
    ]
    return list(dict.fromkeys(person.email for person in people if person.email))


def _message(address: str, decided: Sequence[tuple[Listing, TaskState]]) -> EmailMessage:
    with override("ru"):
        returned = [pair for pair in decided if pair[1].status == TaskState.STATUS_REJECTED]
        approved = [pair for pair in decided if pair[1].status == TaskState.STATUS_APPROVED]
        if len(decided) == 1:
            car = decided[0][0]
            words = _("To be corrected: %s") if returned else _("Published: %s")
            subject = words % car
        else:
            words = ngettext("The moderator looked at %d car", "The moderator looked at %d cars", len(decided))
            subject = words % len(decided)
        context = {"returned": _lines(returned), "approved": _lines(approved)}
        body = render_to_string("listings/moderation/notice.txt", context)
    return EmailMessage(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [address])


def _lines(decided: Sequence[tuple[Listing, TaskState]]) -> list[dict[str, str]]:
    edit = Listing.snippet_viewset.get_url_name("edit")
    return [
        {
            "car": str(car),
            "comment": task.comment,
            "admin_url": f"{settings.CMS_URL}{reverse(edit, args=[car.pk])}",
            "site_url": f"{settings.SITE_URL}/cars/{car.slug}",
        }
        for car, task in decided
    ]
