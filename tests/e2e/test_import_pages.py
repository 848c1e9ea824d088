"""A dealer's file in a browser: loaded, corrected in place, run, seen in the list; on a phone, without JavaScript."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import BrowserContext, Page, expect

from scripts.lib.stack import Stack

from .browsing import DESKTOP, PHONE, log_in, watch

pytestmark = pytest.mark.e2e

HEADER = [
    "Код",
    "Марка",
    "Модель",
    "Год",
    "Пробег",
    "Топливо",
    "КПП",
    "Привод",
    "Кузов",
    "Цвет",
    "Стоимость",
    "Примечание",
]
SECONDS = 1000


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """As dealers have it: a title above the header, words of their own, one wrong row, one sheet too many."""
    mark = uuid.uuid4().hex[:8]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Склад"
    sheet.append(["Прайс-лист"])
    sheet.append(HEADER)
    for number, fuel in enumerate(["дизель", "дизель", "дизиль"]):
        car = ["BMW", "X5", 2018, "120 т.км", fuel, "АКПП", "полный", "внедорожник", "чёрный", "25 500 $", "торг"]
        sheet.append([f"{mark}-{number}", *car])
    book.create_sheet("Продано").append(["Здесь", "ничего"])
    path = tmp_path / f"{mark}.xlsx"
    book.save(path)
    return path


def send(page: Page, stack: Stack, file: Path) -> None:
    page.goto(f"{stack.cms_url}/admin/listings/imports/")
    page.get_by_role("link", name="Загрузить файл").first.click()
    page.locator("input[name=file]").set_input_files(str(file))
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("heading", name="Что значат столбцы")).to_be_visible()


def check(page: Page) -> None:
    page.get_by_role("button", name="Проверить").click()
    expect(page.locator("[data-import-progress][data-state=checked]")).to_be_visible(timeout=60 * SECONDS)


def count(page: Page, outcome: str) -> str:
    return page.locator(f"[data-count={outcome}]").inner_text()


def is_not_wider_than(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def test_a_dealer_loads_a_file_and_corrects_what_is_refused(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], workbook: Path
) -> None:
    page = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(page, stack, "dealer")
    send(page, stack, workbook)
    expect(page.get_by_label("Стоимость")).to_have_value("price")
    expect(page.get_by_label("Примечание")).to_have_value("")
    check(page)
    assert [count(page, outcome) for outcome in ("create", "refused")] == ["2", "1"]

    cell = page.get_by_label("Топливо")
    cell.fill("дизель")
    cell.press("Enter")
    expect(page.get_by_text("Исправлено: будет загружено")).to_be_visible()
    expect(page.locator("[data-count=create]")).to_have_text("3")

    page.get_by_role("button", name="Загрузить 3 автомобиля").click()
    expect(page.locator("[data-import-progress][data-state=done]")).to_be_visible(timeout=60 * SECONDS)
    with page.expect_download() as report:
        page.get_by_role("link", name="CSV").click()
    assert workbook.stem in Path(report.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("link", name="Показать автомобили").click()
    expect(page.locator("main")).to_contain_text("BMW X5, 2018")

    send(page, stack, workbook)
    check(page)
    assert [count(page, outcome) for outcome in ("create", "change", "same")] == ["0", "0", "2"]
    assert problems == []


def test_the_pages_fit_a_phone(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], workbook: Path
) -> None:
    page = watch(context(viewport=PHONE, is_mobile=True, has_touch=True).new_page(), problems)
    log_in(page, stack, "dealer")
    for path in ("imports/", "imports/add/", "feeds/", "feeds/new/"):
        page.goto(f"{stack.cms_url}/admin/listings/{path}")
        assert is_not_wider_than(page, PHONE["width"]), path
    send(page, stack, workbook)
    assert is_not_wider_than(page, PHONE["width"])
    check(page)
    expect(page.get_by_role("button", name=re.compile("Загрузить 2"))).to_be_in_viewport()
    assert is_not_wider_than(page, PHONE["width"])
    assert problems == []


def test_all_of_it_works_without_javascript(
    stack: Stack, context: Callable[..., BrowserContext], workbook: Path
) -> None:
    page = context(viewport=DESKTOP, java_script_enabled=False).new_page()
    log_in(page, stack, "dealer")
    send(page, stack, workbook)
    page.get_by_role("button", name="Проверить").click()
    # The page follows by itself, with the browser's own means.
    expect(page.locator("[data-count=refused]")).to_have_text("1", timeout=60 * SECONDS)

    page.get_by_label("Топливо").fill("дизель")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("[data-count=create]")).to_have_text("3")
    page.get_by_role("button", name="Не загружать").click()
    expect(page.locator("[data-import-progress]")).to_have_attribute("data-state", "cancelled")


def test_a_feed_is_set_up_and_switched_off(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str]
) -> None:
    page = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(page, stack, "dealer")
    page.goto(f"{stack.cms_url}/admin/listings/feeds/new/")
    page.get_by_label("Название").fill("Выгрузка 1С")
    page.get_by_label("Адрес").fill(f"https://{uuid.uuid4().hex[:8]}.example.com/cars.xml")
    page.locator("footer button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Последние загрузки")).to_be_visible()
    page.get_by_role("button", name="Выключить").click()
    expect(page.get_by_role("button", name="Включить")).to_be_visible()
    assert problems == []
