"""A page's bytes to an advert and its links. Pure but for the libraries' own memory.

JSON-LD first, then the selectors that the register gives for the host, then trafilatura, then all visible text.
Nothing of a page runs. Of pictures only the addresses of declared photographs of a dwelling are read here; no picture
of a person is ever stored or hashed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from extruct.jsonld import JsonLdExtractor
from lxml import etree, html
from lxml.cssselect import CSSSelector
from msgspec.structs import replace

from manumit.connectors.listings.crawling.frames import Advert
from manumit.connectors.listings.crawling.structured import structured, too_deep
from manumit.connectors.listings.links import own_link
from manumit.connectors.listings.plain import (
    LONGEST_HTML,
    PARSER_OPTIONS,
    UNSEEN,
    lines_of,
    plain_text,
    tree_text,
)
from manumit.schemas.errors import BadRecord
from manumit.schemas.unfit import fit

LARGEST_PAGE = 2 << 20
MOST_ELEMENTS = 1_500  # more: trafilatura would take too long, all visible text is read instead
LONGEST_SCRIPT, MOST_SCRIPTS = 65_536, 5
MOST_LINKS = 500
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINE = 1_000, 20_000, 200
SHORTEST_TEXT = 40  # a shorter description is no advert: look further
SAID = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,30})")
ENCODINGS = re.compile(
    r"utf-?8|utf-16(?:le|be)?|us-ascii|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}|gb\w{1,6}|big5(?:-hkscs)?"
    r"|shift[_-]?jis|euc-(?:jp|kr)|koi8-[ru]|tis-620",
    re.IGNORECASE,
)  # others, such as punycode, are slow or no encodings of pages
JSON_LD = etree.XPath('//script[@type="application/ld+json"]')
HEADINGS = etree.XPath("//h1 | //title")
ANCHORS = etree.XPath("//a[@href][not(contains(concat(' ', @rel, ' '), ' nofollow '))] | //link[@rel='next'][@href]")
ROBOTS = etree.XPath("//meta[@name='robots' or @name='ROBOTS' or @name='manumit']/@content")
UNWANTED = ("noindex", "none")
NO_PICTURES = ("noimageindex", "noimageai", "noai")
HEAVY = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`advert` is None where none was asked for; `links` are of the page's own host."""

    advert: Advert | None
    links: tuple[str, ...]


def read_page(
    raw: bytes, url: str, *, charset: str, robots: str, selectors: Mapping[str, str], is_advert: bool
) -> Page:
    """`robots` is the X-Robots-Tag header. Raises BadRecord: "robots", "malformed" or "no-advert"."""
    tree = _tree(raw, charset)
    told = ",".join([robots, *ROBOTS(tree)])[:1_000].lower()
    wishes = {word.strip() for word in told.replace(";", ",").split(",")}
    links = () if wishes & {"nofollow", "none"} else _links(tree, url)
    if not is_advert:
        return Page(advert=None, links=links)
    if wishes & set(UNWANTED):
        raise BadRecord("robots", "the page itself asks not to be read by machines (noindex)")
    advert = _advert(tree, selectors)
    return Page(advert=replace(advert, pictures=()) if wishes & set(NO_PICTURES) else advert, links=links)


def _tree(raw: bytes, charset: str) -> Any:
    text = fit(lighter(decoded(raw, charset))[:LONGEST_HTML])
    parser = html.HTMLParser(encoding="utf-8", **PARSER_OPTIONS)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise BadRecord("malformed", f"not HTML ({error})"[:200]) from error


def decoded(raw: bytes, charset: str) -> str:
    """By what HTTP says, else the page's own head, else UTF-8; what does not fit is replaced."""
    said = SAID.search(raw[:2_048])
    named = charset or (said[1].decode("ascii") if said else "")
    encoding = named if ENCODINGS.fullmatch(named) else "utf-8"
    try:
        return raw.decode(encoding, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def lighter(text: str) -> str:
    """Without style sheets, comments and programs (JSON-LD is none): most of the bytes of many pages. Linear."""
    for opening, closing in HEAVY:
        text = _without(text, opening, closing)
    return text


def _without(text: str, opening: str, closing: str) -> str:
    kept: list[str] = []
    lower, at = text.lower() if text.isascii() else text, 0
    while (start := lower.find(opening, at)) >= 0:
        stop = lower.find(closing, start)
        if stop < 0:
            break
        stop += len(closing)
        kept.append(text[at : stop if "ld+json" in lower[start : start + 200] else start])
        at = stop
    return "".join([*kept, text[at:]])


def _links(tree: Any, url: str) -> tuple[str, ...]:
    """Addresses on the same host, in the page's order, without fragments."""
    netloc = urlsplit(url).netloc
    found: dict[str, None] = {}
    for anchor in islice(ANCHORS(tree), 4 * MOST_LINKS):
        link = own_link(url, anchor.get("href"), netloc)
        if link:
            found[link] = None
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def _advert(tree: Any, selectors: Mapping[str, str]) -> Advert:
    """Raises BadRecord("no-advert")."""
    found = structured(_items(tree))
    chosen = {part: _selected(tree, selector) for part, selector in selectors.items()}
    heading = next((text for node in HEADINGS(tree) if (text := " ".join(node.itertext()).strip())), "")
    text = plain_text(found.text)
    if len(text) < SHORTEST_TEXT:
        text = chosen.get("text") or _main_text(tree) or text
    if chosen.get("price") and not found.prices:
        text = f"{chosen['price']}\n{text}"
    if not text.strip():
        raise BadRecord("no-advert", "the page holds no text")
    return replace(
        found,
        title=_line(found.title or chosen.get("title") or heading, LONGEST_TITLE),
        text=text[:LONGEST_TEXT],
        place=_line(found.place or chosen.get("place", "")),
        poster=_line(found.poster or chosen.get("poster", "")),
        posted=_line(found.posted),
        contacts=tuple(_line(contact) for contact in found.contacts),
    )


def _line(text: str, longest: int = LONGEST_LINE) -> str:
    return plain_text(text).replace("\n", " ")[:longest].strip()


def _items(tree: Any) -> list[object]:
    """The JSON-LD of a page; scripts that are too long, too deep or broken are passed over."""
    found: list[object] = []
    reader = JsonLdExtractor()
    for script in islice(JSON_LD(tree), MOST_SCRIPTS):
        said = script.text or ""
        if len(said) > LONGEST_SCRIPT or too_deep(said):
            continue
        try:
            found += reader.extract_items(script)
        except (ValueError, RecursionError):
            continue
    return found


def _selected(tree: Any, selector: str) -> str:
    """The text of what the selector finds first; the tree stays as it is."""
    nodes = CSSSelector(selector)(tree)
    return lines_of("\n".join(islice(nodes[0].itertext(), MOST_ELEMENTS)))[:LONGEST_TEXT] if nodes else ""


def _main_text(tree: Any) -> str:
    """By trafilatura where the page is of an ordinary size. Changes the tree."""
    elements = sum(1 for _ in islice(tree.iter(), MOST_ELEMENTS + 1))
    if elements > MOST_ELEMENTS:
        etree.strip_elements(tree, *UNSEEN, with_tail=False)
        return lines_of(etree.tostring(tree, method="text", encoding="unicode")[: 4 * LONGEST_TEXT])[:LONGEST_TEXT]
    found = trafilatura.extract(
        html.document_fromstring(html.tostring(tree)), fast=True, include_comments=False, include_tables=True
    )
    return lines_of(found) if found and len(found) >= SHORTEST_TEXT else tree_text(tree)[:LONGEST_TEXT]
