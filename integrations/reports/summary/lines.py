"""The report of publications: its lines with their names, and their sum."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from integrations.publications.models import Channel
from integrations.reports.vocabulary import GroupBy
from listings.models import Dealer, PublishedListing

from .counting import Scope, cars, counts, medians

CARS_PER_PAGE = 50
BATCH = 2000
"""Cars that are counted in one go for a file."""


@dataclass
class Line:
    """None: not known, or not told by the platform; 0 is a known nought."""

    name: str = ""
    published: int = 0
    again: int = 0
    updated: int = 0
    withdrawn: int = 0
    refused: int = 0
    unclear: int = 0
    attempts: int = 0
    succeeded: int = 0
    judged: int = 0
    took: timedelta | None = None
    standing: int | None = 0
    troubled: int | None = 0
    views: int | None = None
    likes: int | None = None
    comments: int | None = None

    @property
    def success(self) -> float | None:
        """Percent. Rounded down: 100 % means that nothing failed."""
        return int(1000 * self.succeeded / self.judged) / 10 if self.judged else None


COUNTED = tuple(field.name for field in fields(Line) if field.name not in {"name", "took"})


def report(scope: Scope, group_by: str) -> tuple[list[Line], Line]:
    """All lines in order, and their total. Not for cars: they are too many to be counted at once."""
    if group_by == GroupBy.DAY:
        total = total_of(scope)
        return _days(scope, total), total
    found = counts(scope, group_by)
    names = _channels(found) if group_by == GroupBy.CHANNEL else _dealers(found)
    lines = [Line(names.get(key, str(key)), **values) for key, values in found.items()]
    return sorted(lines, key=lambda line: line.name), total_of(scope, lines)


def cars_in(scope: Scope) -> QuerySet[PublishedListing]:
    small = PublishedListing.objects.only("title", "year")
    return small.filter(pk__in=cars(scope)).order_by("title", "year", "pk")


def lines_of_cars(scope: Scope, documents: Iterable[PublishedListing]) -> list[Line]:
    documents = list(documents)
    found = counts(scope.of_cars(document.pk for document in documents), GroupBy.CAR)
    return [Line(f"{document.title}, {document.year}", **found.get(document.pk, {})) for document in documents]


def all_lines(scope: Scope, group_by: str) -> Iterator[Line]:
    """For files, the total last: cars a batch at a time."""
    if group_by != GroupBy.CAR:
        lines, total = report(scope, group_by)
        yield from (*lines, total)
        return
    for page in Paginator(cars_in(scope), BATCH):
        yield from lines_of_cars(scope, page)
    yield total_of(scope)


def total_of(scope: Scope, lines: list[Line] | None = None) -> Line:
    """Of all that the report tells of. `lines`: all of them, if they are known; then only the median is asked for."""
    if lines is None:
        return Line(str(_("Total")), **counts(scope, None).get(None, {}))
    values: dict[str, Any] = medians(scope, None).get(None, {})
    for name in COUNTED:
        known = [value for line in lines if (value := getattr(line, name)) is not None]
        values[name] = sum(known) if known else getattr(Line, name)
    return Line(str(_("Total")), **values)


def _days(scope: Scope, total: Line) -> list[Line]:
    """Every day of the period. How many stood there follows from the end, backwards."""
    found = counts(scope, GroupBy.DAY)
    standing = total.standing or 0
    lines = []
    for day in reversed(scope.period.days):
        line = Line(date_format(day, "j E Y"), **found.get(day, {}))
        line.standing, line.troubled = standing, None
        standing = max(standing - line.published - line.again + line.withdrawn, 0)
        lines.append(line)
    return lines[::-1]


def _channels(found: Iterable[int]) -> dict[int, str]:
    return dict(Channel.objects.filter(pk__in=list(found)).values_list("pk", "name"))


def _dealers(found: Iterable[str]) -> dict[str, str]:
    return dict(Dealer.objects.filter(slug__in=list(found)).values_list("slug", "name"))
