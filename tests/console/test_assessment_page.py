"""The report as a file: nothing of a row becomes markup, every number leads somewhere, and a browser shows it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import sync_playwright

from manumit.console.assessment_page import anchor, page
from manumit.detectors.customer_stories import whole
from manumit.schemas.assessment import Assessment
from manumit.streams.assessment import assess
from manumit.streams.label_book import LabelBook
from tests.servers import chromium_path
from tests.streams.customer_books import NOW_US, book, standing, subject, unknown

HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\'"><svg onload=window.pwned=1>'
COUNTRIES = ("NL", "DE", "US", "TH")


def assessment(parties: int = 24, word: str = "hospitality") -> Assessment:
    """Every third has an alert, every second lacks an address."""
    rows = [
        whole(f"p{i}", jurisdiction=COUNTRIES[i % 4], sector=word, kind="legal", address="" if i % 2 else "address:a")
        for i in range(parties)
    ]
    alerts = [standing("kyc-income-mismatch", subject(f"p{i}"), reason=f"{word} {i}") for i in range(0, parties, 3)]
    made = book(*alerts)
    return assess(
        enumerate(rows, 2),
        file=word,
        book=made,
        labels=LabelBook(),
        screen=unknown,
        at_us=NOW_US,
        due_diligence=True,
    )


class Seen(HTMLParser):
    """Tags, ids and what links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_every_link_leads_to_rows_and_every_finding_is_there() -> None:
    one = assessment()
    seen = Seen(page(one))
    assert len(seen.ids) == len(set(seen.ids))
    assert {link.removeprefix("#") for link in seen.links} <= set(seen.ids)
    assert all(link.startswith("#") for link in seen.links), "nothing is fetched"
    assert {f"f{finding.number}" for finding in one.findings} <= set(seen.ids)
    assert {f"g{gap.number}" for gap in one.gaps} <= set(seen.ids)


def test_every_figure_of_a_chart_is_that_of_the_json_and_its_rows_are_those_of_records() -> None:
    made = msgspec.json.decode(msgspec.json.encode(assessment()), type=Assessment)
    told = {
        anchor(prefix, cell.names): cell
        for prefix, cells in (
            ("typology", made.by_typology),
            ("country", made.by_country),
            ("sector", made.by_sector),
            ("map", made.risk_map),
        )
        for cell in cells
    }
    gaps = {anchor("gap", (cell.datum,)): cell for cell in made.by_gap}
    drawn = re.findall(r'<a href="#([^"]+)"><title>.*?font-weight="600">([0-9,]+)</text></a>', page(made))
    shown = {name: int(figure.replace(",", "")) for name, figure in drawn}
    assert shown == {name: cell.parties for name, cell in (told | gaps).items()}
    findings = {one.number: one for one in made.findings}
    lacking = {one.number: one for one in made.gaps}
    for cell in told.values():
        assert cell.parties == len({findings[number].row for number in cell.findings})
        assert all(findings[number].evidence for number in cell.findings), "a finding names its records"
    for gap in gaps.values():
        assert gap.parties == len({lacking[number].row for number in gap.gaps})


def test_no_script_and_nothing_of_a_row_becomes_markup() -> None:
    text = page(assessment(word=HOSTILE))
    seen = Seen(text)
    assert seen.tags.isdisjoint({"script", "img", "iframe", "object", "link", "form"})
    assert not any(name.startswith("on") for name in seen.attributes)
    assert "style" not in seen.attributes
    assert seen.tags == Seen(page(assessment())).tags


def test_a_list_of_nothing_is_a_report_too() -> None:
    empty = assess([], file="f", book=book(), labels=LabelBook(), screen=unknown, at_us=NOW_US, due_diligence=True)
    assert "Nothing was found" in page(empty)


def test_long_lists_are_cut_in_the_page_and_the_cut_is_said() -> None:
    one = assessment()
    many = msgspec.structs.replace(
        one, by_gap=tuple(msgspec.structs.replace(cell, gaps=cell.gaps * 100) for cell in one.by_gap)
    )
    assert re.search(r"and \d+ more in the JSON form", page(many))


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_without_a_complaint(tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "assessment.html"
    path.write_text(page(assessment(word=HOSTILE)), "utf-8")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path()), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1160, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]  # two of its words
        shown = context.new_page()
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        requests: list[str] = []
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto(path.as_uri())
        assert complaints == []
        assert requests == [path.as_uri()]
        assert shown.evaluate("window.pwned") is None
        boxes = [chart.bounding_box() for chart in shown.locator("svg").all()]
        assert len(boxes) == 5
        assert all(box and box["width"] > 200 and box["height"] > 30 for box in boxes)
        body = "getComputedStyle(document.body)"
        assert shown.evaluate(f"{body}.color") != shown.evaluate(f"{body}.backgroundColor")
        shown.locator("svg a").first.click()
        target = shown.evaluate("document.querySelector(':target')?.tagName")
        assert target == "P", "a number of a chart leads to what it counts"
        shown.locator(":target a").first.click()
        assert shown.evaluate("document.querySelector(':target')?.tagName") == "TR"
        browser.close()


@pytest.mark.browser
def test_it_can_be_read_where_no_style_is_let_in(tmp_path: Path) -> None:
    """Under a policy of `none` charts keep their shapes and numbers."""
    path = tmp_path / "assessment.html"
    text = page(assessment())
    path.write_text(re.sub(r"style-src '[^']*'", "style-src 'none'", text), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path()), args=["--no-sandbox"])
        shown = browser.new_page()
        shown.goto(path.as_uri())
        assert shown.locator("rect").first.evaluate("one => getComputedStyle(one).fill") == "rgb(0, 0, 0)"
        box = shown.locator("svg rect").first.bounding_box()
        assert box and box["width"] > 10
        assert shown.locator("table").count() == 2
        browser.close()
