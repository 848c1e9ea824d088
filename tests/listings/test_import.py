"""Importing a foreign file: what is right goes in whole, what is wrong is named by row and column."""

import csv
from pathlib import Path

import pytest
from django.core.management import call_command

from listings.exchange.importer import FileError, import_listings
from listings.exchange.mappings import load_mapping
from listings.models import Dealer, Listing, PublishedListing
from tests.factories import CarModelFactory, CityFactory, DealerFactory, ExchangeRateFactory, MakeFactory

pytestmark = pytest.mark.django_db

GOOD = {
    "manufacturer_name": "BMW", "model_name": "X5", "transmission": "automatic", "color": "black",
    "odometer_value": "150000", "year_produced": "2012", "engine_fuel": "diesel", "engine_capacity": "3.0",
    "body_type": "suv", "state": "owned", "drivetrain": "all", "price_usd": "20000.0", "is_exchangeable": "True",
    "location_region": "Минская обл.",
}  # fmt: skip
map_row = load_mapping("kaggle_belarus")


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


@pytest.mark.smoke
def test_a_right_row_becomes_a_published_listing(dealer: Dealer, tmp_path: Path) -> None:
    result = import_listings(write(tmp_path, GOOD), map_row, dealer)

    listing = Listing.objects.get()
    assert (result.created, result.refused) == (1, 0)
    assert (listing.price, listing.currency, listing.price_byn, listing.engine_cc) == (20_000, "USD", 60_000, 3000)
    assert listing.get_latest_revision_as_object().price == 20_000
    assert PublishedListing.objects.public().get().listing == listing


def test_a_second_run_and_doubled_rows_add_nothing(dealer: Dealer, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, GOOD)

    first = import_listings(file, map_row, dealer)
    second = import_listings(file, map_row, dealer)

    assert (first.created, first.known) == (1, 1)
    assert (second.created, second.known) == (0, 2)
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
        ("price_usd", "1.0", "price"),
        ("year_produced", "1890", "year"),
        ("location_region", "Минск", "location_region"),
    ],
)
def test_an_unknown_value_is_reported_and_the_other_rows_go_in(
    dealer: Dealer, tmp_path: Path, column: str, value: str, named: str
) -> None:
    result = import_listings(write(tmp_path, GOOD | {column: value}, GOOD), map_row, dealer)

    assert (result.created, result.refused) == (1, 1)
    assert (2, named) in [(error.row, error.column) for error in result.errors]
    assert result.errors[0].reason


def test_a_broken_file_is_refused_in_words(dealer: Dealer, tmp_path: Path) -> None:
    file = tmp_path / "cars.csv"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError):
        import_listings(file, map_row, dealer)

    file.write_text("manufacturer_name,model_name\nBMW,X5,extra\n", encoding="utf-8")
    with pytest.raises(FileError):
        import_listings(file, map_row, dealer)


def test_a_file_with_other_columns_is_refused(dealer: Dealer, tmp_path: Path) -> None:
    file = tmp_path / "cars.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(FileError):
        import_listings(file, map_row, dealer)
    assert Listing.objects.count() == 0


def test_the_command_writes_a_report(dealer: Dealer, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    file = write(tmp_path, GOOD | {"color": "pink"}, GOOD)

    call_command("import_listings", str(file), mapping="kaggle_belarus", dealer=dealer.slug, report=report)

    rows = list(csv.DictReader(report.open(encoding="utf-8")))
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [("2", "color", "pink")]


def test_a_batch_that_fails_leaves_nothing_of_itself(
    dealer: Dealer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database has gone away")

    monkeypatch.setattr("listings.bulk.publish_documents", fail)
    with pytest.raises(RuntimeError):
        import_listings(write(tmp_path, GOOD), map_row, dealer)

    assert Listing.objects.count() == 0
