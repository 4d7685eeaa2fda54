"""The pages and their assets, as shipped."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from tests.console.gated import BEARER, ask, away_app

APP = away_app()
WEB = {
    file.name: file.read_text("utf-8") for file in resources.files("manumit.console.web").iterdir() if file.is_file()
}
PAGES = ["/", "/alerts/abc", "/search", "/gaps", "/protection", "/suppressions", "/dead-letters"]
SCRIPTS = [name for name in WEB if name.endswith(".js")]
HTML = [name for name in WEB if name.endswith(".html")]

MARKUP_SINKS = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|createContextualFragment|setHTML"
)
CODE_SINKS = r"\beval\b|new Function|setTimeout\(\s*[\"'`]|javascript:(?!,)"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_and_all_it_names_is_served(path: str) -> None:
    page = ask(APP, "GET", path, headers=BEARER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r"(?:href|src)=\"(/assets/[^\"]+)\"", page.text)
    assert len(named) >= 4
    for asset in named:
        assert ask(APP, "GET", asset, headers=BEARER).status_code == 200


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_turns_text_into_markup_or_code(name: str) -> None:
    code = re.sub(r"(?m)^\s*//.*$", "", WEB[name])
    assert not re.findall(f"{MARKUP_SINKS}|{CODE_SINKS}", code)
    assert f'"{name}"' not in code


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_imports_only_what_is_shipped(name: str) -> None:
    for wanted in re.findall(r"from \"([^\"]+)\"", WEB[name]):
        assert wanted.removeprefix("./") in WEB


@pytest.mark.parametrize("name", HTML)
def test_no_page_holds_inline_script_style_or_foreign_addresses(name: str) -> None:
    assert not re.findall(r"<style|\sstyle=|\son\w+=|https?://|<script(?![^>]*\ssrc=)", WEB[name])


@pytest.mark.parametrize("name", [name for name in WEB if name.endswith((".css", ".svg"))])
def test_styles_fetch_nothing(name: str) -> None:
    assert not re.findall(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", WEB[name])


def test_an_asset_is_revalidated_by_its_etag() -> None:
    first = ask(APP, "GET", "/assets/dom.js", headers=BEARER)
    again = ask(APP, "GET", "/assets/dom.js", headers={**BEARER, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("name", ["none.js", "live.html", "__init__.py", "..%2fapp.py", "%2e%2e/app.py"])
def test_nothing_else_is_served(name: str) -> None:
    assert ask(APP, "GET", f"/assets/{name}", headers=BEARER).status_code == 404


def test_the_words_are_calm() -> None:
    shown = " ".join(WEB.values()).lower()
    for word in ("criminal", "trafficker", "danger", "urgent", "suspect", "guilty"):
        assert not re.search(rf"\b{word}", shown), word
