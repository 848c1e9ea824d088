"""What was done in a period, counted by the database: by channel, dealer, day or car.

Everything starts from the publications that somebody may see. The number of queries does not grow with the rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber, TruncDate
from django.utils import timezone

from integrations.monitoring.models import PublicationDay
from integrations.publications.models import Publication, PublicationAttempt
from integrations.publications.vocabulary import TROUBLED, Operation, Result
from integrations.reports.dashboard.pace import UNJUDGED
from integrations.reports.vocabulary import GroupBy

from .periods import Period

Key = Any
Found = dict[Key, dict[str, Any]]

FIGURES = ("views", "likes", "comments")
"""Of what platforms tell, that which managers ask for."""


@dataclass(frozen=True)
class Scope:
    """Whose publications, of which days. `publications` has been limited to what the person may see."""

    publications: QuerySet[Publication]
    period: Period
    now: datetime

    @property
    def attempts(self) -> QuerySet[PublicationAttempt]:
        """Those of the period; of whole days by the start of each, by which they are indexed."""
        return PublicationAttempt.objects.filter(
            publication__in=self.publications, started_at__gte=self.period.begins, started_at__lt=self.period.ends
        ).order_by()

    def of_cars(self, documents: Iterable[int]) -> "Scope":
        return Scope(self.publications.filter(document__in=list(documents)), self.period, self.now)


def counts(scope: Scope, group_by: str | None) -> Found:
    """By key the counts of `Line`, without those that are 0 everywhere. `group_by` None: all at once, under None."""
    found: Found = defaultdict(dict)
    parts = [_attempts(scope, group_by), medians(scope, group_by)]
    if group_by != GroupBy.DAY:
        parts += [_standing(scope, group_by), _figures(scope, group_by)]
    for part in parts:
        for key, values in part.items():
            found[key] |= values
    return {key: values for key, values in found.items() if any(values.values())}


def published_by_day(scope: Scope) -> dict[Any, int]:
    new = _new_posts(scope)
    rows = new.values(line=_key(GroupBy.DAY, "publication__")).annotate(count=Count("pk"))
    return {row["line"]: row["count"] for row in rows}


def cars(scope: Scope) -> QuerySet[Publication, Any]:
    """The documents (`document`) of which a report by car tells: something was done, or stands there."""
    done = PublicationAttempt.objects.filter(
        publication=OuterRef("pk"), started_at__gte=scope.period.begins, started_at__lt=scope.period.ends
    )
    return scope.publications.filter(Exists(done) | Q(published_at__isnull=False)).order_by().values("document")


# --- What was done ----------------------------------------------------------------------------------
def _attempts(scope: Scope, group_by: str | None) -> Found:
    done = Q(result=Result.DONE)
    created = done & Q(operation=Operation.CREATE)
    numbers = {
        "attempts": Count("pk"),
        "published": Count("pk", filter=created & Q(~_made_before())),
        "again": Count("pk", filter=created & Q(_made_before())),
        "updated": Count("pk", filter=done & Q(operation=Operation.UPDATE)),
        "withdrawn": Count("pk", filter=done & Q(operation=Operation.WITHDRAW)),
        "refused": Count("pk", filter=Q(result=Result.INVALID)),
        "unclear": Count("pk", filter=Q(result__in=(Result.UNCERTAIN, Result.MANUAL))),
        "succeeded": Count("pk", filter=done),
        "judged": Count("pk", filter=~Q(result__in=UNJUDGED)),
    }
    return _grouped(scope.attempts, _key(group_by, "publication__"), numbers)


def _made_before() -> Exists:
    """The publication had a post before: this one only brings it up again."""
    return Exists(
        PublicationAttempt.objects.filter(
            publication=OuterRef("publication"), pk__lt=OuterRef("pk"), operation=Operation.CREATE, result=Result.DONE
        )
    )


def _new_posts(scope: Scope) -> QuerySet[PublicationAttempt]:
    return scope.attempts.filter(~_made_before(), operation=Operation.CREATE, result=Result.DONE)


def medians(scope: Scope, group_by: str | None) -> Found:
    """The median from the wish to the post. The database hands out the one or two attempts in the middle."""
    key = _key(group_by, "publication__")
    parts = [key] if key else None
    took = ExpressionWrapper(F("finished_at") - F("wanted_at"), output_field=DurationField())
    rows = (
        scope.attempts.filter(operation=Operation.CREATE, result=Result.DONE)
        .annotate(
            took=took,
            twice=Window(RowNumber(), partition_by=parts, order_by=[took, "pk"]) * 2,
            of=Window(Count("pk"), partition_by=parts),
        )
        .filter(twice__gte=F("of"), twice__lte=F("of") + 2)
    )
    middle: dict[Key, list[timedelta]] = defaultdict(list)
    for row in rows.values("took", **({"line": key} if key else {})):
        middle[row.get("line")].append(row["took"])
    return {key: {"took": sum(values, timedelta()) / len(values)} for key, values in middle.items()}


# --- What stands there ------------------------------------------------------------------------------
def _standing(scope: Scope, group_by: str | None) -> Found:
    """At the end of the period. What has been withdrawn since then stood there, unless it was put there since then."""
    stands = Q(published_at__isnull=False)
    rows = scope.publications.order_by()
    if scope.period.ends <= scope.now:
        next_change = PublicationAttempt.objects.filter(
            publication=OuterRef("pk"),
            started_at__gte=scope.period.ends,
            result=Result.DONE,
            operation__in=(Operation.CREATE, Operation.WITHDRAW),
        )
        rows = rows.annotate(next_change=Subquery(next_change.order_by("pk").values("operation")[:1]))
        stands = Q(published_at__lt=scope.period.ends) | Q(next_change=Operation.WITHDRAW)
    numbers = {
        "standing": Count("pk", filter=stands),
        "troubled": Count("pk", filter=Q(state__in=TROUBLED)),
    }
    return _grouped(rows, _key(group_by, ""), numbers)


def _figures(scope: Scope, group_by: str | None) -> Found:
    """By how much the platforms' figures grew. None where no platform has told any: that is not nought."""
    days = PublicationDay.objects.filter(publication=OuterRef("pk"))
    period = scope.period
    told = days.filter(day__gte=period.since, day__lte=period.until)
    # A post counts from nought, a new one of the same car again: older days speak of another post.
    born = TruncDate("published_at", tzinfo=timezone.get_default_timezone())
    rows = scope.publications.order_by().filter(Exists(told)).annotate(born=Coalesce(born, Value(date.min)))
    before = days.filter(day__lt=period.since, day__gte=OuterRef("born"))
    numbers = {}
    for name in FIGURES:
        end, start = (
            Subquery(found.filter(**{f"{name}__isnull": False}).order_by("-day").values(name)[:1])
            for found in (told, before)
        )
        rows = rows.annotate(**{f"end_{name}": end, f"start_{name}": start})
        numbers[name] = Sum(F(f"end_{name}") - Coalesce(F(f"start_{name}"), 0))
    return _grouped(rows, _key(group_by, ""), numbers)


# --- Common -----------------------------------------------------------------------------------------
def _key(group_by: str | None, to_publication: str) -> Any:
    match group_by:
        case GroupBy.CHANNEL:
            return F(f"{to_publication}channel_id")
        case GroupBy.CAR:
            return F(f"{to_publication}document_id")
        case GroupBy.DEALER:
            return dealer_key(to_publication)
        case GroupBy.DAY:
            return TruncDate("started_at", tzinfo=timezone.get_default_timezone(), output_field=DateField())
    return None


def dealer_key(to_publication: str = "") -> Coalesce:
    """The dealer who has the car; of a deleted one, who had it."""
    document = f"{to_publication}document__"
    return Coalesce(F(f"{document}listing__dealer__slug"), F(f"{document}dealer"))


def of_dealer(publications: QuerySet[Publication], slug: str) -> QuerySet[Publication]:
    return publications.alias(its_dealer=dealer_key()).filter(its_dealer=slug)


def _grouped(rows: QuerySet[Any], key: Any, numbers: Mapping[str, Any]) -> Found:
    if key is None:
        return {None: rows.aggregate(**numbers)}
    return {row.pop("line"): row for row in rows.values(line=key).annotate(**numbers)}
