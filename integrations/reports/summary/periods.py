"""The days that a report tells of, on the clock of the site (`TIME_ZONE`)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.publications.pruning import KEPT
from integrations.reports.vocabulary import Every

LONGEST = KEPT.days
"""Days: attempts are kept no longer."""
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


class Chosen(TextChoices):
    TODAY = "today", gettext_lazy("Today")
    YESTERDAY = "yesterday", gettext_lazy("Yesterday")
    WEEK = "week", gettext_lazy("7 days")
    MONTH = "month", gettext_lazy("This month")
    PREVIOUS_MONTH = "previous_month", gettext_lazy("Previous month")
    DATES = "dates", gettext_lazy("From … to …")


@dataclass(frozen=True)
class Period:
    """Whole days, both ends included."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        return _midnight(self.since)

    @property
    def ends(self) -> datetime:
        """The first moment that is no longer in it."""
        return _midnight(self.until + DAY)

    @property
    def days(self) -> list[date]:
        return [self.since + timedelta(days=number) for number in range((self.until - self.since).days + 1)]

    def __str__(self) -> str:
        """What both days share is said once."""
        until = date_format(self.until, "j E Y")
        if self.since == self.until:
            return until
        if self.since.year != self.until.year:
            return f"{date_format(self.since, 'j E Y')} – {until}"
        if self.since.month != self.until.month:
            return f"{date_format(self.since, 'j E')} – {until}"
        return f"{self.since.day}–{until}"


def period_of(chosen: str, today: date, since: date | None = None, until: date | None = None) -> Period:
    """The days that a person means. Raises ValidationError for dates that no report can tell of."""
    match chosen:
        case Chosen.TODAY:
            return Period(today, today)
        case Chosen.YESTERDAY:
            return Period(today - DAY, today - DAY)
        case Chosen.WEEK:
            return Period(today - WEEK + DAY, today)
        case Chosen.MONTH:
            return Period(today.replace(day=1), today)
        case Chosen.PREVIOUS_MONTH:
            return month_before(today)
    return _dates(today, since, until)


def _dates(today: date, since: date | None, until: date | None) -> Period:
    if since is None or until is None:
        raise ValidationError(_("Say from which day to which day."))
    if since > until:
        raise ValidationError(_("The first day is later than the last one."))
    if until > today:
        raise ValidationError(_("The last day is still to come."))
    if since < today - timedelta(days=LONGEST):
        raise ValidationError(
            _("What was done is kept for %(days)d days: choose a later first day.") % {"days": LONGEST}
        )
    return Period(since, until)


def month_before(day: date) -> Period:
    last = day.replace(day=1) - DAY
    return Period(last.replace(day=1), last)


def site_day(moment: datetime) -> date:
    """Not the day of the person who looks: a report that he forwards must tell others the same."""
    return timezone.localdate(moment, timezone.get_default_timezone())


# --- By e-mail ------------------------------------------------------------------------------------
def is_sending_day(every: str, weekday: int, day: date) -> bool:
    if every == Every.WEEK:
        return day.weekday() == weekday
    return every == Every.DAY or day.day == 1


def next_sending(every: str, weekday: int, hour: int, after: datetime) -> datetime:
    """The first moment after the given one at which such a report is to be sent."""
    day = site_day(after)
    while not (is_sending_day(every, weekday, day) and _at(day, hour) > after):
        day += DAY
    return _at(day, hour)


def told_period(every: str, weekday: int, hour: int, now: datetime) -> Period:
    """The days of the newest report that is due by now: of several that were missed only this one is worth sending."""
    day = site_day(now)
    while not (is_sending_day(every, weekday, day) and _at(day, hour) <= now):
        day -= DAY
    if every == Every.MONTH:
        return month_before(day)
    return Period(day - (WEEK if every == Every.WEEK else DAY), day - DAY)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_default_timezone())


def _midnight(day: date) -> datetime:
    return _at(day, 0)
