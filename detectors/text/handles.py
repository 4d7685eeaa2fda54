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

NAME = r"(?P<name>[a-z0-9](?:[a-z0-9_.-]{1,62}[a-z0-9_])?(?:\s?#\d{3,5})?)"
ENDS = r"(?![\w@])"
BETWEEN = (
    r"(?:\W{0,2}(?<!\w)(?:me|my|username|user|name|handle|id|account|acc|nick|contact|channel|group|on|is|es|ist|est|este|"
    r"usuario|conta|cont|akun|la|le|ник|канал|аккаунт|ไอดี|号|號|账号|帳號|號碼)(?!\w)){0,3}"
)
MARK = r"(?:\s{0,2}(?:->|=>|→|➡|👉|[:：=~>«\"'(\[-]){1,2}\s{0,3}@?|\s{0,2}@)\s?"
SAID = re.compile(rf"(?P<between>{BETWEEN})(?P<mark>{MARK}|\s{{1,2}})(?:live:)?{NAME}{ENDS}")
ASKS_NAME = re.compile(r"(?<!\w)(?:id|username|user|handle|nick|account|acc|ник|аккаунт)(?!\w)|ไอดี|号|號")
NUMERIC = frozenset(("qq", "wechat"))  # services whose names may be all digits
LINKED = re.compile(rf"\s?/{{0,2}}\s?(?:(?:s|joinchat|invite|stories|g|messages/t|message)/)?[+@~$]{{0,2}}{NAME}")
LINK_EDGE = r"(?<![\w.])(?:https?://|https?:\\\\)?(?:www\.|m\.)?"
BARE = re.compile(rf"(?<![\w.@/])@{NAME}{ENDS}")
PATHS = frozenset(("p", "reel", "reels", "explore", "share", "sharer", "watch", "events", "marketplace", "profile.php"))
ALONE = frozenset(("line", "sc", "session", "v", "x", "imo"))  # too common a word without a colon or an id
SURE = frozenset(("kik", "vx", "wx", "ig", "insta", "snapchat", "threema", "wickr"))  # means nothing else
LONG_ENOUGH = 5  # letters of a name without a sign or digit behind such a word
TELLING = re.compile(r"[0-9_#]")
MIXED = re.compile(r"[a-z_.-]{3,40}\d{2,10}")
CASHTAG = re.compile(r"(?<!\w)cash ?app(?:\W{0,3}(?:me|is|tag|at|my)(?!\w)){0,2}\W{0,3}(?P<tag>\$\s?[a-z][\w-]{2,30})")
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
        if len(match["name"]) >= SHORTEST and match["name"].strip("0123456789."):
            yield Handle(f"handle:{match['name']}", *match.span())
    for match in CASHTAG.finditer(text):
        yield Handle(f"cashapp:{match['tag'].replace(' ', '')}", *match.span("tag"))


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
        if tail is not None and _is_handle(tail, hit[0], service):
            yield Handle(f"{service}:{tail['name']}", hit.start(), tail.end())


def _is_handle(tail: re.Match[str], word: str, service: str) -> bool:
    """What follows `word` is a name on the service it means."""
    name, marked = tail["name"], not tail["mark"].isspace() or ASKS_NAME.search(tail["between"]) is not None
    if not marked and word in ALONE and MIXED.fullmatch(name) is None:
        return False
    return _is_name(name, service, marked=marked) or (not marked and _is_plain_name(name, word))


def _is_name(name: str, service: str, *, marked: bool) -> bool:
    """Without a colon or @ before it, a name must look like one."""
    if len(name) < SHORTEST or name in _common():
        return False
    if name.isdigit():
        return service in NUMERIC and marked and len(name) > SHORTEST + 1
    return marked or TELLING.search(name) is not None


def _is_plain_name(name: str, word: str) -> bool:
    """Letters alone, behind a word that means a service and nothing else, or that is of another script."""
    sure = word in SURE or not word.isascii()
    return sure and len(name) >= LONG_ENOUGH and not name.isdigit() and name not in _common()


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
