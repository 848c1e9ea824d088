"""Judges rows: what each would create, change or leave as it is, and what is wrong with it, cell by cell.

Nothing is written here. The dry run, the run itself and a correction in the browser all judge by this, so that what
was shown is what happens. A constant number of queries for each batch.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, prefetch_related_objects
from django.utils.translation import gettext as _

from listings import rates
from listings.bulk import newest_drafts
from listings.models import Import, Listing, PhotoDownload
from listings.models.listing import listing_title
from listings.vocabulary import PublicationState

from .columns import BY_NAME, missing
from .errors import CellError
from .matching import Keys, Known, look_up, target
from .reference import ReferenceLookup
from .staging import Mapper, Parsed, SourceRow
from .states import PhotoState, RowOutcome

RELATED = ("make", "model", "generation", "trim", "city")
LISTS = ("equipment", "payment_types")
PHOTOS = "photos"
UNCHECKED = [item.name for item in Listing._meta.fields if item.is_relation] + ["slug", "uuid"]
"""Foreign keys come from the reference data: no query for each."""
MAX_VALUE = 300
"""Characters of a wrong value that are kept to be shown."""
MAX_ADDRESS = 900


@dataclass
class Verdict:
    """What is to be done with a row. `listing` is the one that it means, as it is now; None for a new one."""

    row: SourceRow
    keys: Keys
    outcome: RowOutcome
    values: dict[str, Any] = field(default_factory=dict)
    listing: Listing | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    title: str = ""
    stock_number: str = ""
    photos: list[str] | None = None
    """Addresses of all photos, if the row names any."""
    fresh: Listing | None = None
    """The new listing, unsaved and found right."""


class Checker:
    """Judges the rows of one import. Knows the reference data and the meaning of the columns."""

    def __init__(self, job: Import) -> None:
        self.job = job
        self.mapper = Mapper(job, self.reference)

    @cached_property
    def reference(self) -> ReferenceLookup:
        return ReferenceLookup()

    def check(self, rows: Sequence[SourceRow]) -> list[Verdict]:
        """In the order of the rows, which is that of the file."""
        with rates.held():
            return self._check(rows)

    def _check(self, rows: Sequence[SourceRow]) -> list[Verdict]:
        parsed = [self.mapper.parse(row) for row in rows]
        keys = [Keys(item.values.get("external_id", ""), item.values.get("vin", "")) for item in parsed]
        known = look_up(self.job, [(row.number, found) for row, found in zip(rows, keys, strict=True)])
        verdicts = [self._match(*each, known) for each in zip(rows, parsed, keys, strict=True)]
        self._compare([verdict for verdict in verdicts if verdict.listing is not None and not verdict.errors])
        for verdict in verdicts:
            if verdict.listing is None and not verdict.errors:
                self._prepare_new(verdict)
            if verdict.errors:
                verdict.outcome = RowOutcome.REFUSED
        return verdicts

    def _match(self, row: SourceRow, parsed: Parsed, keys: Keys, known: Known) -> Verdict:
        values = dict(parsed.values)
        photos = values.pop(PHOTOS, None)
        verdict = Verdict(
            row, keys, RowOutcome.CREATE, values, title=row_title(values, parsed.cells), photos=photos,
            stock_number=values.get("stock_number", ""),
        )  # fmt: skip
        errors = list(parsed.errors)
        # A foreign row with an error has no values at all, and therefore no keys.
        unread = bool(errors) and bool(self.job.built_in)
        if not unread and not any(error.column in ("external_id", "vin") for error in errors):
            try:
                verdict.listing = target(known, row.number, keys)
            except CellError as error:
                errors.append(error)
        errors += [
            CellError(PHOTOS, address, _("This address is too long."))
            for address in photos or ()
            if len(address) > MAX_ADDRESS
        ]
        verdict.errors = [self._error(error) for error in errors]
        return verdict

    def _compare(self, verdicts: Sequence[Verdict]) -> None:
        """What would change in listings that are there; their newest content counts, not the public one."""
        rows = {verdict.listing.pk: verdict.listing for verdict in verdicts if verdict.listing}
        pending = [pk for pk, listing in rows.items() if listing.live and listing.has_unpublished_changes]
        drafts = newest_drafts(pending) if pending else {}
        prefetch_related_objects(list(drafts.values()), *RELATED)
        current: dict[int, Listing] = rows | drafts
        named = {name for verdict in verdicts for name in LISTS if name in verdict.values}
        prefetch_related_objects(list(rows.values()), *sorted(named))
        downloads = self._downloads(list(rows)) if any(verdict.photos for verdict in verdicts) else {}
        for verdict in verdicts:
            assert verdict.listing is not None  # noqa: S101  for the type checker
            now = current[verdict.listing.pk]
            verdict.changes = changed_values(now, verdict.values)
            if verdict.listing.archived_at:
                verdict.changes["publication"] = [PublicationState.ARCHIVED.value, PublicationState.DRAFT.value]
            before = downloads.get(verdict.listing.pk, [])
            if verdict.photos and verdict.photos != before:
                verdict.changes[PHOTOS] = [len(before), len(verdict.photos)]
            verdict.outcome = RowOutcome.CHANGE if verdict.changes else RowOutcome.SAME
            if verdict.changes:
                after = applied(copy.copy(now), verdict.values, lists=False)
                verdict.errors = self._invalid(after, verdict.changes)

    def _downloads(self, listing_ids: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        known = PhotoDownload.objects.filter(listing__in=listing_ids, member="").exclude(state=PhotoState.DROPPED)
        for listing_id, source in known.order_by("listing", "position").values_list("listing_id", "source"):
            found.setdefault(listing_id, []).append(source)
        return found

    def _prepare_new(self, verdict: Verdict) -> None:
        absent = missing(verdict.values)
        if absent:
            verdict.errors = [
                self._error(CellError(self.mapper.column_of(BY_NAME[name].field), "", _("A new car needs this.")))
                for name in absent
            ]
            return
        verdict.fresh = new_listing(self.job, verdict.values)
        verdict.errors = self._invalid(verdict.fresh, None)

    def _invalid(self, listing: Listing, changed: Mapping[str, Any] | None) -> list[dict[str, str]]:
        """What the listing's own rules say. Of what was wrong before and is not touched, nothing."""
        problems: dict[str, list[str]] = {}
        for rule in (partial(listing.clean_fields, exclude=UNCHECKED), listing.clean):
            try:
                rule()
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    problems.setdefault(name, []).extend(messages)
        return [
            self._error(CellError(self.mapper.column_of(name), _text(getattr(listing, name, "")), " ".join(messages)))
            for name, messages in problems.items()
            if changed is None or name in changed or name not in BY_NAME
        ]

    def _error(self, error: CellError) -> dict[str, str]:
        return {
            "column": error.column,
            "header": self.mapper.header(error.column),
            "value": error.value[:MAX_VALUE],
            "reason": error.reason,
        }


def changed_values(listing: Listing, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field to [old, new], readable, for what differs."""
    changes: dict[str, list[Any]] = {}
    for name, new in values.items():
        if name in LISTS:
            old = list(getattr(listing, name).all())
            if {item.pk for item in old} != {item.pk for item in new}:
                changes[name] = [sorted(map(str, old)), sorted(map(str, new))]
        elif isinstance(new, Model):
            if getattr(listing, f"{name}_id") != new.pk:
                changes[name] = [_text(getattr(listing, name)), _text(new)]
        elif getattr(listing, name) != new:
            changes[name] = [_plain(getattr(listing, name)), _plain(new)]
    return changes


def new_listing(job: Import, values: Mapping[str, Any]) -> Listing:
    """An unsaved listing; whatever the row does not say comes from its trim, its dealer or the field's default."""
    listing = Listing(dealer=job.dealer, city=job.dealer.city)
    listing.photos, listing.equipment, listing.payment_types = [], [], []
    return applied(listing, values)


def applied(listing: Listing, values: Mapping[str, Any], *, lists: bool = True) -> Listing:
    """The listing with the values, still to be cleaned. A title made of make, model and trim will follow them."""
    if listing.title and "title" not in values and listing.title == _made_up_title(listing):
        listing.title = ""
    for name, value in values.items():
        if lists or name not in LISTS:
            setattr(listing, name, value)
    return listing


def _made_up_title(listing: Listing) -> str:
    return listing_title(listing.make, listing.model, listing.trim)


def row_title(values: Mapping[str, Any], cells: Mapping[str, str]) -> str:
    """What the row speaks of, as far as it can be read."""
    words = [_text(values.get(name) or cells.get(name, "")) for name in ("make", "model", "year")]
    found = " ".join(filter(None, words)) or cells.get("title", "") or " ".join(list(filter(None, cells.values()))[:3])
    return found[:140]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _text(value: Any) -> str:
    return "" if value is None else str(getattr(value, "name", value))
