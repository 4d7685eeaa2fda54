"""Names on messengers: links, a name after the word for a service, and bare `@name`. Folded text in.

The words and links are data (`lexicons/handles.toml`); what follows them is read by fixed, bounded patterns, so
hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from manumit.detectors.text.lexicon import Terms, any_of, pattern, terms
from manumit.detectors.text.normalise import fold

NAME = r"(?P<name>[a-z0-9](?:[a-z0-9_.-]{1,62}[a-z0-9_])?)"
ENDS = r"(?![\w@])"
BETWEEN = (
    r"(?:\W{0,2}(?<!\w)(?:me|my|username|user|name|handle|id|account|acc|nick|contact|channel|group|on|is|es|ist|est|este|"
    r"usuario|conta|cont|akun|la|le|ник|канал|аккаунт|ไอดี|号|號|账号|帳號|號碼)(?!\w)){0,3}"
)
MARK = r"(?:\s{0,2}(?:->|=>|→|➡|👉|[:：=~>«\"'(\[-]){1,2}\s{0,3}@?|\s{0,2}@)\s?"
SAID = re.compile(rf"{BETWEEN}(?P<mark>{MARK}|\s{{1,2}})(?:live:)?{NAME}{ENDS}")
NUMERIC = frozenset(("qq", "wechat"))  # services whose names may be all digits
LINKED = re.compile(rf"\s?/{{0,2}}\s?(?:(?:s|joinchat|invite|stories|g|messages/t)/)?[+@~]{{0,2}}{NAME}")
LINK_EDGE = r"(?<![\w.])(?:https?://|https?:\\\\)?(?:www\.|m\.)?"
BARE = re.compile(rf"(?<![\w.@/])@{NAME}{ENDS}")
PATHS = frozenset(("p", "reel", "reels", "explore", "share", "sharer", "watch", "events", "marketplace", "profile.php"))
ALONE = "line"  # too common a word to name the messenger without a colon or an id
TELLING = re.compile(r"[0-9_]")
SHORTEST = 3
PHONE_DIGITS = range(8, 16)


@dataclass(frozen=True, slots=True)
class Handle:
    """`identifier` is `service:name`, or `tel:+…` for a link that holds a number; the span is in the folded text."""

    identifier: str
    start: int
    stop: int


def handles(text: str) -> Iterator[Handle]:
    """Every handle; a place may be given twice, links first."""
    yield from _links(text)
    yield from _said(text)
    for match in BARE.finditer(text):
        if len(match["name"]) >= SHORTEST and not match["name"].isdigit():
            yield Handle(f"handle:{match['name']}", *match.span())


def _links(text: str) -> Iterator[Handle]:
    for match in _link().finditer(text):
        service = _services()[match["host"].replace(" ", "")]
        tail = LINKED.match(text, match.end())
        if tail is None or tail["name"] in PATHS:
            continue
        name = tail["name"]
        number = name.isdigit() and len(name) in PHONE_DIGITS
        yield Handle(f"tel:+{name}" if number else f"{service}:{name}", match.start(), tail.end())


def _said(text: str) -> Iterator[Handle]:
    for hit in _words().finditer(text):
        service = _services()[" ".join(hit[0].split())]
        tail = SAID.match(text, hit.end())
        marked = tail is not None and not tail["mark"].isspace()
        if tail is not None and (marked or hit[0] != ALONE) and _is_name(tail["name"], service, marked=marked):
            yield Handle(f"{service}:{tail['name']}", hit.start(), tail.end())


def _is_name(name: str, service: str, *, marked: bool) -> bool:
    """Without a colon or @ before it, a name must look like one."""
    if len(name) < SHORTEST or name in _common():
        return False
    if name.isdigit():
        return service in NUMERIC and marked and len(name) > SHORTEST + 1
    return marked or TELLING.search(name) is not None


@cache
def _services() -> Mapping[str, str]:
    """The service of a word or of the beginning of a link."""
    table = terms("handles")
    return {fold(term).text: service for service, rows in table.items() for row in rows.values() for term in row}


@cache
def _common() -> frozenset[str]:
    """Words that often follow a service's and are nobody's name."""
    return frozenset(word for row in terms("handle_words").values() for words in row.values() for word in words)


@cache
def _words() -> Terms:
    return pattern(word for rows in terms("handles").values() for word in rows["words"])


@cache
def _link() -> re.Pattern[str]:
    beginnings = {fold(link).text for rows in terms("handles").values() for link in rows["links"]}
    spelt = any_of(tuple(r"\s?\.\s?" if c == "." else re.escape(c) for c in link) for link in beginnings)
    return re.compile(rf"{LINK_EDGE}(?P<host>{spelt})(?=\s?/|[=?a-z0-9])")
