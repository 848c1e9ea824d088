"""Creates and changes cars that a dealer's program sends, as an import would: keyed by external id first, then VIN."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from listings.exchange.checking import Verdict
from listings.exchange.staging import SourceRow
from listings.exchange.states import RowOutcome
from listings.exchange.writing import write
from listings.models import ApiToken, Import

from .cells import JsonChecker

TRIES = 2
"""Somebody else may create the same car between our look and our write: then it is there at the second look."""


@dataclass
class Result:
    """What became of one car. `errors`: pointer into the car's JSON, message, value."""

    outcome: RowOutcome
    listing_id: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Options:
    submit: bool = False
    together: bool = False
    dry_run: bool = False


def upsert(token: ApiToken, cars: Sequence[Mapping[str, Any]], options: Options) -> list[Result]:
    """In the order of `cars`. One transaction, a constant number of queries. Raises IntegrityError after TRIES."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _upsert(token, cars, options)
        except IntegrityError:
            if attempt + 1 == TRIES:
                raise
    raise AssertionError


def _upsert(token: ApiToken, cars: Sequence[Mapping[str, Any]], options: Options) -> list[Result]:
    # An import that is not kept: it says whose cars these are and what shall become of them.
    job = Import(dealer=token.dealer, user=token.user, submit=options.submit)
    rows = [SourceRow(number, car) for number, car in enumerate(cars)]
    verdicts = JsonChecker(job).check(rows)
    refused = any(verdict.outcome == RowOutcome.REFUSED for verdict in verdicts)
    if not options.dry_run and not (options.together and refused):
        with transaction.atomic():
            write(job, verdicts)
            refused_now = any(verdict.outcome == RowOutcome.REFUSED for verdict in verdicts)
            if options.together and refused_now:
                transaction.set_rollback(True)
                refused = True
    results = [_result(verdict) for verdict in verdicts]
    if options.together and refused:
        return [_held_back(result) for result in results]
    return results


def _result(verdict: Verdict) -> Result:
    return Result(
        verdict.outcome,
        verdict.listing.pk if verdict.listing and verdict.outcome != RowOutcome.REFUSED else None,
        {name: pair for name, pair in verdict.changes.items() if verdict.outcome == RowOutcome.CHANGE},
        [
            {
                "pointer": f"/{error['column']}" if error["column"] else "",
                "message": error["reason"],
                "value": error["value"],
            }
            for error in verdict.errors
        ],
    )


def _held_back(result: Result) -> Result:
    """Right in itself, but refused with the others."""
    if result.outcome == RowOutcome.REFUSED:
        return result
    message = _("Nothing was written, because other cars of the request are refused.")
    return Result(RowOutcome.REFUSED, errors=[{"pointer": "", "message": message, "value": ""}])
