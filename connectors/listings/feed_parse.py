"""RSS, Atom, JSON Feed, and NDJSON of JSON Feed items, to entries. Pure.

Bytes are hostile until read: entities are refused (a feed needs none), text is text, and what came
before a break in the XML is kept. Sources: RSS 2.0, RSS 1.0, RFC 4287, jsonfeed.org/version/1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from itertools import chain, islice
from typing import Any
from xml.etree.ElementTree import ParseError, tostring

import msgspec
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # ships no types

from manumit.connectors.files.etl import date_us
from manumit.connectors.listings.metered import ENTRY_BYTES, Metered
from manumit.connectors.listings.plain import LONGEST_HTML, lines_of, plain_text
from manumit.schemas.errors import BadRecord

ENTRIES_READ = 2_000
ENTRY_TAGS_READ = 4_000  # elements of one entry, or signs `<` in its words
ENTRY_DEPTH = 200
LONGEST_TIME = 80
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
    entries, faults = parse_xml(raw)
    if any(fault.reason == "malformed" for fault in faults):
        again, second = parse_xml(recoded(raw, charset))
        if len(again) > len(entries) or not second:
            return again, second
    return entries, faults


def parse_json(raw: bytes) -> tuple[list[Entry], list[BadRecord]]:
    """A JSON Feed, or one item of such a feed a line."""
    try:
        return read_items(msgspec.json.decode(raw, type=JsonFeed).items, "an item of the JSON Feed")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        first, _, more = raw.partition(b"\n")
        if not (first.strip().endswith(b"}") and (b'"id"' in first or b'"url"' in first)):
            return [], [BadRecord("malformed", f"not a JSON Feed ({error})")]
    lines = islice((line for line in chain((first,), BytesIO(more)) if line.strip()), ENTRIES_READ)
    return read_items(map(msgspec.Raw, lines), "a line")


def read_items(items: Iterable[msgspec.Raw], what: str) -> tuple[list[Entry], list[BadRecord]]:
    """One bad item does not cost the others."""
    entries, faults = [], []
    for item in islice(items, ENTRIES_READ):
        try:
            entries.append(json_entry(checked_item(item)))
        except BadRecord as error:
            faults.append(error)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            faults.append(BadRecord("malformed", f"{what} is unusable ({error})"))
    return entries, faults


def checked_item(item: msgspec.Raw) -> JsonItem:
    """Raises BadRecord("too-large"), msgspec.MsgspecError."""
    if len(memoryview(item)) > ENTRY_BYTES:
        raise BadRecord("too-large", f"an item has more than {ENTRY_BYTES} bytes")
    return msgspec.json.decode(item, type=JsonItem)


def json_entry(item: JsonItem) -> Entry:
    """The item's words as text."""
    html = item.content_html or ""
    return entry(
        ids=(str(item.id), item.url or ""),
        title=lines_of((item.title or "")[:LONGEST_HTML]),
        text=lines_of((item.content_text or "")[:LONGEST_HTML]) or words_of(html or item.summary or ""),
        posted=item.date_published or "",
        changed=item.date_modified or "",
    )


def words_of(source: str) -> str:
    """The text of HTML. Raises BadRecord("too-large") for more markup than an advert has."""
    if source.count("<") > ENTRY_TAGS_READ:
        raise BadRecord("too-large", f"an entry has more than {ENTRY_TAGS_READ} tags")
    return plain_text(source)


def parse_xml(raw: bytes) -> tuple[list[Entry], list[BadRecord]]:
    """The entries that ended before the first fault, but for those that have too much markup."""
    entries: list[Entry] = []
    faults: list[BadRecord] = []
    try:
        for found in xml_entries(raw):
            if isinstance(found, Entry):
                entries.append(found)
            else:
                faults.append(found)
            if len(entries) + len(faults) == ENTRIES_READ:
                break
    except BadRecord as error:
        faults.append(error)
    except DefusedXmlException as error:
        faults.append(
            BadRecord("malformed", f"the feed declares entities, which no feed needs ({type(error).__name__})")
        )
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        reason = "truncated" if ended_early(error) else "malformed"
        faults.append(BadRecord(reason, f"not well-formed XML ({error})"))
    return entries, faults


def ended_early(error: Exception) -> bool:
    """True when the XML stops in the middle (expat codes 3 and 5: no element found, unclosed token)."""
    return getattr(error, "code", 0) in (3, 5)


def xml_entries(raw: bytes) -> Iterator[Entry | BadRecord]:
    """Entries as they end; a BadRecord for one with too much markup.

    Raises ParseError, DefusedXmlException, ValueError, BadRecord("too-large"): what follows an entry without end cannot
    be told from its inside, so it is not read.
    """
    root: Any = None
    depth = elements = 0
    source = Metered(raw)
    for event, element in iterparse(source, events=("start", "end"), forbid_entities=True, forbid_external=True):
        depth += 1 if event == "start" else -1
        if root is None:
            root = element
            check_root(local(root))
        elements += event == "start"
        if depth > ENTRY_DEPTH or elements > ENTRY_TAGS_READ:
            raise BadRecord("too-large", f"an entry is nested more than {ENTRY_DEPTH} deep or has too many elements")
        if event == "end" and local(element) in ENTRY_TAGS and depth <= 2:
            yield xml_entry_or_fault(element)
            element.clear()
            source.mark()
            elements = 0


def check_root(name: str) -> None:
    """Raises ValueError."""
    if name in SITEMAP_TAGS:
        raise ValueError("this is a sitemap: name it under `crawls`, not `feeds`")
    if name not in ROOT_TAGS:
        raise ValueError(f"root element {name[:40]!r} is no feed's")


def xml_entry_or_fault(element: Any) -> Entry | BadRecord:
    """One bad entry does not cost the others."""
    try:
        return xml_entry(element)
    except BadRecord as error:
        return error


def xml_entry(element: Any) -> Entry:
    """The entry's words as text, whatever dialect names them."""
    children: dict[str, Any] = {}
    for child in element:
        children.setdefault(local(child), child)
    link = children.get("link")
    href = "" if link is None else (link.get("href") or link.text or "")
    return entry(
        ids=(*(words(children, (tag,)) for tag in ID_TAGS), href.strip()),
        title=words_of(words(children, ("title",))),
        text=words_of(words(children, TEXT_TAGS)),
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
    if len(text) > LONGEST_TIME:
        raise BadRecord("bad-time", f"{text[:60]!r}… is not a time")
    for read in (parsedate_to_datetime, str):
        try:
            return date_us(read(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    raise BadRecord("bad-time", f"{text[:60]!r} is not a time")
