"""Stopping all channels at once, and pausing single ones by hand."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User

from .actions import require_channel
from .models import Channel, MasterSwitch
from .wishes import catch_up

LONGEST_REASON = 200


def master_switch() -> MasterSwitch | None:
    """Who has stopped everything, when and why; None: the channels work."""
    return MasterSwitch.objects.select_related("paused_by").first()


def stop_all(user: User, reason: str) -> None:
    """Nothing begins from now on; what is being sent is finished. Raises ValidationError."""
    require_channel(user)
    words = _read(reason)
    with transaction.atomic():
        values = {"paused_at": timezone.now(), "paused_by": user, "reason": words}
        switch, made = MasterSwitch.objects.get_or_create(pk=1, defaults=values)
        if not made:
            raise ValidationError(_("All channels are stopped already."))
        log(instance=switch, action="publications.stop_all", user=user, data={"reason": words})


def start_all(user: User) -> None:
    """Whatever has become due meanwhile is done by the sweep. Raises ValidationError."""
    require_channel(user)
    with transaction.atomic():
        switch = MasterSwitch.objects.select_for_update().first()
        if switch is None:
            raise ValidationError(_("The channels work already."))
        log(instance=switch, action="publications.start_all", user=user)
        switch.delete()


def refuses_pause(channel: Channel) -> str:
    return str(_("It is paused by hand already.")) if channel.paused_by_hand else ""


def refuses_resume(channel: Channel) -> str:
    return "" if channel.paused_by_hand else str(_("Nobody has paused it by hand."))


def pause_channel(channel: Channel, user: User, *, reason: str) -> None:
    """Until a person resumes it: no check that succeeds ends this pause. Raises ValidationError."""
    require_channel(user)
    words = _read(reason)
    with transaction.atomic():
        values = {"paused_at": timezone.now(), "paused_by_hand": True, "paused_reason": _signed(words, user)}
        if not Channel.objects.filter(pk=channel.pk, paused_by_hand=False).update(**values):
            raise ValidationError(refuses_pause(channel) or _("It is paused by hand already."))
        log(instance=channel, action="publications.pause", user=user, data={"reason": words})


def resume_channel(channel: Channel, user: User) -> None:
    """A problem that was there before the pause shows itself again. Raises ValidationError."""
    require_channel(user)
    values = {"paused_at": None, "paused_by_hand": False, "paused_reason": ""}
    with transaction.atomic():
        if not Channel.objects.filter(pk=channel.pk, paused_by_hand=True).update(**values):
            raise ValidationError(_("Nobody has paused it by hand."))
        log(instance=channel, action="publications.resume", user=user)
    catch_up(channel)


def _signed(reason: str, user: User) -> str:
    words = _("Paused by %(name)s: %(reason)s")
    return str(words % {"name": user.get_full_name() or user.get_username(), "reason": reason})


def _read(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise ValidationError(_("Say why: your colleagues will read it."))
    if len(words) > LONGEST_REASON:
        raise ValidationError(_("The reason is too long: at most %d characters.") % LONGEST_REASON)
    return words
