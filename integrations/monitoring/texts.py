"""What people read of a difference: how it was found out, and what leads out of it."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from integrations.publications.models import Publication

from .vocabulary import Drift


def what_is_wrong(row: Publication) -> str:
    """Of a publication with `drift`."""
    watch = getattr(row, "watch", None)
    drift = row.drift  # type: ignore[attr-defined]
    if drift == Drift.UNSEEN:
        when = date_format(localtime(row.published_at), "j E Y") if row.published_at else ""
        return _("Handed over %(when)s; the platform has not confirmed it since.") % {"when": when}
    if drift == Drift.DIFFERS:
        problems = [str(problem) for problem in watch.problems] if watch else []
        return " ".join(problems) or row.error_text
    return watch.how if watch else ""


def advice(row: Publication) -> str:
    return {
        Drift.GONE: _("Open the publication: publish it again, or take the car out of the channel."),
        Drift.STAYS: _("Withdraw it once more, or remove it on the platform yourself and say so here."),
        Drift.DIFFERS: _("Read what the platform says, correct the listing, then press “Try now”."),
        Drift.UNSEEN: _("Look whether the platform fetches your file, and whether the car is in it."),
    }[Drift(row.drift)]  # type: ignore[attr-defined]
