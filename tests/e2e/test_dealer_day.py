"""A dealer's whole day: import, correct, submit, be returned, correct again, be approved, see the car live."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.lib.stack import Stack

from .browsing import DESKTOP, log_in, watch
from .test_import_pages import SECONDS, check, send, workbook

pytestmark = pytest.mark.e2e

__all__ = ["workbook"]

COMMENT = "Напишите, был ли автомобиль в аварии."


def submit(page: Page) -> None:
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("button[name=action-submit]").click()
    page.wait_for_load_state()


def review(page: Page, stack: Stack, price: str) -> None:
    """The moderator finds the dealer's car in the queue and opens it."""
    page.goto(f"{stack.cms_url}/admin/listings/moderation/")
    page.locator("li", has_text=price).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Что заметила автоматическая проверка")).to_be_visible()


def test_a_dealers_whole_day(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], workbook: Path
) -> None:
    dealer = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(dealer, stack, "dealer")
    send(dealer, stack, workbook)
    check(dealer)
    cell = dealer.get_by_label("Топливо")
    cell.fill("дизель")
    cell.press("Enter")
    expect(dealer.locator("[data-count=create]")).to_have_text("3")
    dealer.get_by_role("button", name="Загрузить 3 автомобиля").click()
    expect(dealer.locator("[data-import-progress][data-state=done]")).to_be_visible(timeout=60 * SECONDS)

    dealer.get_by_role("link", name="Показать автомобили").click()
    dealer.get_by_role("link", name="BMW X5, 2018").first.click()
    dealer.wait_for_url(re.compile(r"/edit/\d+/"))
    edit_address = dealer.url.split("?")[0]
    dealer.fill("#id_price", "25777")
    submit(dealer)

    moderator = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(moderator, stack, "moderator")
    review(moderator, stack, "25\u00a0777")
    expect(moderator.locator("main")).to_contain_text("Нет ни одной фотографии")
    moderator.fill("#comment", COMMENT)
    moderator.get_by_role("button", name="Вернуть дилеру").click()
    expect(moderator.locator(".messages")).to_contain_text("возвращён дилеру")

    dealer.goto(f"{stack.cms_url}/admin/")
    expect(dealer.locator("main")).to_contain_text(COMMENT)
    dealer.goto(edit_address)
    expect(dealer.locator("main")).to_contain_text(COMMENT)
    dealer.fill("#id_price", "25444")
    submit(dealer)

    review(moderator, stack, "25\u00a0444")
    expect(moderator.locator("main")).to_contain_text(COMMENT)
    moderator.get_by_role("button", name="Одобрить и дальше").click()
    expect(moderator.locator(".messages")).to_contain_text("опубликован")

    dealer.goto(edit_address)
    site_row = dealer.locator("[data-place='Сайт']")
    expect(site_row.locator(".listing-place--good")).to_be_visible(timeout=20 * SECONDS)
    address = site_row.locator("a").get_attribute("href") or ""
    assert "25\u00a0444" in httpx.get(address).text
    assert problems == []
