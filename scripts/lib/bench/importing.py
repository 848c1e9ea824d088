"""Run as a module: one step of `import_rows`. Writes its answer as JSON into the file that is named first."""

import csv
import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import django

KIBIBYTES = 1024
FIELDS = (
    *("external_id", "make", "model", "year", "mileage_km", "gearbox", "color", "fuel", "engine_cc", "body"),
    *("condition", "drive", "price", "currency", "exchange", "city"),
)
KEYS = {"make": "make__slug", "model": "model__slug", "city": "city__slug"}


def create(name: str) -> dict[str, Any]:
    _sql(f"CREATE DATABASE {name}")
    return {}


def copy(name: str, new: str) -> dict[str, Any]:
    _sql(f"CREATE DATABASE {new} TEMPLATE {name}")
    return {}


def prepare() -> dict[str, Any]:
    """What both sides need: tables, reference data, a dealer, a rate of the dollar."""
    from django.core.management import call_command

    from listings.models import ExchangeRate

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    _dealer()
    ExchangeRate.objects.get_or_create(currency="USD", date="2026-01-01", defaults={"rate": "3.0"})
    return {}


def file(count: str, target: str) -> dict[str, Any]:
    """The head of the real file, or one of the same columns."""
    real = os.environ.get("IMPORT_FILE")
    if real:
        with open(real, encoding="utf-8") as source, open(target, "w", encoding="utf-8") as head:
            for _number, line in zip(range(int(count) + 1), source, strict=False):
                head.write(line)
        return {}
    _made_up(int(count), Path(target))
    return {}


def ours(source: str, plain: str = "") -> dict[str, Any]:
    """`plain`: where to write the rows that were taken, in our codes."""
    answer = _timed(lambda: _import(source, direct=True))
    if plain:
        _write_plain(Path(plain))
    return answer


def checked(source: str) -> dict[str, Any]:
    return _timed(lambda: _import(source, direct=False))


def theirs(source: str, mode: str) -> dict[str, Any]:
    """Bulk mode writes no relations of many and calls no `save`: what the row itself needs is filled in here."""
    import tablib
    from import_export.fields import Field
    from import_export.resources import ModelResource
    from import_export.widgets import CachedForeignKeyWidget, ForeignKeyWidget

    from listings import rates
    from listings.models import CarModel, City, Listing, Make

    tuned = mode == "tuned"
    widget = CachedForeignKeyWidget if tuned else ForeignKeyWidget
    dealer = _dealer()

    class ListingResource(ModelResource):
        make = Field("make", "make", widget(Make, "slug"))
        model = Field("model", "model", widget(CarModel, "slug"))
        city = Field("city", "city", widget(City, "slug"))

        class Meta:
            model = Listing
            fields = FIELDS
            import_id_fields = ("external_id",)
            use_bulk = True
            batch_size = 1000
            skip_diff = skip_html_diff = tuned

        def before_save_instance(self, instance: Listing, row: Any, **kwargs: Any) -> None:
            instance.dealer = dealer
            instance.fill_in()

    def work() -> None:
        with open(source, encoding="utf-8") as handle:
            rows = tablib.Dataset().load(handle.read(), format="csv")
        # No query for the dollar's rate at every row: that would be our fault, not theirs.
        with rates.held():
            ListingResource().import_data(rows, raise_errors=True, use_transactions=True)

    return _timed(work)


def _import(source: str, *, direct: bool) -> None:
    from django.core.management import call_command

    with redirect_stdout(io.StringIO()):
        call_command("import_listings", source, publish=True, direct=direct)


def _timed(work: Callable[[], None]) -> dict[str, Any]:
    from listings.models import Listing

    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIBIBYTES
    return {"rows": Listing.objects.count(), "seconds": seconds, "peak_mb": peak}


def _write_plain(target: Path) -> None:
    from listings.models import Listing

    columns = [KEYS.get(name, name) for name in FIELDS]
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(FIELDS)
        writer.writerows(Listing.objects.order_by("pk").values_list(*columns).iterator())


def _made_up(count: int, target: Path) -> None:
    """Cars of the demo's generator, in the words of the public set."""
    from listings.exchange.mappings import kaggle_belarus as known
    from listings.management.commands.fill_catalogue import GeneratedStock
    from listings.models import Listing

    def word(codes: dict[str, Any], code: str) -> str:
        """A code that the set has no word for is told by its first one."""
        return next((text for text, value in codes.items() if value == code), next(iter(codes)))

    def row(listing: Listing) -> dict[str, Any]:
        return {
            "manufacturer_name": listing.make.name,
            "model_name": listing.model.name,
            "transmission": word(known.GEARBOXES, listing.gearbox),
            "color": word(known.COLORS, listing.color),
            "odometer_value": listing.mileage_km,
            "year_produced": listing.year,
            "engine_fuel": word(known.FUELS, listing.fuel),
            "engine_capacity": (listing.engine_cc or 0) / 1000 or "",
            "body_type": word(known.BODIES, listing.body),
            "state": word(known.CONDITIONS, listing.condition),
            "drivetrain": word(known.DRIVES, listing.drive),
            "price_usd": listing.price,
            "is_exchangeable": listing.exchange,
            "location_region": word(known.CENTRES, listing.city.slug),
        }

    stock = GeneratedStock(_dealer(), seed=7)
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, sorted(known.COLUMNS))
        writer.writeheader()
        writer.writerows(row(stock.listing()) for _ in range(count))


def _dealer() -> Any:
    from listings.management.commands.fill_catalogue import dealer

    return dealer()


def _sql(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    step.__name__: step for step in (create, copy, prepare, file, ours, checked, theirs)
}


def main(answer: str, step: str, *words: str) -> None:
    django.setup()
    Path(answer).write_text(json.dumps(STEPS[step](*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
