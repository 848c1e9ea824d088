"""What people read of a publication: its problem, and the buttons that lead out of it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from integrations.marketplaces.base import Words
from listings.places import Tone

from .models import Publication
from .vocabulary import IN_MOTION, TROUBLED, Desired, State

PUBLISHED = _("It is published")
PUBLISH_AGAIN = _("Publish again")
NOT_PUBLISHED = _("It is not published")
DONE = _("Done")
TRY_NOW = _("Try now")


@dataclass(frozen=True)
class Button:
    """Posts to `url`. `asks`: with the post's address, if the person has it."""

    label: Words
    url: str
    asks: bool = False


def actions_of(row: Publication) -> list[Button]:
    if row.state == State.UNCERTAIN:
        missing = PUBLISH_AGAIN if row.desired == Desired.PRESENT else NOT_PUBLISHED
        return [_button(row, PUBLISHED, "confirm", asks=True), _button(row, missing, "missing")]
    if row.state == State.MANUAL:
        again = [_button(row, PUBLISH_AGAIN, "anew")] if row.desired == Desired.PRESENT else []
        return [_button(row, DONE, "by-hand"), *again]
    if row.state == State.FAILED:
        again = [_button(row, PUBLISH_AGAIN, "anew")] if row.has_post and row.desired == Desired.PRESENT else []
        return [_button(row, TRY_NOW, "retry"), *again]
    if row.state in IN_MOTION and row.error_class:
        return [_button(row, TRY_NOW, "retry")]
    return []


def problem_of(row: Publication) -> str:
    """Why it is not as it should be, and when it goes on. Empty if all is well."""
    if row.state in IN_MOTION and row.channel.paused_at:
        return row.channel.paused_reason
    if row.state == State.UNCERTAIN:
        hint = _("Look into the channel: is the post there? Then press the button that is true.")
        return f"{row.error_text} {hint}"
    if row.error_text and row.state in IN_MOTION and row.next_attempt_at:
        when = date_format(localtime(row.next_attempt_at), "H:i:s")
        return _("%(problem)s Next attempt at %(when)s.") % {"problem": row.error_text, "when": when}
    if row.state in TROUBLED:
        return row.error_text
    return row.note


def tone(row: Publication) -> Tone:
    if row.state in TROUBLED or (row.state in IN_MOTION and row.channel.paused_at):
        return "bad"
    if row.state in IN_MOTION:
        return "waiting"
    if row.state == State.PUBLISHED:
        return "good" if row.confirmed_at else "waiting"
    return "off"


def state_label(row: Publication) -> str:
    if row.state in IN_MOTION and row.channel.paused_at:
        return str(_("The channel is paused"))
    if row.channel.resting_until and row.state in IN_MOTION:
        return str(_("The platform is down, it is asked again soon"))
    if row.state == State.PUBLISHED and row.confirmed_at is None:
        # Nobody has seen it there yet: the platform fetches a file when it likes.
        return str(_("In the feed: the platform fetches the file"))
    if row.state == State.PENDING and row.not_before and row.not_before > timezone.now():
        when = date_format(localtime(row.not_before), "j E, H:i")
        return str(_("Planned for %(when)s") % {"when": when})
    return str(State(row.state).label)


def _button(row: Publication, label: Words, verb: str, *, asks: bool = False) -> Button:
    return Button(label, reverse("publications_decide", args=[row.pk, verb]), asks)
