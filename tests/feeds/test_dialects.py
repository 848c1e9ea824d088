"""What stands in the files: samples that a reviewer reads, required fields, and any text without breaking them.

`UPDATE_SAMPLES=1` writes the samples anew.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.feeds.checking import check_pieces
from integrations.marketplaces import autoru_dialect, avito
from integrations.marketplaces.base import Farewell, InvalidPayload
from integrations.marketplaces.feed import FeedAdapter, FeedPayload
from integrations.marketplaces.feed_markup import cdata, html_description
from integrations.marketplaces.registry import get_adapter
from integrations.sandbox.feed_files import read_file
from listings import vocabulary
from listings.exchange.readers.dialects import autoru_car

from .conftest import DIALECTS
from .documents import SITE, account_for, document, photo

SAMPLES = Path(__file__).parent / "samples"
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
XML = [key for key in DIALECTS if key != "google"]
VIN_DIALECTS = ["autoru", "avito", "google", "avby"]

hostile = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["]]>", "<![CDATA[", "</car>", "&amp;", "\x00\x0b\x1f", "\ufffe", '"quoted", comma', "=1+1", "\r\n\t", "<b>"]
)


def adapter_of(key: str) -> FeedAdapter[Any, Any]:
    adapter = get_adapter(key)
    assert isinstance(adapter, FeedAdapter)
    return adapter


def render(key: str, **changes: Any) -> FeedPayload:
    return adapter_of(key).render(document(**changes), account_for(key))


def whole_file(key: str, *cars: dict[str, Any]) -> bytes:
    adapter, account = adapter_of(key), account_for(key)
    header, footer = adapter.frame(account.settings, SITE, AT)
    entries = [adapter.render(car, account).entry + adapter.file.line_end for car in cars]
    return "".join([header, *entries, footer]).encode()


@pytest.mark.parametrize("key", DIALECTS)
def test_the_sample_is_what_a_platform_gets(key: str) -> None:
    adapter = adapter_of(key)
    # An element a line, for the reader; the file itself has a car a line.
    text = whole_file(key, document()).decode().replace("><", ">\n<").replace("\r\n", "\n")
    sample = SAMPLES / adapter.file.name
    if os.environ.get("UPDATE_SAMPLES"):
        sample.write_text(text)

    assert text == sample.read_text()


@pytest.mark.parametrize("key", DIALECTS)
def test_the_strict_reader_takes_the_car_and_our_own_check_finds_nothing(key: str) -> None:
    body = whole_file(key, document(), document(uuid="another", vin="WBAKJ810600000002"))
    read = read_file(key, body)
    report = check_pieces([body], adapter_of(key).file)

    assert (len(read.ads), read.problems) == (2, [])
    assert (report.cars, report.images, report.problems) == (2, 4, [])
    assert read.ads[0].photos[0] == f"{SITE}/media/images/front.width-1600.jpg"


@pytest.mark.parametrize("key", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(text=hostile, name=hostile, trim=hostile, dealer=hostile)
def test_no_text_breaks_a_file(key: str, text: str, name: str, trim: str, dealer: str) -> None:
    changes = {
        "title": name, "trim": trim, "text_html": text, "contact": {"name": name, "phone": "+375291234567"},
        "dealer": document()["dealer"] | {"name": f"Салон {dealer}", "address": f"Ленина {trim}"},
    }  # fmt: skip
    body = whole_file(key, document(**changes), document(uuid="another", vin="WBAKJ810600000002"))

    assert len(read_file(key, body).ads) == 2
    assert check_pieces([body], adapter_of(key).file).problems == []


@given(text=hostile)
def test_html_comes_back_out_of_cdata_unharmed(text: str) -> None:
    clean = "".join(character for character in text if character.isprintable())

    assert (fromstring(f"<a>{cdata('d', clean)}</a>").findtext("d") or "") == clean


@given(text=hostile.map(lambda text: f"<p>{text * 300}</p>"), limit=st.sampled_from([1, 40, 3000, 7500]))
def test_a_description_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(html_description({"text_html": text}, limit)) <= limit


def test_avitos_description_is_html_within_cdata_of_at_most_7500_characters() -> None:
    entry = render("avito", text_html="<p>" + "Очень <b>длинное</b> предложение. " * 500 + "</p>").entry
    description = entry.split("<![CDATA[")[1].split("]]>")[0]

    assert 7000 < len(description) <= avito.DESCRIPTION_LIMIT
    assert description.startswith("<p>Очень длинное предложение.")


@pytest.mark.parametrize("key", VIN_DIALECTS)
def test_a_car_without_vin_is_refused_with_words(key: str) -> None:
    with pytest.raises(InvalidPayload, match="VIN"):
        render(key, vin="")


def test_yml_takes_a_car_without_vin() -> None:
    assert render("yml", vin="").entry


@pytest.mark.parametrize("key", [*DIALECTS, "kufar"])
def test_without_an_exchange_rate_there_is_no_price_and_no_ad(key: str) -> None:
    with pytest.raises(InvalidPayload, match=r"курса|rate"):
        render(key, price={"byn": 0, "usd": 0, "eur": 0})


@pytest.mark.parametrize(("condition", "key"), [("parts", "avito"), ("parts", "google"), ("damaged", "google")])
def test_cars_that_a_platform_does_not_take_are_refused(condition: str, key: str) -> None:
    with pytest.raises(InvalidPayload):
        render(key, condition=condition)


@pytest.mark.parametrize("key", DIALECTS)
def test_a_sold_car_has_no_piece_in_the_file(key: str) -> None:
    payload, account = render(key, sale_state="sold"), account_for(key)
    placed = adapter_of(key).update({"id": payload.id, "address": "https://a.example/1"}, payload, account)

    assert (placed.entry, placed.address, bool(placed.note)) == ("", "https://a.example/1", True)


@pytest.mark.parametrize("key", [*DIALECTS, "onliner"])
def test_an_exchanged_photo_has_another_address_and_another_digest(key: str) -> None:
    before, after = render(key), render(key, photos=[photo(1, "front"), photo(2, "exchanged")])

    assert before.digest() != after.digest()
    assert "exchanged" in after.entry


@pytest.mark.parametrize("key", [*DIALECTS, "abw"])
def test_nothing_is_said_to_be_published_before_somebody_has_seen_it(key: str) -> None:
    adapter, account, payload = adapter_of(key), account_for(key), render(key)
    placed = adapter.create(payload, account)

    assert (placed.confirmed, placed.entry) == (False, payload.entry)
    assert adapter.lookup(payload, account).placed == placed
    assert adapter.adopt(payload, "", AT, account).confirmed
    assert adapter.withdraw(placed.external, Farewell("BMW", sold=True), account).removed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "3.0d AT (249 л.с.) 4WD"),
        (
            {"fuel": "petrol", "engine_cc": 1598, "gearbox": "cvt", "power_hp": 117, "drive": "front"},
            "1.6 CVT (117 л.с.)",
        ),
        ({"fuel": "electric", "engine_cc": None, "gearbox": "reducer", "drive": "rear"}, "Electro (249 л.с.)"),
        ({"fuel": "hybrid", "power_hp": None, "gearbox": "robot", "drive": "front"}, "3.0hyb AMT"),
    ],
)
def test_a_modification_is_named_as_auto_ru_names_them(changes: dict[str, Any], words: str) -> None:
    assert autoru_dialect.modification(document(**changes)) == words


def test_a_car_of_which_no_engine_is_known_is_refused() -> None:
    with pytest.raises(InvalidPayload):
        render("autoru", engine_cc=None, power_hp=None)


def test_our_own_importer_reads_the_dialect_back() -> None:
    car = autoru_car(fromstring(render("kufar").entry))

    wanted = {
        "vin": "WBAKJ810600000001", "make": "BMW", "model": "X5", "year": "2018", "price": "95000", "fuel": "дизель",
        "gearbox": "автомат", "drive": "полный привод",
    }  # fmt: skip
    assert {name: car.cells[name] for name in wanted} == wanted
    assert len(car.photos) == 2


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (avito.FUEL, vocabulary.Fuel), (avito.GEARBOX, vocabulary.Gearbox), (avito.DRIVE, vocabulary.Drive),
        (avito.BODY, vocabulary.Body),
    ],
)  # fmt: skip
def test_every_code_has_avitos_word(words: dict[str, str], codes: Any) -> None:
    assert set(words) == set(codes.values)


def test_prices_in_russian_roubles_follow_the_typed_rate() -> None:
    assert "<Price>2612500</Price>" in render("avito").entry
    with pytest.raises(ValueError, match="rub_for_byn"):
        account_for("avito", rub_for_byn="")
    for wrong in ("0", "-1", "1e9", "27,5", "٣"):
        with pytest.raises(ValueError, match="rub_for_byn"):
            account_for("avito", rub_for_byn=wrong)
    entry = adapter_of("avito").render(document(), account_for("avito", currency="BYN", rub_for_byn="")).entry
    assert "<Price>95000</Price>" in entry


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://cars.av.by/bmw/x5/1", True), ("https://www.av.by/1", True), ("https://av.by.evil.example/1", False),
        ("javascript:alert(1)", False), ("https://cars.av.by:8443/1", False), (f"https://av.by/{'1' * 500}", False),
        ("http://127.0.0.1/1", False),
    ],
)  # fmt: skip
def test_only_an_address_on_the_platforms_own_site_is_taken(address: str, good: bool) -> None:
    adapter, account, payload = adapter_of("avby"), account_for("avby"), render("avby")
    if good:
        assert adapter.adopt(payload, address, AT, account).external == {"id": payload.id, "address": address}
    else:
        with pytest.raises(InvalidPayload):
            adapter.adopt(payload, address, AT, account)
