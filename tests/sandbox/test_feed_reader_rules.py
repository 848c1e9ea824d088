"""The imitated feed reader takes what the formats allow, names what they do not, and shows what it has taken."""

from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest

from integrations.sandbox.server import Sandbox
from tests.web import Pages

JPEG = b"\xff\xd8\xff\xe0picture"
CAR = {
    "unique_id": "car-1", "mark_id": "BMW", "folder_id": "X5, IV (G05)", "modification_id": "3.0d AT (249 л.с.) 4WD",
    "year": "2018", "run": "120000", "price": "95000", "currency": "BYN", "vin": "WBAKJ810600000001",
}  # fmt: skip
AD = {
    "Id": "car-1", "Category": "Автомобили", "CarType": "С пробегом", "Make": "BMW", "Model": "X5", "Year": "2018",
    "VIN": "WBAKJ810600000001", "Price": "95000", "Description": "<![CDATA[<p>Торг</p>]]>",
}  # fmt: skip
OFFER = {"name": "BMW X5", "url": "https://a.example/1", "price": "95000", "currencyId": "BYN", "categoryId": "1"}
ROW = {
    "vin": "WBAKJ810600000001", "store_code": "A", "dealership_name": "Салон", "dealership_address": "Минск",
    "price": "95000 BYN", "condition": "used", "make": "BMW", "model": "X5", "year": "2018", "mileage": "9 km",
}  # fmt: skip


def tags(values: dict[str, str]) -> str:
    parts = {name: text if text.startswith("<![CDATA[") else escape(text) for name, text in values.items()}
    return "".join(f"<{name}>{text}</{name}>" for name, text in parts.items())


def autoru(*cars: dict[str, str], images: str = "") -> str:
    photos = f"<images><image>{images}</image></images>" if images else ""
    return f"<data><cars>{''.join(f'<car>{tags(car)}{photos}</car>' for car in cars)}</cars></data>"


def avito(*cars: dict[str, str], head: str = 'formatVersion="3" target="Avito.ru"') -> str:
    return f"<Ads {head}>{''.join(f'<Ad>{tags(car)}</Ad>' for car in cars)}</Ads>"


def yml(*offers: dict[str, str], ids: tuple[str, ...] = ("1", "2", "3"), shop: str = "<name>A</name>") -> str:
    head = f"{shop}<company>A</company><url>u</url><currencies><currency id='BYN' rate='1'/></currencies>"
    body = "".join(f"<offer id='{number}'>{tags(offer)}</offer>" for number, offer in zip(ids, offers, strict=False))
    categories = "<categories><category id='1'>Авто</category></categories>"
    return f"<yml_catalog date='2026-11-23T10:00'><shop>{head}{categories}<offers>{body}</offers></shop></yml_catalog>"


def google(*rows: dict[str, str]) -> str:
    return "\r\n".join([",".join(ROW), *(",".join(row.values()) for row in rows)]) + "\r\n"


@pytest.fixture
def read(sandbox: Sandbox, web: Pages) -> Any:
    def go(dialect: str, body: str, **headers: str) -> dict[str, Any]:
        address = web.add("/feed", body.encode(), **headers)
        answer = httpx.post(
            f"{sandbox.url}/feed_reader/fetch", json={"address": address, "dialect": dialect}, trust_env=False
        )
        body_read: dict[str, Any] = answer.json()
        return body_read

    return go


GOOD = {"autoru": autoru(CAR), "avito": avito(AD), "yml": yml(OFFER), "google": google(ROW)}


@pytest.mark.parametrize("dialect", GOOD)
def test_a_good_car_is_taken(read: Any, sandbox: Sandbox, dialect: str) -> None:
    assert read(dialect, GOOD[dialect]) == {
        "status": 200, "taken": 1, "problems": [], "added": 1, "changed": 0, "removed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "body", "words"),
    [
        ("autoru", "<data><cars><car>", "XML повреждён"),
        ("autoru", "<cars/>", "<data>"),
        ("autoru", '<!DOCTYPE x [<!ENTITY a "b">]><data>&a;</data>', "DTD"),
        ("avito", avito(AD, head='formatVersion="2" target="Avito.ru"'), "formatVersion"),
        ("avito", avito(AD | {"Description": "<p>Торг</p>"}), "CDATA"),
        ("yml", yml(OFFER).replace(" date='2026-11-23T10:00'", ""), "даты"),
        ("yml", yml(OFFER, shop=""), "name"),
        ("yml", yml(OFFER | {"currencyId": "USD"}), "валюта"),
        ("google", "vin,price\r\n1,2\r\n", "store_code"),
        ("yml", yml(OFFER, OFFER, OFFER), "больше 2 предложений"),
        ("nonsense", "", "неизвестен"),
    ],
)
def test_a_file_that_breaks_its_format_is_refused_whole(
    read: Any, sandbox: Sandbox, dialect: str, body: str, words: str
) -> None:
    sandbox.control({"feed_reader": {"limits": {"yml": {"cars": 2}}}})
    answer = read(dialect, body)

    assert words in answer["refused"]
    assert sandbox.state()["feed_reader"]["ads"] == []


@pytest.mark.parametrize(("limits", "words"), [({"images": 0}, "фото"), ({"bytes": 50}, "байт")])
def test_limits_of_the_whole_file_hold(
    read: Any, sandbox: Sandbox, web: Pages, limits: dict[str, int], words: str
) -> None:
    photo = web.add("/1.jpg", JPEG)
    sandbox.control({"feed_reader": {"limits": {"yml": limits}}})

    assert words in read("yml", yml(OFFER | {"picture": photo}))["refused"]


@pytest.mark.parametrize(
    ("dialect", "body", "words"),
    [
        ("autoru", autoru(CAR | {"vin": ""}), "нет vin"),
        ("autoru", autoru(CAR | {"mark_id": ""}), "нет mark_id"),
        ("autoru", autoru(CAR | {"vin": "123"}), "17 знаков"),
        ("autoru", autoru(CAR | {"price": "95 000"}), "целое"),
        ("autoru", autoru(CAR, images="/media/1.jpg"), "адрес фото не целый"),
        ("avito", avito(AD | {"Id": "x" * 101}), "длиннее 100"),
        ("avito", avito(AD | {"Category": "Мотоциклы"}), "Category"),
        ("avito", avito(AD | {"Description": f"<![CDATA[{'я' * 7501}]]>"}), "7500"),
        ("avito", avito(AD | {"Price": "95000.50"}), "целое"),
        ("yml", yml(OFFER | {"name": ""}), "нет name"),
        ("yml", yml(OFFER, ids=("",)), "нет id"),
        ("google", google(ROW | {"store_code": ""}), "нет store_code"),
        ("google", google(ROW | {"price": "95000"}), "price"),
        ("google", google(ROW | {"mileage": ""}), "mileage"),
        ("google", google(ROW | {"condition": "damaged"}), "condition"),
    ],
)
def test_a_bad_car_is_named_and_not_taken(read: Any, dialect: str, body: str, words: str) -> None:
    answer = read(dialect, body)

    assert answer["taken"] == 0
    assert words in answer["problems"][0][1]


def test_of_two_cars_with_one_number_the_second_is_refused(read: Any) -> None:
    answer = read("autoru", autoru(CAR, CAR | {"price": "1"}))

    assert answer["problems"] == [["car-1", "номер уже был в этом файле"]]


def test_photos_must_be_pictures_and_known_addresses_are_not_fetched_again(read: Any, web: Pages) -> None:
    photo = web.add("/1.jpg", b"no picture")
    assert "фото не открывается" in read("autoru", autoru(CAR, images=photo))["problems"][0][1]

    web.add("/1.jpg", JPEG)
    assert read("autoru", autoru(CAR, images=photo))["taken"] == 1
    read("autoru", autoru(CAR | {"price": "1"}, images=photo))
    assert web.asked.count("/1.jpg") == 2


def test_an_unchanged_file_is_not_read_again(read: Any, web: Pages) -> None:
    assert read("autoru", autoru(CAR), ETag='"1"')["status"] == 200
    assert read("autoru", autoru(CAR), ETag='"1"') == {"status": 304}


def test_a_car_that_left_the_file_is_taken_down_and_its_page_says_so(read: Any, sandbox: Sandbox) -> None:
    read("autoru", autoru(CAR, CAR | {"unique_id": "car-2"}))
    numbers = [ad["number"] for ad in sandbox.state()["feed_reader"]["ads"]]
    assert read("autoru", autoru(CAR))["removed"] == 1
    pages = [httpx.get(f"{sandbox.url}/feed_reader/ads/{number}", trust_env=False) for number in numbers]

    assert [page.status_code for page in pages] == [200, 404]
    assert "Объявление не найдено" in pages[1].text
    assert read("autoru", autoru(CAR, CAR | {"unique_id": "car-2"}))["added"] == 1
    assert [ad["number"] for ad in sandbox.state()["feed_reader"]["ads"]] == numbers


def test_an_address_that_does_not_answer_leaves_everything_as_it_was(read: Any, sandbox: Sandbox, web: Pages) -> None:
    read("autoru", autoru(CAR))
    answer = httpx.post(
        f"{sandbox.url}/feed_reader/fetch", json={"address": f"{web.url}/no", "dialect": "autoru"}, trust_env=False
    )

    assert (answer.status_code, answer.json()["refused"]) == (422, "Адрес файла отвечает 404")
    assert sandbox.platforms["feed_reader"].posts() == 1


def test_the_page_shows_the_ads_and_what_was_wrong(read: Any, sandbox: Sandbox) -> None:
    read("autoru", autoru(CAR | {"description": "<script>alert(1)</script>"}, CAR | {"unique_id": "car-2", "vin": ""}))
    page = httpx.get(f"{sandbox.url}/feed_reader/", trust_env=False).text

    assert "BMW X5, IV (G05), 2018" in page
    assert "car-2 нет vin" in page
    assert "<script>alert" not in page
