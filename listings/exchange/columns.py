"""The columns that an import knows: what they are called here and elsewhere, and which field they fill.

Headers and words of files are Russian constants, not translations: a file that one person exports must mean the same
to a colleague whose admin is in another language.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SIGNS = {"$": "usd", "€": "eur", "%": "percent"}


@dataclass(frozen=True)
class Column:
    """One column of an import. Several may fill the same field: a price in dollars, power in kilowatts."""

    name: str
    """What `parse_row` calls it."""
    header: str
    """What it is called in our own files."""
    aliases: str = ""
    """Other names, separated by `|`. Case, spaces and punctuation mean nothing."""
    example: str = ""
    required: bool = False
    """A new listing needs it, be it from a trim."""
    fills: str = ""
    """The field, where it is not `name`."""

    @property
    def field(self) -> str:
        return self.fills or self.name


COLUMNS: tuple[Column, ...] = (
    Column("external_id", "Номер в учётной системе", "id|ид|код|unique_id|external_id|externalid|внешний id|номер объявления|id объявления|offer_id|vehicle_id|код товара|артикул|guid|№ в 1с|номер в 1с|код 1с|код в 1с|id 1с", "A-1042"),
    Column("stock_number", "Складской номер", "stock|stock_number|stock number|номер на складе|складской №|uin|инвентарный номер", "S-77"),
    Column("vin", "VIN", "вин|vin код|vin-код|vin code|номер кузова vin|vin номер", "WBAKS410500J12345"),
    Column("make", "Марка", "make|mark|brand|mark_id|марка авто|марка автомобиля|марка машины|manufacturer|manufacturer_name|производитель|бренд", "BMW", required=True),
    Column("model", "Модель", "model|folder_id|model_name|модель авто|модель автомобиля|model_id", "X5", required=True),
    Column("generation", "Поколение", "generation|generation_id|поколение авто|кузов поколение"),
    Column("trim", "Модификация", "trim|modification|версия|модификация авто|modification_name"),
    Column("year", "Год выпуска", "год|year|year_produced|г.в.|г/в|год вып|год выпуска авто|дата выпуска|production year|model year|productionyear", "2018", required=True),
    Column("condition", "Состояние", "condition|state|новый/б.у.|новый или с пробегом|vehicle condition|section", "с пробегом"),
    Column("mileage_km", "Пробег, км", "пробег|mileage|run|mileage_km|odometer|odometer_value|kilometrage|kilometers|пробег в км|mileage km", "85000", required=True),
    Column("mileage_thousand_km", "Пробег, тыс. км", "пробег т.км|пробег тыс км|пробег, т. км|пробег в тыс. км", fills="mileage_km"),
    Column("owners", "Владельцев", "owners|владельцы|кол-во владельцев|количество владельцев|число владельцев|owners_number|ownerscount|owners count|хозяев", "1"),
    Column("fuel", "Топливо", "fuel|тип топлива|вид топлива|двигатель|тип двигателя|fuel_type|fueltype|engine_fuel|engine_type|enginetype|engine type", "дизель", required=True),
    Column("engine_cc", "Объём двигателя, см³", "объем|объём|двигатель|объем двигателя|объём, л|объем двигателя, л|объем двигателя см3|рабочий объем|engine|engine_cc|engine_capacity|engine_volume|enginevolume|engine size|enginesize|displacement|volume|двс объем|объем, см3", "2993"),
    Column("power_hp", "Мощность, л.с.", "мощность|power|power_hp|engine_power|enginepower|horse_power|horsepower|hp|л.с.|мощность двигателя|мощность двигателя, л.с.|мощность л с", "249"),
    Column("power_kw", "Мощность, кВт", "power_kw|power kw|кВт|мощность двигателя, кВт", fills="power_hp"),
    Column("battery_kwh", "Батарея, кВт·ч", "battery|battery_kwh|ёмкость батареи|ёмкость батареи, кВт·ч|батарея|battery capacity|battery kwh|аккумулятор, квтч"),
    Column("range_km", "Запас хода, км", "запас хода|range|range_km|range km"),
    Column("gearbox", "Коробка передач", "коробка|кпп|transmission|gearbox|gearboxtype|gearbox_type|тип кпп|тип коробки|трансмиссия|тип коробки передач", "автомат", required=True),
    Column("drive", "Привод", "drive|drivetrain|drivetype|drive_type|тип привода|gear_type|drive train", "полный привод", required=True),
    Column("body", "Кузов", "body|body_type|bodytype|тип кузова|body type|body style|bodystyle", "внедорожник", required=True),
    Column("color", "Цвет", "color|colour|bodycolor|body_color|цвет кузова|цвет авто|exterior color|exterior_color", "чёрный", required=True),
    Column("price", "Цена", "price|стоимость|цена продажи|цена авто|розничная цена|цена розничная", "25500", required=True),
    Column("price_byn", "Цена, BYN", "цена, руб|цена, бел. руб.|цена, р.|цена в рублях|price_byn|стоимость, руб|стоимость, byn|цена byn|цена бел руб", fills="price"),
    Column("price_usd", "Цена, USD", "цена, $|price_usd|цена в долларах|стоимость, $|стоимость, usd|price $|цена usd|цена долл", fills="price"),
    Column("price_eur", "Цена, EUR", "цена, €|price_eur|цена в евро|стоимость, €|стоимость, eur|price €|цена евро", fills="price"),
    Column("currency", "Валюта", "currency|валюта цены|price_currency", "USD"),
    Column("old_price", "Цена до скидки", "old_price|oldprice|старая цена|specialofferpreviousprice|цена без скидки|price before discount"),
    Column("vat", "НДС", "vat|с ндс|цена с ндс|ндс в цене", "нет"),
    Column("exchange", "Обмен", "exchange|is_exchangeable|возможен обмен|обмен возможен|exchange_possible|трейд-ин|tradein", "да"),
    Column("leasing", "Лизинг", "leasing|возможен лизинг|лизинг возможен", "нет"),
    Column("customs_cleared", "Растаможен", "customs_cleared|customs|custom|растаможка|таможня|растаможен в рб|customs cleared", "да"),
    Column("registration_country", "Страна регистрации", "registration_country|учёт|зарегистрирован|страна учёта|registered in|registration country", "Беларусь"),
    Column("city", "Город", "city|город продажи|местонахождение|населённый пункт|location|г.", "Минск"),
    Column("payment_types", "Способы оплаты", "payment_types|оплата|способ оплаты|форма оплаты|payment|payment types", "Наличные; Лизинг"),
    Column("equipment", "Оборудование", "equipment|опции|оснащение|комплектация и опции|options|features"),
    Column("text", "Описание", "description|text|комментарий продавца|текст|текст объявления|описание авто|seller comment", "Один владелец, обслуживался у дилера."),
    Column("video_url", "Видео", "video|video_url|ссылка на видео|youtube"),
    Column("contact_name", "Контактное лицо", "contact_name|контакт|имя контакта|contact name|contact person"),
    Column("contact_phone", "Контактный телефон", "contact_phone|телефон|phone|тел|номер телефона|contact phone"),
    Column("title", "Заголовок", "title|название|наименование|заголовок объявления"),
    Column("photos", "Фото", "photos|photo|images|image|фотографии|ссылки на фото|изображения|картинки|фото url|photo urls|image_url|pictures"),
)  # fmt: skip
# ruff: noqa: E501 - one column a line reads better than five.

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
HEADERS: dict[str, str] = {column.name: column.header for column in COLUMNS}
"""Column name to the header in our own files."""
OWN_COLUMNS: tuple[Column, ...] = tuple(column for column in COLUMNS if not column.fills)
"""One column for each field: what exports and the template have."""
FROM_TRIM = ("fuel", "gearbox", "drive", "body")
"""Required, unless a trim brings them."""


@lru_cache(maxsize=4096)
def plain_header(header: str) -> str:
    """Letters and digits only, lower case, without ё: "Пробег, км" and "пробег (КМ)" are the same."""
    text = unicodedata.normalize("NFKC", header).casefold().replace("ё", "е")
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    return re.sub(r"[\W_]", "", text)


_KNOWN: dict[str, list[str]] = {}
for _column in COLUMNS:
    for _name in {plain_header(name) for name in (_column.header, _column.name, *_column.aliases.split("|"))} - {""}:
        _KNOWN.setdefault(_name, []).append(_column.name)


def recognise(header: str) -> list[str]:
    """Names of the columns that a header may mean, the likeliest first: "двигатель" is the fuel, or the engine's size.

    What a dialect of XML names in its own way ("<generation>") is not taken for ours unless somebody says so: a feed
    whose generations are called otherwise must not be refused for them.
    """
    if header.startswith("<"):
        return []
    return _KNOWN.get(plain_header(header), [])


def guess(header: Iterable[str]) -> dict[str, str]:
    """Column header to column name, for those that are known. Each field is filled by one column only.

    Where two columns could fill a field, the one with our own header wins, then one in our own form (a price with its
    currency apart), then the one that means nothing else, then the first.
    """
    titles = list(header)
    found: dict[str, str] = {}
    for title in sorted(titles, key=_doubt):
        taken = {BY_NAME[name].field for name in found.values()}
        fits = [name for name in recognise(title) if BY_NAME[name].field not in taken]
        if fits:
            found[title] = fits[0]
    return {title: found[title] for title in titles if title in found}


def _doubt(title: str) -> tuple[bool, bool, int]:
    names = recognise(title)
    own = any(plain_header(title) == plain_header(HEADERS[name]) for name in names)
    return not own, bool(names and BY_NAME[names[0]].fills), len(names)


def missing(values: Mapping[str, Any]) -> list[str]:
    """Names of the columns without which a new listing cannot be created. A trim brings some of them."""
    brought = FROM_TRIM if values.get("trim") else ()
    return [
        column.name
        for column in COLUMNS
        if column.required
        and values.get(column.field) is None
        and not (column.name in brought and getattr(values["trim"], column.name))
    ]
