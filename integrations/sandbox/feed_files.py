"""Fetches and reads files of cars as strictly as the platforms' descriptions of their formats allow."""

import csv
import gzip
import io
import re
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.error import HTTPError, URLError
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

FETCH_TIMEOUT = 60
MAX_IMAGE = 25 * 1024 * 1024
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
NAKED_HTML = re.compile(r"<Description>\s*(?!<!\[CDATA\[)[^<]*&lt;\s*/?\w", re.IGNORECASE)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class FileRefused(Exception):
    """The whole file, with the reason."""


@dataclass(frozen=True)
class Limits:
    cars: int | None = None
    images: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Ad:
    id: str
    title: str
    price: str
    text: str = ""
    photos: tuple[str, ...] = ()


@dataclass
class ReadFile:
    ads: list[Ad] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Number of the car, what is wrong with it."""


@dataclass(frozen=True)
class Dialect:
    cars: Callable[[bytes], list[Any]]
    """Raises FileRefused."""
    ad: Callable[[Any], Ad]
    problems: Callable[[Any], list[str]]
    limits: Limits = Limits()


@dataclass(frozen=True)
class Fetched:
    status: int
    body: bytes = b""
    etag: str = ""


def fetch(address: str, etag: str = "") -> Fetched:
    """Raises FileRefused where there is no answer worth reading."""
    headers = {"User-Agent": "SandboxFeedReader/1.0", "Accept-Encoding": "gzip"}
    if etag:
        headers["If-None-Match"] = etag
    if not address.startswith(("http://", "https://")):
        raise FileRefused("Адрес файла должен начинаться с http:// или https://")
    try:
        with OPENER.open(urllib.request.Request(address, headers=headers), timeout=FETCH_TIMEOUT) as answer:  # noqa: S310  checked above
            body = answer.read()
            if answer.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            return Fetched(answer.status, body, answer.headers.get("ETag") or "")
    except HTTPError as error:
        if error.code == 304:
            return Fetched(304, etag=etag)
        raise FileRefused(f"Адрес файла отвечает {error.code}") from None
    except (URLError, OSError, EOFError) as error:
        raise FileRefused(f"Файл не скачивается: {type(error).__name__}") from None


def is_picture(address: str) -> bool:
    """Whether there is a JPEG or PNG of at most 25 MB behind the address."""
    try:
        with OPENER.open(address, timeout=FETCH_TIMEOUT) as answer:
            content = answer.read(MAX_IMAGE + 1)
    except (URLError, OSError, ValueError):
        return False
    return len(content) <= MAX_IMAGE and content.startswith(PICTURES)


def read_file(dialect: str, body: bytes, limits: Limits | None = None) -> ReadFile:
    """Good cars are taken, each bad one is named. Raises FileRefused for the file as a whole."""
    rules = DIALECTS.get(dialect)
    if rules is None:
        raise FileRefused(f"Формат {dialect!r} неизвестен")
    allowed = limits or rules.limits
    if allowed.bytes is not None and len(body) > allowed.bytes:
        raise FileRefused(f"Файл больше {allowed.bytes} байт")
    cars = rules.cars(body)
    if allowed.cars is not None and len(cars) > allowed.cars:
        raise FileRefused(f"В файле больше {allowed.cars} предложений")
    read, seen = ReadFile(), set[str]()
    for car in cars:
        ad, problems = rules.ad(car), rules.problems(car)
        if ad.id in seen:
            problems.append("номер уже был в этом файле")
        seen.add(ad.id)
        problems += [f"адрес фото не целый: {p[:100]}" for p in ad.photos if not p.startswith(("http://", "https://"))]
        if problems:
            read.problems += [(ad.id, problem) for problem in problems]
        else:
            read.ads.append(ad)
    if allowed.images is not None and sum(len(ad.photos) for ad in read.ads) > allowed.images:
        raise FileRefused(f"В файле больше {allowed.images} фото")
    return read


def _xml(body: bytes, root: str) -> Element:
    try:
        element: Element = fromstring(body, forbid_dtd=True)
    except ParseError as error:
        raise FileRefused(f"XML повреждён: {error}") from None
    except DefusedXmlException:
        raise FileRefused("XML с объявлением DTD или сущностями не принимается") from None
    if element.tag != root:
        raise FileRefused(f"Файл должен начинаться с <{root}>")
    return element


def _text(car: Element, path: str) -> str:
    return (car.findtext(path) or "").strip()


def _missing(car: Element, *names: str) -> list[str]:
    return [f"нет {name}" for name in names if not _text(car, name)]


def _not_whole(car: Element, *names: str) -> list[str]:
    return [f"{name} не целое число" for name in names if _text(car, name) and not _text(car, name).isdigit()]


# --- auto.ru --------------------------------------------------------------------------------------
def _autoru_cars(body: bytes) -> list[Element]:
    return _xml(body, "data").findall("cars/car")


def _autoru_ad(car: Element) -> Ad:
    title = f"{_text(car, 'mark_id')} {_text(car, 'folder_id')}, {_text(car, 'year')}"
    photos = tuple((image.text or "").strip() for image in car.iterfind("images/image"))
    price = f"{_text(car, 'price')} {_text(car, 'currency')}"
    return Ad(_text(car, "unique_id") or _text(car, "vin"), title, price, _text(car, "description"), photos)


def _autoru_problems(car: Element) -> list[str]:
    vin = _text(car, "vin")
    problems = _missing(car, "mark_id", "folder_id", "vin", "price", "currency", "year")
    problems += _not_whole(car, "price", "year", "run")
    return problems + (["vin не из 17 знаков"] if vin and len(vin) != 17 else [])


# --- Avito ----------------------------------------------------------------------------------------
def _avito_cars(body: bytes) -> list[Element]:
    ads = _xml(body, "Ads")
    if ads.get("formatVersion") != "3" or ads.get("target") != "Avito.ru":
        raise FileRefused('Ожидается <Ads formatVersion="3" target="Avito.ru">')
    if NAKED_HTML.search(body.decode("utf-8", "replace")):
        raise FileRefused("HTML в Description допустим только внутри CDATA")
    return ads.findall("Ad")


def _avito_ad(car: Element) -> Ad:
    title = f"{_text(car, 'Make')} {_text(car, 'Model')}, {_text(car, 'Year')}"
    photos = tuple(image.get("url", "") for image in car.iterfind("Images/Image"))
    text = re.sub(r"<[^>]*>", " ", _text(car, "Description"))
    return Ad(_text(car, "Id"), title, f"{_text(car, 'Price')} ₽", text, photos)


def _avito_problems(car: Element) -> list[str]:
    problems = _missing(car, "Id", "Category", "CarType", "Make", "Model", "Year", "VIN", "Price", "Description")
    problems += _not_whole(car, "Price", "Year", "Kilometrage")
    if len(_text(car, "Id")) > 100:
        problems.append("Id длиннее 100 знаков")
    if _text(car, "Category") not in ("", "Автомобили"):
        problems.append("Category не «Автомобили»")
    if len(_text(car, "Description")) > 7500:
        problems.append("Description длиннее 7500 знаков")
    return problems


# --- Yandex YML -----------------------------------------------------------------------------------
def _yml_cars(body: bytes) -> list[Element]:
    catalog = _xml(body, "yml_catalog")
    shop = catalog.find("shop")
    if not catalog.get("date") or shop is None:
        raise FileRefused("Нет даты каталога или магазина")
    absent = [name for name in ("name", "company", "url", "currencies", "categories") if shop.find(name) is None]
    if absent:
        raise FileRefused(f"В shop нет {', '.join(absent)}")
    known = {item.get("id") for item in (*shop.iterfind("currencies/currency"), *shop.iterfind("categories/category"))}
    offers = shop.findall("offers/offer")
    for offer in offers:
        if not {_text(offer, "currencyId"), _text(offer, "categoryId")} <= known:
            raise FileRefused(f"У предложения {offer.get('id')} валюта или категория, которой нет в магазине")
    return offers


def _yml_ad(offer: Element) -> Ad:
    photos = tuple((picture.text or "").strip() for picture in offer.iterfind("picture"))
    text = re.sub(r"<[^>]*>", " ", _text(offer, "description"))
    return Ad(
        offer.get("id") or "",
        _text(offer, "name"),
        f"{_text(offer, 'price')} {_text(offer, 'currencyId')}",
        text,
        photos,
    )


def _yml_problems(offer: Element) -> list[str]:
    return (["нет id"] if not offer.get("id") else []) + _missing(offer, "name", "url", "price")


# --- Google ---------------------------------------------------------------------------------------
GOOGLE_REQUIRED = (
    "vin", "store_code", "dealership_name", "dealership_address", "price", "condition", "make", "model", "year",
)  # fmt: skip
GOOGLE_PRICE = re.compile(r"\d+(\.\d\d)? [A-Z]{3}")


def _google_cars(body: bytes) -> list[Mapping[str, str]]:
    return _csv_cars(body, GOOGLE_REQUIRED)


def _csv_cars(body: bytes, required: Sequence[str]) -> list[Mapping[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True)
        absent = [name for name in required if name not in (reader.fieldnames or ())]
        rows: list[Mapping[str, str]] = [{name: value or "" for name, value in row.items() if name} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefused(f"CSV повреждён: {type(error).__name__}") from None
    if absent:
        raise FileRefused(f"Нет столбцов {', '.join(absent)}")
    return rows


def _google_ad(row: Mapping[str, str]) -> Ad:
    photos = [row.get("image_link", ""), *row.get("additional_image_link", "").split(",")]
    title = f"{row['make']} {row['model']}, {row['year']}"
    return Ad(row["vin"], title, row["price"], row.get("trim", ""), tuple(photo for photo in photos if photo))


def _google_problems(row: Mapping[str, str]) -> list[str]:
    problems = [f"нет {name}" for name in GOOGLE_REQUIRED if not row[name].strip()]
    if row["price"] and not GOOGLE_PRICE.fullmatch(row["price"]):
        problems.append("price не вида «15000 USD»")
    if row["condition"] not in ("", "new", "used"):
        problems.append("condition не new и не used")
    if row["condition"] == "used" and not row.get("mileage", "").strip():
        problems.append("нет mileage")
    return problems


# --- Meta -----------------------------------------------------------------------------------------
META_REQUIRED = ("vehicle_id", "title", "description", "url", "image[0].url", "make", "model", "year", "price", "vin")


def _meta_cars(body: bytes) -> list[Mapping[str, str]]:
    return _csv_cars(body, META_REQUIRED)


def _meta_ad(row: Mapping[str, str]) -> Ad:
    photos = tuple(
        value for name, value in row.items() if name.startswith("image[") and name.endswith(".url") and value
    )
    return Ad(row["vehicle_id"], row["title"], row["price"], row["description"], photos)


def _meta_problems(row: Mapping[str, str]) -> list[str]:
    return [f"нет {name}" for name in META_REQUIRED if not row[name].strip()]


DIALECTS = {
    "autoru": Dialect(_autoru_cars, _autoru_ad, _autoru_problems),
    "avito": Dialect(_avito_cars, _avito_ad, _avito_problems),
    "yml": Dialect(_yml_cars, _yml_ad, _yml_problems, Limits(30_000, 50_000, 200 * 1024 * 1024)),
    "google": Dialect(_google_cars, _google_ad, _google_problems),
    "meta": Dialect(_meta_cars, _meta_ad, _meta_problems),
}


def with_limits(dialect: str, changes: Mapping[str, int]) -> Limits:
    """Raises TypeError for what is no limit."""
    return replace(DIALECTS[dialect].limits, **changes)
