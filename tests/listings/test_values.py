"""What people write in the cells of their tables, and what a listing gets from it."""

from decimal import Decimal
from typing import Any

import pytest

from listings.exchange.columns import COLUMNS, guess, missing, plain_header, recognise
from listings.exchange.formulas import FORMULA_STARTS, neutralise, restore
from listings.exchange.reference import ReferenceLookup
from listings.exchange.rich_text import bare
from listings.exchange.values import parse_row
from listings.exchange.words import CHOICES
from listings.models import Generation, Trim
from listings.vocabulary import Body, Color, Condition, Country, Currency, Drive, Fuel, Gearbox
from tests.factories import (
    CarModelFactory,
    CityFactory,
    EquipmentFactory,
    MakeFactory,
    PaymentTypeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reference() -> ReferenceLookup:
    """BMW X5 in two generations, Minsk, ABS and ESP, cash."""
    model = CarModelFactory(make=MakeFactory(name="BMW", name_ru="БМВ", aliases="Бумер\nBayerische"))
    CityFactory(name_be="Мінск")
    for name, first, trims in (("E70", 2006, ["30d", "50i"]), ("G05", 2018, ["30d", "M50d"])):
        generation = Generation.objects.create(model=model, name=name, slug=f"bmw-x5-{name.lower()}", year_from=first)
        for trim in trims:
            Trim.objects.create(
                generation=generation, name=trim, slug=f"{generation.slug}-{trim.lower()}", fuel="diesel", drive="all"
            )
    EquipmentFactory(code="abs", name="Антиблокировочная система (ABS)")
    EquipmentFactory(code="esp", name="Датчики света, дождя")
    PaymentTypeFactory()
    return ReferenceLookup()


def parsed(reference: ReferenceLookup, **cells: str) -> dict[str, Any]:
    values, errors = parse_row(cells, reference)
    assert errors == []
    return values


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("25500", 25_500, None), ("25 500 $", 25_500, "USD"), ("$25,500", 25_500, "USD"), ("€12.900,00", 12_900, "EUR"),
        ("85000 бел. руб.", 85_000, "BYN"), ("25,500.00", 25_500, None), ("25.500", 25_500, None),
        ("25\xa0500\xa0руб.", 25_500, "BYN"), ("25'500 евро", 25_500, "EUR"), ("1 250 000", 1_250_000, None),
        ("25500.5", 25_501, None), ("25500,00", 25_500, None), ("85 000 р", 85_000, "BYN"),
        ("12900 EUR", 12_900, "EUR"),
    ],
)  # fmt: skip
def test_prices_are_read_with_their_currency(
    reference: ReferenceLookup, cell: str, amount: int, currency: str | None
) -> None:
    expected = {"price": amount} | ({"currency": currency} if currency else {})
    assert parsed(reference, price=cell) == expected


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("mileage_km", "120 т.км", "mileage_km", 120_000),
        ("mileage_km", "120 тыс. км", "mileage_km", 120_000),
        ("mileage_km", "120,5 тыс.км", "mileage_km", 120_500),
        ("mileage_km", "120000 km", "mileage_km", 120_000),
        ("mileage_km", "120.000 км", "mileage_km", 120_000),
        ("mileage_km", "75 000 миль", "mileage_km", 120_701),
        ("mileage_thousand_km", "120", "mileage_km", 120_000),
        ("mileage_thousand_km", "120 000 км", "mileage_km", 120_000),
        ("year", "2018", "year", 2018),
        ("year", "2018 г.", "year", 2018),
        ("year", "03.2018", "year", 2018),
        ("year", "15.03.2018", "year", 2018),
        ("year", "2018-03-15", "year", 2018),
        ("engine_cc", "2.0", "engine_cc", 2000),
        ("engine_cc", "2,0 л", "engine_cc", 2000),
        ("engine_cc", "1998 см3", "engine_cc", 1998),
        ("engine_cc", "1 998 см³", "engine_cc", 1998),
        ("engine_cc", "0", "engine_cc", None),
        ("power_hp", "150 л.с.", "power_hp", 150),
        ("power_hp", "110 кВт", "power_hp", 150),
        ("power_hp", "110 кВт (149 л.с.)", "power_hp", 149),
        ("power_kw", "110", "power_hp", 150),
        ("battery_kwh", "77,4 кВт·ч", "battery_kwh", Decimal("77.4")),
        ("range_km", "450 км", "range_km", 450),
        ("owners", "2 владельца", "owners", 2),
        ("old_price", "0", "old_price", None),
        ("contact_phone", "8 (029) 123-45-67", "contact_phone", "+375291234567"),
        ("vin", " wbaks410500j12345 ", "vin", "WBAKS410500J12345"),
        ("vat", "с НДС", "vat", True),
        ("exchange", "-", "exchange", None),
        ("customs_cleared", "не растаможен", "customs_cleared", False),
        ("title", "-", "title", "-"),
        ("text", "Один & тот же\n\nвладелец < 3 лет", "text", "<p>Один &amp; тот же</p><p>владелец &lt; 3 лет</p>"),
        ("text", '<p data-block-key="k1x">Как <b>было</b></p>', "text", '<p data-block-key="k1x">Как <b>было</b></p>'),
        ("photos", "https://a.by/1,2.jpg, https://a.by/3.jpg\nhttps://a.by/1,2.jpg", "photos",
         ["https://a.by/1,2.jpg", "https://a.by/3.jpg"]),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_write_them(
    reference: ReferenceLookup, column: str, cell: str, field: str, value: Any
) -> None:
    assert parsed(reference, **{column: cell}).get(field) == value


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("fuel", "дизель", "diesel"), ("fuel", "Д", "diesel"), ("fuel", "газ/бензин", "petrol_lpg"),
        ("fuel", "Gasoline", "petrol"), ("fuel", "PHEV", "plug_in_hybrid"), ("gearbox", "АКПП", "automatic"),
        ("gearbox", "МКПП", "manual"), ("gearbox", "вариатор", "cvt"), ("gearbox", "Робот", "robot"),
        ("drive", "4WD", "all"), ("drive", "передний", "front"), ("body", "внедорожник 5 дв.", "suv"),
        ("body", "Хэтчбек (3 дв.)", "hatchback"), ("body", "универсал", "wagon"),
        ("color", "серебристый металлик", "silver"),
        ("color", "Тёмно-синий", "blue"), ("color", "черный", "black"), ("condition", "Б/У", "used"),
        ("registration_country", "РБ", "by"),
    ],
)  # fmt: skip
def test_words_become_codes(reference: ReferenceLookup, column: str, cell: str, code: str) -> None:
    assert parsed(reference, **{column: cell}) == {column: code}


def test_every_code_is_known_by_itself_by_its_word_and_by_its_labels(reference: ReferenceLookup) -> None:
    vocabularies = {
        "fuel": Fuel, "gearbox": Gearbox, "drive": Drive, "body": Body, "color": Color, "condition": Condition,
        "registration_country": Country, "currency": Currency,
    }  # fmt: skip
    for column, choices in vocabularies.items():
        assert set(CHOICES[column]) == set(choices.values)
        for choice in choices:
            for word in (choice.value, str(choice.label), *CHOICES[column][choice.value].split("|")):
                assert parsed(reference, **{column: word}) == {column: choice.value}, word


def test_all_errors_of_a_row_are_reported_with_column_value_and_what_is_accepted(reference: ReferenceLookup) -> None:
    cells = {
        "make": "BMW", "model": "X55", "fuel": "gas", "year": "18", "price": "дорого", "vin": "WBAKS41050OJ12345",
        "city": "Москва", "equipment": "abs; Крылья", "gearbox": "автомат", "photos": "1.jpg", "engine_cc": "50",
    }  # fmt: skip
    values, errors = parse_row(cells, reference)

    assert {error.column: error.value for error in errors} == {
        "model": "X55", "fuel": "gas", "year": "18", "price": "дорого", "vin": "WBAKS41050OJ12345", "city": "Москва",
        "equipment": "Крылья", "photos": "1.jpg", "engine_cc": "50",
    }  # fmt: skip
    assert all(error.reason for error in errors)
    assert "бензин" in next(error.reason for error in errors if error.column == "fuel")
    assert values.keys() == {"make", "gearbox"}


def test_an_empty_cell_says_nothing(reference: ReferenceLookup) -> None:
    assert parsed(reference, **{column.name: "  " for column in COLUMNS}) == {}


@pytest.mark.parametrize(
    "cells",
    [
        {"price": "25500 $", "currency": "EUR"},
        {"price": "25500 $", "old_price": "30000 €"},
        {"price_usd": "25500 €"},
        {"price_byn": "80000", "price_usd": "25500"},
        {"price": "25500 ₽"},
        {"price": "-5"},
    ],
)
def test_prices_that_contradict_each_other_are_refused(reference: ReferenceLookup, cells: dict[str, str]) -> None:
    values, errors = parse_row(cells, reference)
    assert len(errors) == 1
    assert values == {}


def test_the_headers_currency_counts(reference: ReferenceLookup) -> None:
    assert parsed(reference, price_usd="25500", old_price="27 000") == {
        "price": 25_500,
        "old_price": 27_000,
        "currency": "USD",
    }


@pytest.mark.parametrize("make", ["BMW", "bmw", "БМВ", "бумер"])
def test_reference_data_is_found_by_any_name(reference: ReferenceLookup, make: str) -> None:
    values = parsed(reference, make=make, model="BMW X5", generation="e70", trim="50i", city="г. Мінск")
    assert [str(values[name].slug) for name in ("make", "model", "generation", "trim", "city")] == [
        "bmw", "bmw-x5", "bmw-x5-e70", "bmw-x5-e70-50i", "minsk",
    ]  # fmt: skip


def test_a_trim_brings_its_generation_if_only_one_has_it(reference: ReferenceLookup) -> None:
    assert parsed(reference, make="BMW", model="X5", trim="M50d")["generation"].name == "G05"
    _values, errors = parse_row({"make": "BMW", "model": "X5", "trim": "30d"}, reference)
    assert [error.column for error in errors] == ["trim"]


def test_a_model_needs_its_make_in_the_row(reference: ReferenceLookup) -> None:
    _values, errors = parse_row({"model": "X5"}, reference)
    assert [error.column for error in errors] == ["model"]


def test_lists_are_read_by_code_and_by_names_with_commas(reference: ReferenceLookup) -> None:
    values = parsed(
        reference, equipment="Датчики света, дождя; ABS, антиблокировочная система (abs)", payment_types="наличные"
    )
    assert [item.code for item in values["equipment"]] == ["esp", "abs"]
    assert [item.code for item in values["payment_types"]] == ["cash"]


def test_a_name_of_two_entries_is_refused_and_its_address_part_is_not() -> None:
    for slug, oblast in (("kamenka", "minsk_region"), ("kamenka-2", "brest")):
        CityFactory(slug=slug, name="Каменка", oblast=oblast)
    reference = ReferenceLookup()

    _values, errors = parse_row({"city": "Каменка"}, reference)
    assert [error.column for error in errors] == ["city"]
    assert parsed(reference, city="kamenka-2")["city"].oblast == "brest"


def test_parsing_asks_the_database_nothing(reference: ReferenceLookup, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        parsed(reference, make="BMW", model="X5", trim="M50d", city="Минск", equipment="abs", payment_types="cash")


def test_a_trim_brings_what_a_new_listing_must_have(reference: ReferenceLookup) -> None:
    values = parsed(reference, make="BMW", model="X5", trim="M50d", year="2019", price="50000", mileage_km="9")
    assert missing(values) == ["gearbox", "body", "color"]
    assert missing({}) == [column.name for column in COLUMNS if column.required]


def test_foreign_markup_is_reduced_to_what_the_editor_has(reference: ReferenceLookup) -> None:
    markup = (
        '<div onclick="x()">Привет<br>там <script>alert(1)</script><strong>жирно</strong>'
        "<a href='javascript:alert(1)'>раз</a> <a href='https://a.by/?a=1&b=2'>два</a></div><ul><li>1<li>2</ul>хвост"
    )
    assert parsed(reference, text=markup)["text"] == (
        '<p>Привет</p><p>там <b>жирно</b>раз <a href="https://a.by/?a=1&amp;b=2">два</a></p>'
        "<ul><li>1</li><li>2</li></ul><p>хвост</p>"
    )
    assert bare('<p data-block-key="a1">Да</p>') == "<p>Да</p>"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Марка", "make"), ("Марка *", "make"), ("mark_id", "make"), ("Make", "make"), ("Пробег", "mileage_km"),
        ("ПРОБЕГ (км)", "mileage_km"), ("Пробег, тыс. км", "mileage_thousand_km"), ("run", "mileage_km"),
        ("Цена, $", "price_usd"), ("Цена, BYN", "price_byn"), ("Объем двигателя, см3", "engine_cc"), ("КПП", "gearbox"),
        ("Мощность (кВт)", "power_kw"), ("Кузов", "body"), ("Кол-во владельцев", "owners"), ("Примечание", None),
        ("Дилер", None), ("Фото на сайте", None),
    ],
)  # fmt: skip
def test_headers_are_recognised(header: str, name: str | None) -> None:
    assert recognise(header)[:1] == ([name] if name else [])


def test_each_field_is_filled_by_one_column() -> None:
    header = ["Цена, USD", "Марка", "Бренд", "Цена", "Валюта", "Заметки", "Пробег тыс км"]
    assert guess(header) == {
        "Марка": "make",
        "Цена": "price",
        "Валюта": "currency",
        "Пробег тыс км": "mileage_thousand_km",
    }


def test_an_engine_is_the_fuel_or_its_size() -> None:
    assert guess(["Двигатель", "Топливо"]) == {"Двигатель": "engine_cc", "Топливо": "fuel"}
    assert guess(["Двигатель", "Объём"]) == {"Двигатель": "fuel", "Объём": "engine_cc"}
    assert guess(["Двигатель"]) == {"Двигатель": "fuel"}


def test_no_two_columns_claim_the_same_header() -> None:
    owners: dict[str, set[str]] = {}
    for column in COLUMNS:
        for name in filter(None, (column.header, column.name, *column.aliases.split("|"))):
            owners.setdefault(plain_header(name), set()).add(column.name)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {"двигатель": {"fuel", "engine_cc"}}


@pytest.mark.parametrize("text", ["", "текст", "'", "''", "'a", "'=1", "''=1", "12345.0", "'12345.0", "2.0", "it's"])
def test_what_is_neutralised_is_restored(text: str) -> None:
    assert restore(neutralise(text)) == text
    for start in FORMULA_STARTS:
        assert neutralise(start + text) == f"'{start}{text}"
        assert restore(f"'{start}{text}") == start + text


def test_words_of_a_listing_itself_are_plain_text(reference: ReferenceLookup) -> None:
    _values, errors = parse_row({"title": "<b>BMW</b>", "contact_name": "x" * 81}, reference)
    assert [error.column for error in errors] == ["title", "contact_name"]
