"""The ranked gaps and the restricted view in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from manumit.detectors.customer_stories import known, whole
from tests.console.conftest import Console
from tests.console.desk_process import PROTECTION_TOKEN, TOKEN
from tests.console.invented import OPENED_US, alert
from tests.servers import chromium_path
from tests.streams.customer_books import standing, subject

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror='window.pwned=1'>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium_path()), args=["--no-sandbox"])
        yield launched
        launched.close()


def entered(browser: Browser, console: Console, token: str) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{console.url}/?token={token}")
    return page, complaints


def test_the_worst_gap_is_first_and_can_be_taken_apart(browser: Browser, console: Console) -> None:
    rows = [known(HOSTILE), whole("c2", address=""), whole("child", age=15)]
    console.write("customers", rows)
    page, complaints = entered(browser, console, TOKEN)
    page.goto(f"{console.url}/gaps")
    persons = page.locator(".person")
    expect(persons).to_have_count(2)
    expect(persons.first).to_contain_text("img src=x")
    expect(persons.first.locator(".sum")).to_have_text("65 × (1 + 0) × (1 + 0) / 4 = 16.25")
    persons.first.locator("summary").click()
    expect(persons.first.locator("tr").first).to_contain_text("gap 25")
    expect(page.locator("#list")).to_contain_text("1 in the restricted view")
    assert page.evaluate("window.pwned") is None
    for width in (1280, 380):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert "child" not in page.content()
    assert complaints == []
    page.context.close()


def test_the_restricted_view_opens_to_its_own_token_alone(browser: Browser, console: Console) -> None:
    stored = {"alert_id": f"{7:032x}", "stored_us": OPENED_US + 7, "reason": HOSTILE}
    console.write("alerts", [alert(1), standing("kyc-minor-account", subject("child"), **stored)])
    page, _ = entered(browser, console, TOKEN)
    expect(page.locator("#total")).to_contain_text("1 in the restricted view")
    page.goto(f"{console.url}/protection")
    expect(page.locator("#door")).to_contain_text("MANUMIT_PROTECTION_TOKEN")
    expect(page.locator("#notice")).to_be_empty()
    assert f"{7:032x}" not in page.content()
    page.locator("#door").get_by_label("Protection token").fill(PROTECTION_TOKEN)
    page.locator("#door").get_by_role("button").click()
    expect(page.locator(".row")).to_have_count(1)
    page.context.close()
    page, complaints = entered(browser, console, PROTECTION_TOKEN)
    expect(page.locator(".row")).to_have_count(1)
    assert page.url.endswith("/protection")
    page.locator(".row summary").click()
    expect(page.locator(".row ol li").first).to_contain_text("child protection")
    page.locator("[data-act=escalated]").click()
    page.locator("dialog textarea").fill("handed over")
    page.locator("dialog .primary").click()
    expect(page.locator(".row.human-escalated")).to_have_count(1)
    assert page.evaluate("window.pwned") is None
    assert complaints == []
    page.context.close()
