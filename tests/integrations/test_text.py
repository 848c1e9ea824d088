"""Texts are counted and cut as Telegram counts, for any input."""

import re
from html import escape
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.marketplaces import russian
from integrations.marketplaces.base import Farewell, InvalidPayload
from integrations.marketplaces.post import compose, farewell, template_problems
from integrations.marketplaces.telegram_payload import CAPTION_LIMIT, TEXT_LIMIT
from integrations.marketplaces.text import cut_at_sentence, plain_text, units
from integrations.sandbox.telegram_markup import parse
from integrations.sandbox.telegram_markup import units as platform_units
from listings import vocabulary

SITE = "https://avtofamily.example"

# Without lone surrogates: a database holds none.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def document(**fields: Any) -> dict[str, Any]:
    values = {
        "title": "BMW X5 xDrive30d", "year": 2018, "path": "/cars/bmw-x5-2018-abcd", "sale_state": "available",
        "make": {"name": "BMW"}, "model": {"name": "X5"},
        "price": {"byn": 95000, "usd": 29000, "old_byn": 99000}, "mileage_km": 120000, "condition": "used",
        "fuel": "diesel", "engine_cc": 2993, "power_hp": 249, "gearbox": "automatic", "drive": "all", "body": "suv",
        "color": "black", "exchange": True, "leasing": False, "vat": False, "city": {"name": "Минск"},
        "dealer": {"name": "Автосалон", "address": "Ленина 1"},
        "contact": {"name": "Анна", "phone": "+375291234567"},
    }  # fmt: skip
    return values | fields


def post_text(fields: dict[str, Any], description: str, *, limit: int, template: str = "") -> str:
    rich = "".join(f"<p>{escape(line)}</p>" for line in description.split("\n"))
    return compose(fields | {"text_html": rich}, template, limit=limit, site_url=SITE, rich=True).html


def test_a_post_says_what_a_buyer_asks_first() -> None:
    html = post_text(document(), "Один хозяин. Сервисная история.", limit=CAPTION_LIMIT)

    assert html.replace("\N{NO-BREAK SPACE}", " ") == (
        "<b>BMW X5 xDrive30d, 2018</b>\n"
        "<b>95 000 BYN</b> ≈ 29 000 $ вместо <s>99 000 BYN</s>\n"
        "120 000 км · дизель 3.0, 249 л.с. · автомат\n"
        "полный привод · внедорожник · чёрный\n"
        "обмен\n\n"
        "Один хозяин. Сервисная история.\n\n"
        "Минск, Автосалон, Ленина 1\n"
        "+375 29 123-45-67 · Анна\n"
        '<a href="https://avtofamily.example/cars/bmw-x5-2018-abcd">Подробнее на сайте</a>'
    )


@given(title=words, description=words.map(lambda text: text * 12), name=words, limit=st.sampled_from([1024, 4096]))
def test_any_post_is_valid_html_within_the_limit(title: str, description: str, name: str, limit: int) -> None:
    fields = document(title=title[:120], contact={"name": name[:80], "phone": "+375291234567"})
    html = post_text(fields, description, limit=limit)

    _page, plain = parse(html, "HTML")
    assert platform_units(plain) <= limit
    assert plain.endswith("Подробнее на сайте")


@given(text=words.map(lambda text: text * 3), limit=st.integers(1, 300))
@example(text="🚗" * 200, limit=101)
def test_a_cut_text_fits_and_is_a_beginning_of_the_text(text: str, limit: int) -> None:
    cut = cut_at_sentence(text, limit)

    assert units(cut) <= limit
    kept = cut if cut == text.strip() else cut.removesuffix("…").rstrip()
    assert text.strip().startswith(kept)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("Одно. Два.", 10, "Одно. Два."),
        ("Одно. Два.", 9, "Одно. …"),
        ("Первое предложение. Второе длиннее первого.", 30, "Первое предложение. …"),
        ("Одно длинное предложение без конца", 20, "Одно длинное…"),
        ("Мотор 2.0 литра и ещё слова", 14, "Мотор 2.0…"),
        ("Неделимоеслово", 5, ""),
        ("Строка\nВторая строка", 12, "Строка …"),
    ],
)
def test_a_text_is_cut_at_the_end_of_a_sentence_or_else_of_a_word(text: str, limit: int, cut: str) -> None:
    assert cut_at_sentence(text, limit) == cut


def test_rich_text_becomes_paragraphs_and_bullets() -> None:
    rich = "<p>Один &amp; единственный <b>хозяин</b>.</p><ul><li>Зимняя резина</li><li>Чехлы</li></ul><p>Торг.</p>"

    assert plain_text(rich) == "Один & единственный хозяин.\n\n• Зимняя резина\n• Чехлы\n\nТорг."


def test_markup_of_the_dealer_is_text_and_not_markup() -> None:
    html = post_text(document(title="<b>A&B</b>"), "1 < 2 & </i>", limit=TEXT_LIMIT)

    assert parse(html, "HTML")[1].startswith("<b>A&B</b>, 2018")
    assert "1 &lt; 2 &amp; &lt;/i&gt;" in html


def test_a_sold_car_says_so_first() -> None:
    html = post_text(document(sale_state="sold"), "", limit=CAPTION_LIMIT)

    assert html.startswith("<b>ПРОДАНО</b>\n<s><b>BMW X5 xDrive30d, 2018</b></s>\n<s><b>95")
    assert farewell(Farewell("A&B, 2018", sold=True)).html == "<b>Продано</b>\n<s>A&amp;B, 2018</s>"


def test_a_template_leaves_out_lines_that_have_nothing_to_say() -> None:
    template = "Продаём {make} {model}\n\nЗвоните: {phone}\n{description}\n\nТолько у нас!"
    fields = document(make={"name": "BMW"}, model={"name": "X5"}) | {"text_html": ""}

    post = compose(fields, template, limit=500, site_url=SITE).plain

    assert post.replace(russian.NBSP, " ") == "Продаём BMW X5\n\nЗвоните: +375 29 123-45-67\n\nТолько у нас!"


@given(description=words.map(lambda text: text * 20), limit=st.integers(330, 1500))
def test_a_plain_post_shows_the_address_itself_and_fits(description: str, limit: int) -> None:
    post = compose(document(text_html=escape(description)), "", limit=limit, site_url=SITE).plain

    assert units(post) <= limit
    assert post.endswith(f"Подробнее: {SITE}/cars/bmw-x5-2018-abcd")


def test_a_template_that_leaves_no_room_is_refused_and_not_cut() -> None:
    with pytest.raises(InvalidPayload, match="шаблон"):
        compose(document(), "Слова " * 40 + "{title}", limit=200, site_url=SITE)


def test_problems_of_a_template_name_the_name() -> None:
    assert template_problems("{title} {prise}\n{description}") != []
    assert "prise" in str(template_problems("{prise}")[0])
    assert template_problems("{title}\n{price}\n{description}\n{link}") == []
    assert len(template_problems("{description} {description}")) == 1


@pytest.mark.parametrize(
    ("codes", "words_"),
    [
        (vocabulary.Fuel, russian.FUEL),
        (vocabulary.Gearbox, russian.GEARBOX),
        (vocabulary.Drive, russian.DRIVE),
        (vocabulary.Body, russian.BODY),
        (vocabulary.Color, russian.COLOR),
        (vocabulary.Condition, russian.CONDITION),
    ],
)
def test_every_code_has_its_russian_word(codes: Any, words_: dict[str, str]) -> None:
    assert set(codes.values) == set(words_)


def test_numbers_and_phones_read_well() -> None:
    assert russian.number(1234567) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"
    assert russian.phone("+375291234567") == "+375 29 123-45-67"
    assert not re.search(r"\s", russian.phone("+48123456789"))
