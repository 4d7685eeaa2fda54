"""RSS, Atom and JSON Feed to entries. Pure.

Bytes are hostile until read: entities are refused (a feed needs none), text is text, and what came
before a break in the XML is kept. Sources: RSS 2.0, RSS 1.0, RFC 4287, jsonfeed.org/version/1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError, tostring

import msgspec
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # ships no types

from manumit.connectors.files.etl import date_us
from manumit.connectors.listings.plain import plain_text
from manumit.schemas.errors import BadRecord

ENTRIES_READ = 2_000
ENTRY_TAGS = frozenset(("item", "entry"))
ROOT_TAGS = frozenset(("rss", "RDF", "feed"))
SITEMAP_TAGS = ("urlset", "sitemapindex")
ID_TAGS = ("guid", "id")
TEXT_TAGS = ("encoded", "content", "description", "summary")
POSTED_TAGS = ("pubDate", "published", "issued", "date")
CHANGED_TAGS = ("updated", "modified")
DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}\?>")
LONGEST_ID = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. Times are the feed's own words, "" where it gives none."""

    entry_id: str
    title: str
    text: str
    posted: str
    changed: str

    @property
    def digest(self) -> str:
        """Changes when the words change."""
        return sha256(f"{self.title}\x1f{self.text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


class JsonItem(msgspec.Struct, frozen=True):
    """An item of a JSON Feed."""

    id: str | int | float = ""
    url: str | None = None
    title: str | None = None
    content_text: str | None = None
    content_html: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None


class JsonFeed(msgspec.Struct, frozen=True):
    """A JSON Feed; items are decoded one by one, so that one bad item does not cost the others."""

    version: str
    items: list[msgspec.Raw] = []


def parse_feed(raw: bytes, charset: str = "") -> tuple[list[Entry], list[BadRecord]]:
    """Entries in the feed's order, and what was wrong. `charset` is what HTTP said, if anything."""
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return parse_json(start)
    entries, fault = parse_xml(raw)
    if fault is not None and fault.reason == "malformed":
        again, second = parse_xml(recoded(raw, charset))
        entries, fault = (again, second) if len(again) > len(entries) or second is None else (entries, fault)
    return entries, [fault] if fault else []


def parse_json(raw: bytes) -> tuple[list[Entry], list[BadRecord]]:
    """A JSON Feed."""
    try:
        feed = msgspec.json.decode(raw, type=JsonFeed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return [], [BadRecord("malformed", f"not a JSON Feed ({error})")]
    entries, faults = [], []
    for item in feed.items[:ENTRIES_READ]:
        try:
            entries.append(json_entry(msgspec.json.decode(item, type=JsonItem)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            faults.append(BadRecord("malformed", f"an item of the JSON Feed is unusable ({error})"))
    return entries, faults


def json_entry(item: JsonItem) -> Entry:
    """The item's words as text."""
    html = item.content_html or ""
    return entry(
        ids=(str(item.id), item.url or ""),
        title=item.title or "",
        text=item.content_text or plain_text(html or item.summary or ""),
        posted=item.date_published or "",
        changed=item.date_modified or "",
    )


def parse_xml(raw: bytes) -> tuple[list[Entry], BadRecord | None]:
    """The entries that ended before the first fault."""
    entries: list[Entry] = []
    try:
        for found in xml_entries(raw):
            entries.append(found)
            if len(entries) == ENTRIES_READ:
                break
    except DefusedXmlException as error:
        return entries, BadRecord(
            "malformed", f"the feed declares entities, which no feed needs ({type(error).__name__})"
        )
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        return entries, BadRecord("truncated" if ended_early(error) else "malformed", f"not well-formed XML ({error})")
    return entries, None


def ended_early(error: Exception) -> bool:
    """True when the XML stops in the middle (expat codes 3 and 5: no element found, unclosed token)."""
    return getattr(error, "code", 0) in (3, 5)


def xml_entries(raw: bytes) -> Iterator[Entry]:
    """Entries as they end. Raises ParseError, DefusedXmlException, ValueError."""
    root: Any = None
    depth = 0
    for event, element in iterparse(BytesIO(raw), events=("start", "end"), forbid_entities=True, forbid_external=True):
        depth += 1 if event == "start" else -1
        if root is None:
            root = element
            if local(root) in SITEMAP_TAGS:
                raise ValueError("this is a sitemap: name it under `crawls`, not `feeds`")
            if local(root) not in ROOT_TAGS:
                raise ValueError(f"root element {local(root)[:40]!r} is no feed's")
        if event == "end" and local(element) in ENTRY_TAGS and depth <= 2:
            yield xml_entry(element)
            element.clear()


def xml_entry(element: Any) -> Entry:
    """The entry's words as text, whatever dialect names them."""
    children: dict[str, Any] = {}
    for child in element:
        children.setdefault(local(child), child)
    link = children.get("link")
    href = "" if link is None else (link.get("href") or link.text or "")
    return entry(
        ids=(*(words(children, (tag,)) for tag in ID_TAGS), href.strip()),
        title=plain_text(words(children, ("title",))),
        text=plain_text(words(children, TEXT_TAGS)),
        posted=words(children, POSTED_TAGS),
        changed=words(children, CHANGED_TAGS),
    )


def entry(*, ids: tuple[str, ...], title: str, text: str, posted: str, changed: str) -> Entry:
    """The first id that is there, else one made of the words."""
    made = sha256(f"{title}\x1f{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    chosen = next((i for i in ids if i), made)
    short = chosen if len(chosen) <= LONGEST_ID else sha256(chosen.encode("utf-8", "surrogatepass")).hexdigest()
    return Entry(entry_id=short, title=title, text=text, posted=posted.strip(), changed=changed.strip())


def words(children: dict[str, Any], tags: tuple[str, ...]) -> str:
    """All text inside the first of these children that has any; markup stays where the child has elements."""
    texts = (markup(children[tag]).strip() for tag in tags if tag in children)
    return next((text for text in texts if text), "")


def markup(element: Any) -> str:
    """An element's text, or its XHTML."""
    return tostring(element, encoding="unicode") if len(element) else element.text or ""


def local(element: Any) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def recoded(raw: bytes, charset: str) -> bytes:
    """The same feed in UTF-8, its own declaration dropped: for feeds that declare the wrong encoding."""
    try:
        text = raw.decode(charset or "utf-8", "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return DECLARATION.sub(b"", text.encode("utf-8", "replace"))


def feed_time_us(text: str) -> int:
    """RFC 822 or ISO 8601 to UTC microseconds. Raises BadRecord("bad-time")."""
    for read in (parsedate_to_datetime, str):
        try:
            return date_us(read(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    raise BadRecord("bad-time", f"{text[:60]!r} is not a time")
