"""The command that imports a foreign file: what is right goes in whole, what is wrong is named by row and column."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from listings.exchange.states import ImportState
from listings.models import Dealer, Import, ImportRow, Listing, PublishedListing
from tests.factories import CarModelFactory, CityFactory, DealerFactory, ExchangeRateFactory, MakeFactory

pytestmark = pytest.mark.django_db

GOOD = {
    "manufacturer_name": "BMW", "model_name": "X5", "transmission": "automatic", "color": "black",
    "odometer_value": "150000", "year_produced": "2012", "engine_fuel": "diesel", "engine_capacity": "3.0",
    "body_type": "suv", "state": "owned", "drivetrain": "all", "price_usd": "20000.0", "is_exchangeable": "True",
    "location_region": "Минская обл.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folders(import_files: None) -> None:
    pass


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory(make=MakeFactory(name="BMW"))
    CityFactory()
    ExchangeRateFactory(rate="3.0")
    return DealerFactory()


def write(path: Path, *rows: dict[str, str]) -> Path:
    file = path / "cars.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, GOOD)
        writer.writeheader()
        writer.writerows(rows)
    return file


def run(file: Path, dealer: Dealer, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_listings", str(file), dealer=dealer.slug, stdout=out, **({"direct": True} | options))
    return out.getvalue()


@pytest.mark.smoke
@pytest.mark.parametrize("direct", [True, False])
def test_a_right_row_becomes_a_published_listing(dealer: Dealer, tmp_path: Path, direct: bool) -> None:
    said = run(write(tmp_path, GOOD), dealer, publish=True, direct=direct)

    listing = Listing.objects.get()
    assert "1 created, 0 changed, 0 were there already, 0 refused." in said
    assert (listing.price, listing.currency, listing.price_byn, listing.engine_cc) == (20_000, "USD", 60_000, 3000)
    assert listing.get_latest_revision_as_object().price == 20_000
    assert PublishedListing.objects.public().get().listing == listing
    assert ImportRow.objects.count() == (0 if direct else 1)
    assert Import.objects.get().state == ImportState.DONE


def test_a_second_run_and_doubled_rows_add_nothing(dealer: Dealer, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, GOOD)

    run(file, dealer)
    said = run(file, dealer)

    assert "0 created, 0 changed" in said
    assert Listing.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("manufacturer_name", "Bugatti", "manufacturer_name"),
        ("model_name", "X55", "model_name"),
        ("transmission", "variator", "transmission"),
        ("color", "pink", "color"),
        ("odometer_value", "1000000", "odometer_value"),
        ("odometer_value", "many", "odometer_value"),
        ("price_usd", "1.0", "price_usd"),
        ("year_produced", "1890", "year"),
        ("location_region", "Минск", "location_region"),
    ],
)
def test_an_unknown_value_is_reported_and_the_other_rows_go_in(
    dealer: Dealer, tmp_path: Path, column: str, value: str, named: str
) -> None:
    said = run(write(tmp_path, GOOD | {column: value}, GOOD), dealer)

    assert "1 created" in said
    row = ImportRow.objects.get()
    assert (row.number, named) in [(2, error["column"]) for error in row.errors]
    assert row.errors[0]["reason"] in said


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"manufacturer_name,model_name\nBMW,X5\n", b"a,b\n1,2\n", b""],
    ids=["no text", "columns are missing", "other columns", "nothing"],
)
def test_a_file_that_is_none_is_refused_in_words(dealer: Dealer, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "cars.csv"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=r"cars\.csv: ....."):
        run(file, dealer, mapping="kaggle_belarus")
    assert Listing.objects.count() == 0


def test_the_command_writes_a_report(dealer: Dealer, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"

    run(write(tmp_path, GOOD | {"color": "pink"}, GOOD), dealer, mapping="kaggle_belarus", report=report)

    rows = list(csv.DictReader(report.open(encoding="utf-8")))
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [("2", "color", "pink")]


def test_a_batch_that_fails_leaves_nothing_of_itself(
    dealer: Dealer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("listings.bulk.publish_documents", fail)
    with pytest.raises(CommandError):
        run(write(tmp_path, GOOD), dealer, publish=True)

    assert Listing.objects.count() == 0
