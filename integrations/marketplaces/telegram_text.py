"""A car as a Telegram post: HTML within Telegram's limits."""

from collections.abc import Mapping
from typing import Any

from . import russian as ru
from .text import Markup, cut_at_sentence, cut_units, join, units

CAPTION_LIMIT = 1024
TEXT_LIMIT = 4096
"""Telegram counts UTF-16 units after it has parsed the entities."""
LONGEST_FACT = 120
"""Units of one dealer's line, so that facts never fill the post."""


def post_text(document: Mapping[str, Any], description: str, *, limit: int, site_url: str) -> str:
    """The post's HTML: facts first, as much of the description as still fits, the link last."""
    head = join("\n", [_title(document), _price(document), _facts(document)])
    tail = join("\n", [_seller(document), Markup.link("Подробнее на сайте", f"{site_url}{document['path']}")])
    room = limit - units(join("\n\n", [head, tail]).plain) - units("\n\n")
    return join("\n\n", [head, Markup.text(cut_at_sentence(description, room)), tail]).html


def farewell_text(title: str, *, sold: bool) -> str:
    """What remains of a post that Telegram does not delete any more."""
    words = Markup.text("Продано" if sold else "Снято с продажи").tagged("b")
    return join("\n", [words, Markup.text(title).tagged("s")]).html


def _title(document: Mapping[str, Any]) -> Markup:
    title = Markup.text(f"{document['title']}, {document['year']}").tagged("b")
    if document["sale_state"] == "sold":
        return join("\n", [Markup.text("ПРОДАНО").tagged("b"), title.tagged("s")])
    if document["sale_state"] == "reserved":
        return join("\n", [title, Markup.text("Забронирован").tagged("i")])
    return title


def _price(document: Mapping[str, Any]) -> Markup:
    price = document["price"]
    words = Markup.text(f"{ru.number(price['byn'])}{ru.NBSP}BYN").tagged("b")
    if document["sale_state"] == "sold":
        return words.tagged("s")
    if price.get("usd"):
        words += Markup.text(f" ≈ {ru.number(price['usd'])}{ru.NBSP}$")
    if price.get("old_byn"):
        words += Markup.text(" вместо ") + Markup.text(f"{ru.number(price['old_byn'])}{ru.NBSP}BYN").tagged("s")
    return words


def _facts(document: Mapping[str, Any]) -> Markup:
    mileage = f"{ru.number(document['mileage_km'])} км" if document["condition"] != "new" else "новый"
    first = [mileage, ru.engine(dict(document)), ru.GEARBOX.get(document["gearbox"], "")]
    words = ((ru.DRIVE, "drive"), (ru.BODY, "body"), (ru.COLOR, "color"))
    second = [translation.get(document[name], "") for translation, name in words]
    if document["condition"] in {"damaged", "parts"}:
        second.append(ru.CONDITION[document["condition"]])
    chances = [("exchange", "обмен"), ("leasing", "лизинг"), ("vat", "цена с НДС")]
    third = [words for name, words in chances if document.get(name)]
    return join("\n", [Markup.text(" · ".join(word for word in line if word)) for line in (first, second, third)])


def _seller(document: Mapping[str, Any]) -> Markup:
    dealer, contact = document["dealer"], document["contact"]
    place = ", ".join(part for part in (document["city"]["name"], dealer["name"], dealer.get("address", "")) if part)
    call = " · ".join(part for part in (ru.phone(contact["phone"]), contact.get("name", "")) if part)
    return join("\n", [Markup.text(cut_units(line, LONGEST_FACT)) for line in (place, call)])
