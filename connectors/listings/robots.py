"""robots.txt, read and asked in time that grows with its length alone, whatever it holds. Pure.

Source: RFC 9309 (the longest rule that fits wins, an allowing one on a tie; `*` and `$`; a file that does not exist
allows all, one that cannot be reached allows nothing, half a megabyte is read, a day is the longest it is remembered).
`Crawl-delay` and `Request-rate` as robots files write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

ROBOTS_BYTES = 512_000
LARGEST_ROBOTS = 4 * ROBOTS_BYTES  # beyond it the file cannot be read
REMEMBERED_S = 86_400.0
LONGEST_DELAY_S = 86_400.0
ROBOTS_REDIRECTS = 3
TOKEN = "manumit"  # noqa: S105 - the name robots.txt knows us by, not a secret
AGENT, DELAY, RATE, ALLOW, DISALLOW = "user-agent", "crawl-delay", "request-rate", "allow", "disallow"
OF_A_GROUP = frozenset((DELAY, RATE, ALLOW, DISALLOW))
LINE = re.compile(r"\s{0,20}([A-Za-z-]{1,20})\s{0,20}:([^#]*)")
NAME = re.compile(r"[A-Za-z_-]+|\*")
SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
PER = re.compile(r"(\d{1,9})/(\d{1,9})([smh]?)")
UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3_600}
ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PLAIN = "%/?:@!$&'()*+,;=[]~#"  # what a rule or path may hold as it is


@dataclass(frozen=True, slots=True)
class Robots:
    """What a host wants of us: (pattern, whether it allows), the longest pattern first, and seconds between asks."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0

    def allows(self, url: str) -> bool:
        """True where no rule speaks, and for robots.txt itself."""
        parts = urlsplit(url)
        path = spelt((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return True
        return next((allowed for pattern, allowed in self.rules if fits(pattern, path)), True)


@dataclass(slots=True)
class Group:
    """The lines of one group of user agents."""

    names: set[str] = field(default_factory=set)
    rules: list[tuple[str, bool]] = field(default_factory=list)
    delay_s: float = 0.0


def robots_of(status: int, body: bytes) -> Robots | None:
    """What an answer to /robots.txt means; None when it cannot be reached, so that nothing may be asked."""
    if 400 <= status < 500 and status != 429:
        return Robots()
    return parse_robots(body[:ROBOTS_BYTES]) if status == 200 else None


def parse_robots(raw: bytes) -> Robots:
    """The rules of all groups that name us, else of those for everybody."""
    found = list(_groups(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")))
    own = [one for one in found if TOKEN in one.names] or [one for one in found if "*" in one.names]
    rules = dict.fromkeys(rule for one in own for rule in one.rules)
    ordered = sorted(rules, key=lambda rule: (-len(rule[0].encode()), not rule[1]))
    return Robots(tuple(ordered), min(max((one.delay_s for one in own), default=0.0), LONGEST_DELAY_S))


def _groups(text: str) -> Iterator[Group]:
    group, open_for_names = Group(), True
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        key, value = match[1].lower(), match[2].strip()
        if key == AGENT and not open_for_names:
            yield group
            group, open_for_names = Group(), True
        if key == AGENT:
            named = NAME.match(value)
            group.names.add(named[0].lower() if named else "")
        elif key in OF_A_GROUP:
            open_for_names = False
            _take(group, key, value)
    yield group


def _take(group: Group, key: str, value: str) -> None:
    if key in (ALLOW, DISALLOW):
        if value:
            group.rules.append((spelt(value), key == ALLOW))
    elif key == DELAY:
        if SECONDS.fullmatch(value):
            group.delay_s = max(group.delay_s, float(value))
    elif (rate := PER.match(value)) and int(rate[1]):
        group.delay_s = max(group.delay_s, int(rate[2]) * UNITS_S[rate[3]] / int(rate[1]))


def spelt(path: str) -> str:
    """One spelling for a path or pattern: letters outside ASCII escaped, plain letters not."""
    return ESCAPED.sub(_unescaped, quote(path, safe=PLAIN, errors="replace"))


def _unescaped(escaped: re.Match[str]) -> str:
    letter = chr(int(escaped[1], 16))
    return letter if letter in UNRESERVED else escaped[0].upper()


def fits(pattern: str, path: str) -> bool:
    """The pattern from the path's beginning on; each piece between stars is taken where it first stands."""
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not pieces:
        return not ends or at == len(path)
    *middle, last = pieces
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return (path.endswith(last) and len(path) - len(last) >= at) if ends else path.find(last, at) >= 0
