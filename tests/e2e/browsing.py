"""What tests do with pages before they look at anything."""

from playwright.sync_api import Page, expect

from cms.demo.people import PASSWORD
from scripts.lib.stack import Stack

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1500, "height": 1000}


def watch(page: Page, problems: list[str]) -> Page:
    """Notes down what the browser complains about in its console."""
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def log_in(page: Page, stack: Stack, username: str) -> None:
    page.goto(f"{stack.cms_url}/admin/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page).to_have_url(f"{stack.cms_url}/admin/")
