"""The console in a real browser, over a real store, as a person uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from manumit.schemas.alert import CitationRef
from tests.console.conftest import Console
from tests.console.desk_process import TOKEN
from tests.console.invented import OPENED_US, SUBJECT, alert, letter, listing, transfer
from tests.servers import chromium_path

pytestmark = pytest.mark.browser

PATHS = ["/", f"/alerts/{1:032x}", f"/search?identifier={SUBJECT}", "/suppressions", "/dead-letters"]
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\'"><svg onload=window.pwned=1>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the module: while it is open, no other event loop can run in this thread."""
    program = str(chromium_path())
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@dataclass(frozen=True, slots=True)
class Desk:
    """A page that has entered with the token, and all it complained about."""

    page: Page
    console: Console
    complaints: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        self.page.goto(self.console.url + path)

    def arrive(self, *numbers: int) -> None:
        now = self.console.query("SELECT toUnixTimestamp64Micro(now64(6)) AS us")[0]["us"]
        self.console.write("alerts", [alert(number, stored_us=int(now) + number) for number in numbers])

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def row(self, number: int) -> Locator:
        return self.page.locator(f"#alert-{number:032x}")


@pytest.fixture
def desk(browser: Browser, console: Console) -> Iterator[Desk]:
    """Fails when the page logged an error, a warning or a violation of its policy."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(10_000)
    opened = Desk(context.new_page(), console)
    opened.page.on("console", lambda message: opened.heard(message))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.visit(f"/?token={TOKEN}")
    expect(opened.page.locator("#connection")).to_have_text("Live")
    yield opened
    context.close()
    assert opened.complaints == []


def test_an_alert_arrives_is_opened_and_dismissed_with_a_reason(desk: Desk) -> None:
    page = desk.page
    assert TOKEN not in page.url
    expect(page.get_by_text("No alerts yet.")).to_be_visible()
    move = transfer(1)
    desk.console.write("transfers", [move])
    desk.console.write("alerts", [alert(1, evidence=(move.event_id,))])
    expect(desk.row(1)).to_be_visible()
    expect(page.locator("#fresh")).to_have_text("1 new")
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    expect(page.locator("#said")).to_have_text(re.compile("New alert, medium"))

    desk.row(1).get_by_role("link", name="Many small payers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Many small payers, one collector (1)")
    expect(page.get_by_text("which resembles a collection account")).to_be_visible()
    expect(page.get_by_role("link", name="https://example.org/report.pdf")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    expect(page.get_by_role("row", name=re.compile("senders 14 at least 10"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"in \$151\.00 150\.000001"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"1 in \(\$151\.00\), 0 out"))).to_be_visible()

    page.get_by_role("button", name="Dismiss").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Dismiss").click()
    expect(dialog).to_be_visible()  # the browser asks for the reason first
    dialog.get_by_label("Reason").fill("   ")
    dialog.get_by_role("button", name="Dismiss").click()
    expect(dialog.get_by_role("alert")).to_have_text("dismissed needs a reason")
    desk.complaints[:] = [text for text in desk.complaints if "422" not in text]
    dialog.get_by_label("Reason").fill("A market stall; receipts seen.")
    dialog.get_by_role("button", name="Dismiss").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("A market stall; receipts seen.")).to_be_visible()

    page.get_by_role("link", name="Alerts").click()
    expect(desk.row(1)).to_contain_text("dismissed")
    page.get_by_label("Decision").select_option("new")
    expect(page.get_by_text("No alert passes these filters.")).to_be_visible()


def test_the_keyboard_alone_is_enough(desk: Desk) -> None:
    page = desk.page
    desk.console.write("alerts", [alert(1), alert(2), alert(3)])
    expect(desk.row(1)).to_be_visible()
    page.keyboard.press("j")
    expect(desk.row(3).locator(".title")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(desk.row(2).locator(".title")).to_be_focused()
    page.keyboard.press("a")
    expect(desk.row(2)).to_contain_text("in review")
    expect(desk.row(2).locator(".title")).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.type("known shop")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(desk.row(2)).to_contain_text("dismissed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Many small payers, one collector (2)")
    expect(page.get_by_text("known shop")).to_be_visible()


def test_a_reader_who_has_scrolled_is_not_disturbed(desk: Desk) -> None:
    page = desk.page
    desk.console.write("alerts", [alert(number) for number in range(40)])
    expect(desk.row(0)).to_be_attached()
    page.mouse.wheel(0, 900)
    expect(page.locator(".row").first).not_to_be_in_viewport()
    desk.arrive(100, 101)
    expect(page.locator("#fresh")).to_have_text("42 new · show")
    assert desk.row(100).count() == 0
    page.locator("#fresh").dispatch_event("click")
    expect(desk.row(101)).to_be_in_viewport()
    expect(page.locator(".row").first).to_have_id(f"alert-{101:032x}")
    expect(page.locator("#fresh")).to_be_hidden()


def test_a_burst_is_read_as_one_page(desk: Desk) -> None:
    desk.console.write("alerts", [alert(number) for number in range(700)])
    expect(desk.row(699)).to_be_visible()
    expect(desk.page.locator("#total")).to_have_text("50 shown of 700 alerts")
    desk.page.get_by_role("button", name="Show older alerts").click()
    expect(desk.row(600)).to_be_attached()


def test_a_finished_run_has_nothing_new(desk: Desk) -> None:
    page = desk.page
    desk.console.write("alerts", [alert(number, stored_us=OPENED_US + number // 97) for number in range(140)])
    with page.expect_response(re.compile("/v1/stream")):
        desk.visit("/")
    expect(page.locator("#total")).to_have_text("50 shown of 140 alerts")
    desk.console.client.post(f"/v1/alerts/{5:032x}/triage", json={"state": "in-review"})
    desk.arrive(200)
    expect(page.locator("#fresh")).to_have_text("1 new")
    expect(page.locator("#total")).to_have_text("51 shown of 141 alerts")
    page.get_by_role("button", name="Show older alerts").click()
    expect(page.locator("#total")).to_have_text(re.compile("^101 shown"))
    shown = page.locator(".row").evaluate_all("rows => rows.map((row) => parseInt(row.id.slice(6), 16))")
    assert shown == [200, *range(139, 39, -1)]


def test_a_late_alert_takes_its_place_in_the_order(desk: Desk) -> None:
    page = desk.page
    desk.console.write("alerts", [alert(number, stored_us=OPENED_US + number) for number in (1, 2, 4, 5)])
    expect(desk.row(5)).to_be_visible()
    desk.visit("/")
    expect(page.locator("#total")).to_have_text("4 shown of 4 alerts")
    expect(page.locator("#connection")).to_have_text("Live")
    desk.console.write("alerts", [alert(3, stored_us=OPENED_US + 3)])
    expect(page.locator("#fresh")).to_have_text("1 new")
    shown = page.locator(".row").evaluate_all("rows => rows.map((row) => parseInt(row.id.slice(6), 16))")
    assert shown == [5, 4, 3, 2, 1]


def test_fully_muted_alerts_are_hidden_until_asked_for(desk: Desk) -> None:
    page = desk.page
    first = alert(1)
    desk.console.write("alerts", [first, alert(2)])
    expect(desk.row(1)).to_be_visible()
    muted = msgspec.structs.replace(first, revision=2, suppressed=3, stored_us=first.stored_us + 5)
    desk.console.write("alerts", [muted])
    expect(desk.row(1)).to_have_count(0)
    expect(page.locator("#total")).to_have_text("1 shown of 1 alerts · 1 muted")
    page.get_by_label("Muted").select_option("shown")
    expect(desk.row(1)).to_contain_text("3 muted")
    expect(page.locator("#total")).to_have_text("2 shown of 2 alerts · 1 muted")
    assert page.url.endswith("/?muted=1")


def test_a_lost_line_is_shown_and_nothing_is_missed(desk: Desk) -> None:
    page, process = desk.page, desk.console.process
    desk.console.write("alerts", [alert(1)])
    expect(desk.row(1)).to_be_visible()
    page.keyboard.press("j")
    process.order(do="down", database=desk.console.database)
    try:
        expect(page.locator("#connection")).to_have_text("Reconnecting")
        page.keyboard.press("a")
        expect(page.get_by_role("alert")).to_have_text("The console does not answer. Is manumit still running?")
        desk.arrive(2)
    finally:
        process.order(do="up", database=desk.console.database)
    expect(desk.row(2)).to_be_visible(timeout=15_000)
    expect(page.locator("#connection")).to_have_text("Live")
    desk.complaints[:] = [text for text in desk.complaints if "net::ERR_" not in text]


def test_hostile_text_is_only_text(desk: Desk) -> None:
    page = desk.page
    cite = CitationRef(entry=HOSTILE, source=HOSTILE, ref=HOSTILE, section=HOSTILE, url="javascript:window.pwned=1")
    advert = listing(1, title=HOSTILE, text=HOSTILE, wallets=(HOSTILE,), place=HOSTILE, payments=(HOSTILE,))
    hostile = alert(
        1,
        evidence=(advert.event_id, HOSTILE),
        citations=(cite,),
        roles={HOSTILE: HOSTILE},
        key_terms={HOSTILE: HOSTILE},
        values={HOSTILE: 1.0},
        thresholds={HOSTILE: 2.0},
        **dict.fromkeys(
            ("title", "reason", "subject", "typology", "detector", "disclosable", "withdrawn_reason"), HOSTILE
        ),
        **dict.fromkeys(("next_steps", "innocent", "label_sources", "spans"), (HOSTILE,)),
    )
    desk.console.write("listings", [advert])
    desk.console.write("alerts", [hostile])
    desk.console.write("dead_letters", [msgspec.structs.replace(letter(1), message=HOSTILE, payload=HOSTILE)])
    desk.console.client.post(f"/v1/alerts/{1:032x}/triage", json={"state": "dismissed", "reason": HOSTILE})
    desk.console.client.post("/v1/suppressions", json={"subject": HOSTILE, "reason": HOSTILE})
    for path in ("/", f"/alerts/{1:032x}", "/search", "/suppressions", "/dead-letters"):
        desk.visit(path)
        if path == "/search":
            page.get_by_role("textbox").fill(HOSTILE)
            page.get_by_role("button", name="Search").click()
            expect(page.get_by_role("heading", name="Alerts (1)")).to_be_visible()
        if path == "/dead-letters":
            page.locator(".letter summary").click()
            expect(page.locator("pre")).to_have_text(HOSTILE)
        expect(page.locator("main p, main a, main td, main pre").filter(has_text=HOSTILE).first).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert page.locator("main img, main script, [onerror], [onload], a[href^=javascript]").count() == 0


def test_a_campaign_shows_what_its_copies_share_as_text(desk: Desk) -> None:
    copies = [
        listing(i, title="", text=f"Sweet {name} is here {HOSTILE} now") for i, name in enumerate(("Iris", "Fern"))
    ]
    desk.console.write("listings", copies)
    evidence = tuple(copy.event_id for copy in copies)
    desk.console.write("alerts", [alert(1, subject="campaign:0a", evidence=evidence)])
    desk.visit(f"/alerts/{1:032x}")
    expect(desk.page.get_by_role("heading", name="What is the same in 2 copies, and what differs")).to_be_visible()
    expect(desk.page.locator(".template .slot q")).to_have_count(2)
    expect(desk.page.locator(".template")).to_contain_text("is here")
    assert desk.page.locator("main img, main script").count() == 0


def test_identifiers_are_copied_whole(desk: Desk) -> None:
    desk.console.write("alerts", [alert(1)])
    desk.row(1).get_by_role("button", name="Copy eip155:1:0x5a5a5a…5a5a5a").click()
    expect(desk.row(1).locator(".copy.done")).to_be_visible()
    assert desk.page.evaluate("navigator.clipboard.readText()") == SUBJECT


def test_a_suppression_is_added_from_an_alert_and_ended(desk: Desk) -> None:
    page = desk.page
    desk.console.write("alerts", [alert(1, suppressed=5)])
    page.get_by_role("button", name=re.compile("Analyst")).click()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Save").click()
    desk.visit(f"/alerts/{1:032x}")
    page.get_by_role("link", name="Suppress this detector on this subject").click()
    page.get_by_label("Reason").fill("a charity")
    page.get_by_role("button", name="Add", exact=True).click()
    line = page.get_by_role("row", name=re.compile("tx-funnel-fan-in.*a charity.*Ada.*no end 5"))
    line.get_by_role("button", name="End").click()
    page.get_by_label("Why does it end?").fill("it moved")
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("a charity [ended by Ada: it moved]")).to_be_visible()
    expect(page.get_by_role("button", name="End", exact=True)).to_have_count(0)


def test_the_purpose_chosen_is_the_one_written_down(desk: Desk) -> None:
    desk.console.write("alerts", [alert(1)])
    desk.page.get_by_label("Purpose").select_option("quality-review")
    desk.visit(f"/alerts/{1:032x}")
    expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
    assert desk.console.query("SELECT purpose FROM access_records") == [{"purpose": "quality-review"}]


def test_nothing_is_wider_than_the_window(desk: Desk) -> None:
    move = transfer(1, at_us=OPENED_US + 1)
    desk.console.write("transfers", [move])
    desk.console.write("listings", [listing(1, text="x" * 400)])
    desk.console.write("alerts", [alert(1, evidence=(move.event_id, "x" * 300), reason="y" * 500, detector="z" * 200)])
    desk.console.write("dead_letters", [msgspec.structs.replace(letter(1), payload="w" * 900, message="v" * 300)])
    desk.console.client.post("/v1/suppressions", json={"subject": SUBJECT, "reason": "u" * 400})
    for width in (390, 1280):
        desk.page.set_viewport_size({"width": width, "height": 800})
        for path in PATHS:
            desk.visit(path)
            expect(desk.page.locator(".row, .columns, td, .letter").first).to_be_visible()
            assert desk.page.evaluate("document.documentElement.scrollWidth") == width, path
