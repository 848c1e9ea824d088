"""A car as a post: a template that the channel may have of its own, filled within the platform's limit.

A template is plain text with names in braces. A line whose names all have nothing to say is left out; the
description takes the room that everything else leaves.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import russian as ru
from .base import Farewell
from .errors import InvalidPayload, Words
from .text import Markup, cut_at_sentence, cut_units, join, plain_text, units

DEFAULT_TEMPLATE = """{title}
{price}
{facts}

{description}

{seller}
{link}"""
LONGEST_TEMPLATE = 2000
LONGEST_FACT = 120
"""Units of one dealer's line, so that facts never fill the post."""
NAMES: dict[str, Words] = {
    "title": _("car and year; “ПРОДАНО” once it is sold"),
    "price": _("price in roubles and dollars, the old price"),
    "facts": _("mileage, engine, gearbox, body, colour, conditions"),
    "description": _("the listing's own text, as much as fits"),
    "seller": _("town, dealer, address and phone"),
    "link": _("link to the car on the site"),
    "make": _("make"),
    "model": _("model"),
    "year": _("year"),
    "mileage": _("mileage"),
    "city": _("town"),
    "dealer": _("dealer's name"),
    "phone": _("phone"),
}
"""What a template may name, and what it is."""
NAME = re.compile(r"\{(\w*)\}")


def compose(document: Mapping[str, Any], template: str, *, limit: int, site_url: str, rich: bool = False) -> Markup:
    """The post within `limit` UTF-16 units. `rich`: for platforms that take HTML. Raises InvalidPayload."""
    template = template or DEFAULT_TEMPLATE
    values = _values(document, site_url, rich)
    without = _fill(template, values | {"description": Markup()})
    room = limit - units(without.plain)
    if room < 0:
        raise InvalidPayload([_("The post is longer than the platform allows. Shorten the channel's template.")])
    description = plain_text(document.get("text_html", ""))
    # Its own line may bring line breaks along, which count too.
    breaks = units(_fill(template, values | {"description": Markup.text("x")}).plain) - units(without.plain) - 1
    words = cut_at_sentence(description, room - breaks) if "{description}" in template else ""
    return _fill(template, values | {"description": Markup.text(words)})


def template_problems(template: str) -> list[Words]:
    """What is wrong with a template that somebody has typed; empty if nothing."""
    unknown = sorted({name for name in NAME.findall(template) if name not in NAMES})
    problems: list[Words] = [_("There is no name {%(name)s}.") % {"name": name} for name in unknown]
    if len(template) > LONGEST_TEMPLATE:
        problems.append(_("The template is too long: at most %(limit)d characters.") % {"limit": LONGEST_TEMPLATE})
    if template.count("{description}") > 1:
        problems.append(_("Name {description} only once."))
    return problems


def farewell(goodbye: Farewell) -> Markup:
    """What remains of a post that the platform does not delete any more."""
    gone = "Продано" if goodbye.sold else "Снято с продажи"
    words = Markup.text("Опубликовано заново" if goodbye.renewed else gone).tagged("b")
    return join("\n", [words, Markup.text(goodbye.title).tagged("s")])


def _fill(template: str, values: Mapping[str, Markup]) -> Markup:
    lines: list[Markup] = []
    for line in template.strip().splitlines():
        filled, said = _fill_line(line, values)
        if said:
            lines.append(filled)
    # Left-out lines leave no hole.
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    while kept and not kept[-1]:
        kept.pop()
    return Markup("\n".join(line.html for line in kept), "\n".join(line.plain for line in kept))


def _fill_line(line: str, values: Mapping[str, Markup]) -> tuple[Markup, bool]:
    """The line, and whether it says anything (a line without names always does)."""
    filled, position, empty = Markup(), 0, []
    for match in NAME.finditer(line):
        value = values.get(match[1], Markup())
        filled = filled + Markup.text(line[position : match.start()]) + value
        empty.append(not value)
        position = match.end()
    return filled + Markup.text(line[position:]), not empty or not all(empty)


def _values(document: Mapping[str, Any], site_url: str, rich: bool) -> dict[str, Markup]:
    address = f"{site_url}{document['path']}"
    plain = {
        "make": document["make"]["name"],
        "model": document["model"]["name"],
        "year": str(document["year"]),
        "mileage": _mileage(document),
        "city": document["city"]["name"],
        "dealer": document["dealer"]["name"],
        "phone": ru.phone(document["contact"]["phone"]),
    }
    return {name: Markup.text(cut_units(value, LONGEST_FACT)) for name, value in plain.items()} | {
        "title": _title(document),
        "price": _price(document),
        "facts": _facts(document),
        "seller": _seller(document),
        "link": Markup.link("Подробнее на сайте", address) if rich else Markup.text(f"Подробнее: {address}"),
    }


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


def _mileage(document: Mapping[str, Any]) -> str:
    return f"{ru.number(document['mileage_km'])} км" if document["condition"] != "new" else "новый"


def _facts(document: Mapping[str, Any]) -> Markup:
    first = [_mileage(document), ru.engine(dict(document)), ru.GEARBOX.get(document["gearbox"], "")]
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
