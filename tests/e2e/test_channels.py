"""A channel's whole life in the admin: made, tried, filled, troubled, and put right by a person."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from integrations.sandbox.telegram import CHATS, TOKEN
from scripts.lib.stack import Stack

from .browsing import DESKTOP, PHONE, log_in, watch

pytestmark = pytest.mark.e2e

CHAT = CHATS[1]
"""The demo's own channel posts in the other one."""
NAME = "Минский Telegram"
CAR = "Nissan Leaf"
PRICE = 41_300
"""Of no other car of the demo: the rules of the channel take this one alone."""
STANDS = "main .listing-place--good"
ENOUGH = 20_000
"""Milliseconds for a worker to do its work."""
IN_BULK = 240_000
"""The same for what nobody waits for: the demo's cars on all its channels come first."""


def make_channel(page: Page, stack: Stack) -> None:
    """Ends on the new channel's own page."""
    page.goto(f"{stack.cms_url}/admin/channels/new/")
    page.get_by_role("link", name=re.compile("^Telegram")).click()
    page.fill("#id_name", NAME)
    page.fill("#id_setting_chat_id", f"@{CHAT}")
    page.fill("#id_setting_base_url", f"{stack.sandbox_url}/telegram")
    page.fill("#id_setting_post_url", f"{stack.sandbox_url}/telegram")
    page.fill("#id_secret_token", TOKEN)
    page.fill("#id_rule_price_min", str(PRICE))
    page.fill("#id_rule_price_max", str(PRICE))
    page.fill("#id_photo_limit", "2")
    page.get_by_role("button", name="Создать").first.click()
    page.wait_for_url(re.compile(r"/channels/edit/\d+/"))


def reload_until(page: Page, selector: str, within: int = ENOUGH) -> None:
    """The page does not follow the workers by itself."""
    for _ in range(within // 500):
        if page.locator(selector).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{selector} does not appear: {page.locator('main').inner_text()}")


def test_a_channel_from_its_form_to_a_trouble_that_a_person_ends(
    stack: Stack, context: Callable[..., BrowserContext], problems: list[str]
) -> None:
    page = watch(context(viewport=DESKTOP).new_page(), problems)
    log_in(page, stack, "admin")
    make_channel(page, stack)
    assert TOKEN not in page.content(), "The access data come back in the page."
    expect(page.locator("#id_secret_token")).to_have_value("")
    page.get_by_role("button", name="Проверить связь").click()
    expect(page.locator(".messages .success")).to_be_visible()

    page.get_by_role("button", name="Опубликовать имеющиеся").click()
    page.get_by_role("link", name="Публикации этого канала").click()
    page.get_by_role("link", name=re.compile(CAR)).first.click()
    page.wait_for_url(re.compile("/publications/inspect/"))
    reload_until(page, STANDS, IN_BULK)

    visitor = watch(context(viewport=PHONE).new_page(), problems)
    first = visitor_sees_the_car(visitor, stack)
    lose_an_answer(page, stack)
    second = visitor_sees_the_car(visitor, stack)
    assert second != first

    page.fill("#post-address", second)
    page.get_by_role("button", name="Опубликовано", exact=True).click()
    reload_until(page, STANDS)
    expect(page.get_by_role("link", name="Открыть пост")).to_have_attribute("href", second)
    assert visitor_sees_the_car(visitor, stack) == second, "A second post was made."
    assert problems == []


def lose_an_answer(page: Page, stack: Stack) -> None:
    """The post is made anew, and the platform's answer to it does not arrive. Ends where the person is asked."""
    methods = ["sendPhoto", "sendMediaGroup", "sendMessage"]
    fault = {"platform": "telegram", "methods": methods, "answer": "drop"}
    httpx.post(f"{stack.sandbox_url}/__control", json={"faults": [fault]}, trust_env=False).raise_for_status()
    address = page.url
    page.get_by_role("link", name="Опубликовать заново").click()
    page.get_by_role("button", name="Опубликовать заново").click()
    page.goto(address)
    reload_until(page, ".help-critical")
    expect(page.locator(".help-critical")).to_contain_text("Telegram не ответил")


def visitor_sees_the_car(page: Page, stack: Stack) -> str:
    """The address of the only post, as a visitor of the channel has it."""
    page.goto(f"{stack.sandbox_url}/telegram/{CHAT}")
    post = page.locator("article:not(.deleted)").filter(has_text=CAR)
    expect(post).to_have_count(1)
    expect(post).to_contain_text(f"{PRICE:,}".replace(",", " "), use_inner_text=True)
    expect(post.locator("img").first).to_be_visible()
    return f"{stack.sandbox_url}/telegram/{CHAT}/{post.get_attribute('id')}"
