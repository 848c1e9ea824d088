"""Exports: what goes out comes back the same, nothing in it runs, and the list's filters hold."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tablib
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from listings.exchange import readers
from listings.exchange.columns import BY_NAME, guess
from listings.exchange.export import EXTRA, IMPORTED, Format, export_listings, template
from listings.exchange.formulas import FORMULA_STARTS
from listings.exchange.reference import ReferenceLookup
from listings.exchange.values import parse_row
from listings.models import Generation, Listing, Trim
from tests.factories import (
    CarModelFactory,
    CityFactory,
    EquipmentFactory,
    ExchangeRateFactory,
    ListingFactory,
    MakeFactory,
)

pytestmark = pytest.mark.django_db

FORMATS = list(Format)
TEXT = '<p data-block-key="a1b2c">Ёлка &amp; <b>=1+1</b></p><ul><li data-block-key="d3e4f">один; два</li></ul>'


def full_listing(**kwargs: Any) -> Listing:
    """A car with a value in every field that can be exported."""
    ExchangeRateFactory()
    model = CarModelFactory(make=MakeFactory())
    generation, _created = Generation.objects.get_or_create(
        slug="bmw-x5-g05", defaults={"model": model, "name": "G05; рестайлинг", "year_from": 2018}
    )
    trim, _created = Trim.objects.get_or_create(
        slug="bmw-x5-g05-m50d", defaults={"generation": generation, "name": "2.0"}
    )
    values: dict[str, Any] = {
        "external_id": "00123", "stock_number": "=S-1", "vin": "WBAKS410500J12345", "generation": generation,
        "trim": trim, "condition": "damaged", "owners": 0, "fuel": "plug_in_hybrid", "battery_kwh": Decimal("77.4"),
        "range_km": 60, "price": 25_500, "currency": "USD", "old_price": 27_000, "vat": True, "exchange": True,
        "leasing": True, "customs_cleared": False, "registration_country": "de", "title": "BMW X5 «M»", "text": TEXT,
        "video_url": "https://youtu.be/abcdefghijk", "contact_name": "О'Нил", "contact_phone": "+375291234567",
        "equipment": ["abs", "esp"], "payment_types": ["cash"],
    }  # fmt: skip
    EquipmentFactory(code="esp", name="Датчики света, дождя; камера")
    return ListingFactory(model=model, **values | kwargs)


def expected(listing: Listing) -> dict[str, Any]:
    """What the listing says; what is empty is not written and not read."""
    listing = Listing.objects.get(pk=listing.pk)
    values = {name: getattr(listing, name) for name in IMPORTED}
    values["equipment"] = list(listing.equipment.all())
    values["payment_types"] = list(listing.payment_types.all())
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def write(path: Path, fmt: Format, listings: Any = None) -> Path:
    file = path / f"cars.{fmt}"
    file.write_bytes(b"".join(export_listings(Listing.objects.order_by("pk") if listings is None else listings, fmt)))
    return file


def read(file: Path) -> Iterator[dict[str, Any]]:
    source = readers.inspect(file, file.name)
    mapping = guess(source.sheets[0].header)
    reference = ReferenceLookup()
    for row in readers.rows(file, source):
        values, errors = parse_row(
            {mapping[name]: cell for name, cell in row.cells.items() if name in mapping}, reference
        )
        assert errors == []
        yield values


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_field_comes_back_the_same(fmt: Format, tmp_path: Path) -> None:
    full, plain = full_listing(), ListingFactory(external_id="12345.0", battery_kwh=None)

    assert list(read(write(tmp_path, fmt))) == [expected(full), expected(plain)]
    assert set(expected(full)) == set(IMPORTED)


WORDS = st.text(
    st.sampled_from("=+-@\t'\"«»;,|\\/ ёЁжaZ09.😀\u00a0\u2028#%{}[]")
    | st.characters(codec="utf-8", exclude_categories=["C"]),
    max_size=30,
).map(str.strip)  # fmt: skip


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=WORDS, contact=WORDS, number=WORDS, lines=st.lists(WORDS, max_size=3))
def test_any_text_comes_back_the_same(
    fmt: Format, title: str, contact: str, number: str, lines: list[str], tmp_path: Path
) -> None:
    values = {
        "title": title.replace("<", "").replace(">", "").strip() or "BMW",
        "contact_name": contact.replace("<", "").replace(">", "").strip(),
        "external_id": number,
        "text": "".join(f"<p>{line.replace('<', '').replace('&', '')}</p>" for line in lines),
    }
    with transaction.atomic():
        listing = ListingFactory(**values)
        found = list(read(write(tmp_path, fmt)))
        assert found == [expected(listing)]
        transaction.set_rollback(True)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_runs_as_a_formula(fmt: Format, start: str, tmp_path: Path) -> None:
    attack = f"{start}HYPERLINK(1)"
    ListingFactory(contact_name=attack, stock_number="=1+1")
    file = write(tmp_path, fmt)

    match fmt:
        case Format.CSV:
            cells = [
                cell for row in csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";") for cell in row
            ]
        case Format.XLSX:
            rows = load_workbook(file).active.iter_rows()
            found = [cell for row in rows for cell in row]
            assert all(cell.data_type != "f" for cell in found)
            cells = [str(cell.value) for cell in found]
        case Format.ODS:
            dataset = tablib.Dataset().load(file.read_bytes(), format="ods")
            cells = [str(cell) for row in dataset for cell in row]
            assert b"table:formula" not in zipfile.ZipFile(file).read("content.xml")
        case Format.JSON:
            assert json.loads(file.read_bytes())[0]["contact_name"] == attack
            return
    assert "'=1+1" in cells
    assert not any(cell.startswith(FORMULA_STARTS) for cell in cells)


def test_numbers_stay_numbers_for_a_spreadsheet(tmp_path: Path) -> None:
    full_listing()
    header, row = load_workbook(write(tmp_path, Format.XLSX)).active.iter_rows(values_only=True)
    cells = dict(zip(header, row, strict=True))
    assert (cells["Цена"], cells["Пробег, км"], cells["Батарея, кВт·ч"]) == (25_500, 100_000, 77.4)
    assert (cells["Номер в учётной системе"], cells["НДС"], cells["Топливо"]) == ("00123", "да", "подключаемый гибрид")


def test_other_programs_read_the_ods(tmp_path: Path) -> None:
    full_listing(title="a b")
    dataset = tablib.Dataset().load(write(tmp_path, Format.ODS).read_bytes(), format="ods")
    assert dataset.dict[0]["Заголовок"] == "a b"
    assert dataset.dict[0]["Цена"] == 25_500


def test_an_export_says_more_than_an_import_reads(tmp_path: Path) -> None:
    published = ListingFactory(published=True, photos=1)
    draft = ListingFactory(sale_state="reserved")

    first, second = json.loads(write(tmp_path, Format.JSON).read_bytes())
    assert (first["publication"], second["publication"]) == ("published", "draft")
    assert first["url"].endswith(f"/cars/{published.slug}")
    assert second["url"] == ""
    assert len(first["site_photos"]) == 1
    assert second["sale_state"] == draft.sale_state == "reserved"
    assert not set(guess(EXTRA.values())) | set(guess(EXTRA))


def test_names_that_are_not_unique_go_out_as_address_parts(tmp_path: Path) -> None:
    cities = [CityFactory(slug=f"kamenka-{number}", name="Каменка") for number in (1, 2)]
    for city in cities:
        ListingFactory(city=city)

    assert [values["city"] for values in read(write(tmp_path, Format.CSV))] == cities


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_export_asks_the_same_number_of_queries_for_any_number(
    fmt: Format, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    for _number in range(3):
        full_listing(vin="", external_id="", photos=1)
    with django_assert_num_queries(QUERIES):
        write(tmp_path, fmt, Listing.objects.all()[:1])
    with django_assert_num_queries(QUERIES):
        write(tmp_path, fmt, Listing.objects.all())


QUERIES = 15


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_empty_list_gives_a_file_that_opens(fmt: Format, tmp_path: Path) -> None:
    file = write(tmp_path, fmt)
    if fmt == Format.JSON:
        assert json.loads(file.read_bytes()) == []
    else:
        assert readers.inspect(file, file.name).sheets[0].header[0] == BY_NAME["external_id"].header


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_template_imports_as_it_is(fmt: Format, tmp_path: Path) -> None:
    CarModelFactory()
    CityFactory()
    ListingFactory(payment_types=["cash"]).delete()
    file = tmp_path / f"template.{fmt}"
    file.write_bytes(template(fmt).replace("; Лизинг".encode(), b""))
    if fmt in (Format.XLSX, Format.ODS):
        file.write_bytes(template(fmt))
        source = readers.inspect(file, file.name)
        assert [sheet.name for sheet in source.sheets] == ["Автомобили", "Как заполнять"]
        assert set(guess(source.sheets[0].header).values()) >= set(IMPORTED)
        return
    (values,) = read(file)
    assert values["price"] == 25_500


LIST = "wagtailsnippets_listings_listing:list"


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_list_is_downloaded_as_it_is_filtered_searched_and_sorted(
    admin_client: Client, fmt: Format, tmp_path: Path
) -> None:
    for price in (50_000, 40_000, 70_000):
        ListingFactory(price=price, stock_number=f"S-{price}")
    ListingFactory(price=30_000, title="Внедорожник Лада")

    def prices(**query: str) -> list[int]:
        response = admin_client.get(reverse(LIST), {"export": fmt.value, **query})
        assert response["Content-Disposition"] == f'attachment; filename="cars.{fmt}"'
        file = tmp_path / f"cars.{fmt}"
        file.write_bytes(response.getvalue())
        return [values["price"] for values in read(file)]

    assert prices(price_max="60000", ordering="price_byn") == [30_000, 40_000, 50_000]
    assert prices(q="Лада") == [30_000]
    assert prices(q="s-70000 x5") == [70_000]
    assert prices(q="BMW", price_min="45000", ordering="-price_byn") == [70_000, 50_000]


def test_the_list_offers_every_format(admin_client: Client) -> None:
    page = admin_client.get(reverse(LIST), {"price_max": "60000"}).content.decode()
    for fmt in FORMATS:
        assert f"price_max=60000&amp;export={fmt}" in page
    assert page.count("export=") == len(FORMATS)
    assert admin_client.get(reverse(LIST), {"export": "exe"})["Content-Type"].startswith("text/html")
