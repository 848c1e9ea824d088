"""What people decide of a post that stands there though it was withdrawn."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User
from integrations.publications.actions import require_change
from integrations.publications.models import Publication
from integrations.publications.vocabulary import Desired, State
from integrations.publications.wishes import look_soon

from . import checks
from .models import Watch
from .vocabulary import PostState

CHANGED = _("The state has changed meanwhile. Look again.")


def withdraw_again(publication: Publication, user: User) -> None:
    """The engine gets back how the post is found, and withdraws it. Raises ValidationError."""
    require_change(publication, user)
    with transaction.atomic():
        row = Publication.objects.select_for_update().get(pk=publication.pk)
        watch = _staying(row)
        if row.desired != Desired.ABSENT or row.state != State.WITHDRAWN or not watch.external:
            raise ValidationError(CHANGED)
        now = timezone.now()
        row.external, row.address, row.published_at = watch.external, watch.address, watch.published_at
        row.state, row.next_attempt_at = State.WITHDRAWING, now
        row.error_class, row.error_text, row.tries = "", "", 0
        row.save()
        watch.standing, watch.withdrawn_at = True, None
        watch.save()
        log(instance=row, action="monitoring.withdraw_again", user=user)
        look_soon(Publication.objects.filter(pk=row.pk))


def removed_by_hand(publication: Publication, user: User) -> None:
    """A person has removed the post on the platform and says so. Raises ValidationError."""
    require_change(publication, user)
    with transaction.atomic():
        row = Publication.objects.select_for_update().get(pk=publication.pk)
        checks.confirm_by_person(_staying(row), user.get_full_name() or user.get_username(), timezone.now())
        log(instance=row, action="monitoring.removed_by_hand", user=user)


def _staying(row: Publication) -> Watch:
    watch = Watch.objects.select_for_update().filter(publication_id=row.pk, standing=False).first()
    if watch is None or watch.state != PostState.LIVE or row.published_at is not None:
        raise ValidationError(CHANGED)
    return watch
