"""The whole way in a browser: an editor publishes a car, a visitor sees it and asks about it, the channel has it."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.lib.stack import Stack
from tests.factories import picture_bytes

from .browsing import DESKTOP, PHONE, log_in, watch

pytestmark = pytest.mark.e2e


def fill_in(page: Page, photos: list[Path]) -> None:
    """The edit page of a new car, as an editor fills it in."""
    page.select_option("#id_make", label="BMW")
    expect(page.locator("#id_model option", has_text=re.compile("^X3$"))).to_have_count(1)
    page.select_option("#id_model", label="X3")
    page.fill("#id_year", "2020")
    page.fill("#id_mileage_km", "71000")
    page.select_option("#id_body", "crossover")
    page.select_option("#id_color", "blue")
    page.fill("#id_price", "123457")
    page.select_option("#id_fuel", "diesel")
    page.select_option("#id_gearbox", "automatic")
    page.select_option("#id_drive", "all")
    page.select_option("#id_dealer", label="Автофэмили Минск")
    page.select_option("#id_city", label="Минск")
    page.locator("[data-photo-drop] input[type=file]").set_input_files([str(photo) for photo in photos])
    expect(page.locator("#id_photos-FORMS img")).to_have_count(len(photos), timeout=20_000)


def publish(page: Page) -> None:
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("button[name=action-publish]").click()
    page.wait_for_load_state()


def wait_for_preview(page: Page, text: str) -> None:
    """The panel's frame holds the site's preview page, which draws the draft by itself."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for frame in page.frames:
            if "/preview?token=" in frame.url and text in (frame.text_content("body") or ""):
                return
        page.wait_for_timeout(200)
    raise AssertionError("The preview panel does not show the draft.")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """A HEIC as iPhones write it, and a JPEG."""
    files = [tmp_path / "IMG_0001.heic", tmp_path / "IMG_0002.jpg"]
    files[0].write_bytes(picture_bytes("blue", (1400, 1050), "HEIF").getvalue())
    files[1].write_bytes(picture_bytes("navy", (1400, 1050)).getvalue())
    return files


def test_from_the_editor_to_the_visitor_and_the_channel(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], photos: list[Path]
) -> None:
    page = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(page, stack, "moderator")
    page.goto(f"{stack.cms_url}/admin/snippets/listings/listing/add/")
    fill_in(page, photos)
    page.get_by_role("button", name="Сохранить черновик").first.click()
    page.wait_for_url(re.compile(r"/edit/\d+/"))

    page.locator("[data-side-panel-toggle=preview]").click()
    wait_for_preview(page, "BMW X3")
    page.locator("[data-side-panel-toggle=preview]").click()

    edit_address = page.url
    publish(page)
    page.goto(edit_address)
    site_row = page.locator("[data-place='Сайт']")
    expect(site_row.locator(".listing-place--good")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-place*='Telegram'] .listing-place--good")).to_be_visible(timeout=20_000)
    address = site_row.locator("a").get_attribute("href") or ""

    visitor_finds_the_car(stack, context, problems, address)
    visitor_asks_without_javascript(stack, context, address)
    posts = httpx.get(f"{stack.sandbox_url}/__state").text
    assert "123 457" in posts.replace("\\u00a0", " ").replace("\u00a0", " ")

    page.goto(f"{stack.cms_url}/admin/lead/")
    expect(page.locator("main")).to_contain_text("+375290001234")

    page.goto(edit_address.replace("/edit/", "/unpublish/"))
    page.get_by_role("button", name="Да").first.click()
    page.wait_for_load_state()
    wait_for_status(address, 410)
    assert problems == []


def visitor_finds_the_car(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], address: str
) -> None:
    page = watch(context(viewport=PHONE, is_mobile=True, has_touch=True).new_page(), problems)
    page.goto(f"{stack.site_url}/catalog?make=bmw&body=crossover&sort=-published_at")
    car = page.locator("article, li").filter(has_text="BMW X3").first
    expect(car).to_contain_text("123 457", use_inner_text=True)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("BMW X3")
    expect(page.locator("main a[href^='tel:+375']").first).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "The page is wider than the phone."
    page.goto(stack.site_url)
    expect(page.locator("main")).to_contain_text("BMW X3")


def visitor_asks_without_javascript(stack: Stack, context: Callable[..., BrowserContext], address: str) -> None:
    page = context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(address)
    page.fill("form[action*='leads'] [name=name]", "Анна")
    page.fill("form[action*='leads'] [name=phone]", "+375 29 000-12-34")
    page.check("form[action*='leads'] [name=consent]")
    page.click("form[action*='leads'] button[type=submit]")
    expect(page).to_have_url(f"{stack.site_url}/thanks")


def wait_for_status(address: str, status: int) -> None:
    end = time.monotonic() + 10
    while httpx.get(address).status_code != status:
        assert time.monotonic() < end, f"{address} does not answer {status}"
        time.sleep(0.1)


@pytest.mark.parametrize("path", ["/", "/catalog", "/blog", "/about", "/thanks", "/no-such-page"])
def test_pages_open_without_complaints(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str], path: str
) -> None:
    for viewport in (PHONE, DESKTOP):
        page = watch(context(viewport=viewport).new_page(), problems)
        answer = page.goto(stack.site_url + path)
        assert answer is not None
        assert answer.status == (404 if path == "/no-such-page" else 200)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    expected = ["Failed to load resource"] if path == "/no-such-page" else []
    assert [text for text in problems if not any(text.startswith(word) for word in expected)] == []
