"""Which listing a row means: by the number in the dealer's system first, then by VIN. Never by a guess."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from listings.models import Import, ImportRow, Listing
from listings.vocabulary import SaleState

from .errors import CellError


@dataclass(frozen=True)
class Keys:
    external_id: str = ""
    vin: str = ""


@dataclass
class Known:
    """What the database says about the keys of one batch. Built with a constant number of queries."""

    by_external_id: dict[str, Listing] = field(default_factory=dict)
    by_vin: dict[str, Listing] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    first_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    """("vin", value) to the number of the first row of the file that has it."""


def look_up(job: Import, rows: Sequence[tuple[int, Keys]]) -> Known:
    """`rows`: numbers and keys, in the order of the file."""
    external_ids = {keys.external_id for _number, keys in rows if keys.external_id}
    vins = {keys.vin for _number, keys in rows if keys.vin}
    known = Known()
    own = Listing.objects.filter(Q(external_id__in=external_ids) | Q(vin__in=vins), dealer=job.dealer)
    for listing in own.select_related("make", "model", "generation", "trim", "city"):
        if listing.external_id in external_ids:
            known.by_external_id[listing.external_id] = listing
        if listing.vin in vins and _prefers(listing, known.by_vin.get(listing.vin)):
            known.by_vin[listing.vin] = listing
    if vins:
        active = Listing.objects.filter(vin__in=vins, archived_at__isnull=True).exclude(sale_state=SaleState.SOLD)
        known.elsewhere = set(active.exclude(dealer=job.dealer).values_list("vin", flat=True))
    known.first_rows = _first_rows(job, rows, {"external_id": external_ids, "vin": vins})
    return known


def target(known: Known, number: int, keys: Keys) -> Listing | None:
    """The listing that the row means; None: a new one. Raises CellError."""
    if not keys.external_id and not keys.vin:
        reason = _("The row has neither a number in your system nor a VIN: it could not be found again.")
        raise CellError("external_id", "", reason)
    for column, value in (("external_id", keys.external_id), ("vin", keys.vin)):
        first = known.first_rows.get((column, value)) if value else None
        if first is not None and first < number:
            reason = _("Row %(first)d and row %(second)d are the same car: leave one.")
            raise CellError(column, value, reason % {"first": first, "second": number})
    by_id, by_vin = known.by_external_id.get(keys.external_id), known.by_vin.get(keys.vin)
    if by_id and by_vin and by_id.pk != by_vin.pk:
        reason = _("The number is of “%(first)s”, the VIN of “%(second)s”: one of them is wrong.")
        raise CellError("vin", keys.vin, reason % {"first": by_id, "second": by_vin})
    found = by_id or _same_car(by_vin, keys)
    if keys.vin in known.elsewhere:
        reason = _("A car with this VIN is on sale at another dealer of the group.")
        raise CellError("vin", keys.vin, reason)
    return found


def _same_car(listing: Listing | None, keys: Keys) -> Listing | None:
    """A car that was sold and comes back under another number is a new listing."""
    if listing and listing.sale_state == SaleState.SOLD and keys.external_id not in ("", listing.external_id):
        return None
    return listing


def _prefers(listing: Listing, other: Listing | None) -> bool:
    """Of several with one VIN at most one is active; of the others the newest counts."""
    return other is None or (_is_active(listing), listing.pk) > (_is_active(other), other.pk)


def _is_active(listing: Listing) -> bool:
    return listing.archived_at is None and listing.sale_state != SaleState.SOLD


def _first_rows(
    job: Import, rows: Sequence[tuple[int, Keys]], wanted: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for column, values in wanted.items():
        # Cars that come by the API belong to an import that is not kept.
        if values and job.pk:
            known = ImportRow.objects.filter(job=job, **{f"{column}__in": values}).order_by()
            found.update(
                {(column, value): first for value, first in known.values_list(column).annotate(first=Min("number"))}
            )
    for number, keys in rows:
        for column, value in (("external_id", keys.external_id), ("vin", keys.vin)):
            if value:
                found[column, value] = min(found.get((column, value), number), number)
    return found
