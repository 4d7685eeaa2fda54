"""Sitemaps to addresses of pages. Pure. Entities are refused; what came before a break is kept.

Source: sitemaps.org protocol 0.9 (XML, an index of sitemaps, or one address a line).
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # ships no types

MOST_ADDRESSES = 50_000
LONGEST_ADDRESS = 2_048
ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """`pages` are (address, last change in the site's own words); `sitemaps` further ones. `fault` says why this is
    not all there is; only without one does a missing page mean anything."""

    pages: tuple[tuple[str, str], ...] = ()
    sitemaps: tuple[str, ...] = ()
    fault: str = ""


def parse_sitemap(raw: bytes) -> Sitemap:
    """Raises nothing."""
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _xml(start) if start.startswith(b"<") else _lines(start)


def _lines(raw: bytes) -> Sitemap:
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines()]
    fit = [line for line in lines if line.startswith(("http://", "https://")) and len(line) <= LONGEST_ADDRESS]
    if len(fit) < sum(map(bool, lines)):
        return Sitemap(fault="neither XML nor one address a line")
    return Sitemap(pages=tuple((line, "") for line in fit[:MOST_ADDRESSES]), fault=_too_many(len(fit)))


def _too_many(count: int) -> str:
    return f"more than {MOST_ADDRESSES} addresses" if count > MOST_ADDRESSES else ""


def _xml(raw: bytes) -> Sitemap:
    pages: list[tuple[str, str]] = []
    sitemaps: list[str] = []
    fault = ""
    try:
        _read(raw, pages, sitemaps)
    except DefusedXmlException as error:
        fault = f"declares entities, which no sitemap needs ({type(error).__name__})"
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        fault = f"not a well-formed sitemap ({error})"[:200]
    return Sitemap(pages=tuple(pages), sitemaps=tuple(sitemaps), fault=fault)


def _read(raw: bytes, pages: list[tuple[str, str]], sitemaps: list[str]) -> None:
    """Fills the lists as entries end. Raises ParseError, DefusedXmlException, ValueError."""
    root: Any = None
    wanted = ""
    for event, element in iterparse(BytesIO(raw), events=("start", "end"), forbid_entities=True, forbid_external=True):
        name = str(element.tag).rpartition("}")[2]
        if root is None:
            root, wanted = element, ROOTS.get(name, "")
            if not wanted:
                raise ValueError(f"root element {name[:40]!r} is no sitemap's")
        if event == "end" and name == wanted:
            if len(pages) + len(sitemaps) == MOST_ADDRESSES:
                raise ValueError(_too_many(MOST_ADDRESSES + 1))
            _take(element, wanted, pages, sitemaps)
            root.clear()


def _take(element: Any, wanted: str, pages: list[tuple[str, str]], sitemaps: list[str]) -> None:
    texts = {str(child.tag).rpartition("}")[2]: (child.text or "").strip() for child in element}
    address = texts.get("loc", "")
    if not address or len(address) > LONGEST_ADDRESS:
        return
    if wanted == "url":
        pages.append((address, texts.get("lastmod", "")[:40]))
    else:
        sitemaps.append(address)
