"""Terms nobody may read: a list of salted hashes, and whether a text holds one of them. Pure.

A text is a row of units: words, characters of scripts without spaces, pictographs; all folded. A term is a few units
that follow each other. The list holds, for each term, how many units it has, the hash of its first unit and the hash
of all of it, so that only few places of a text need more than one look. Linear in the text.

    manumit hashed terms 1
    salt 5f…                      (hex, 16 bytes and more)
    2 9c41…  77ab…                (units, hash of the first, hash of the whole: HMAC-SHA256, 32 hex digits of it)
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from manumit.detectors.text.lexicon import LETTER, UNSPACED_RANGES
from manumit.detectors.text.normalise import fold
from manumit.detectors.text.term_index import SPELLINGS
from manumit.schemas.errors import ConfigError

HEAD = "manumit hashed terms 1"
PICTOGRAPHS = "\u2190-\u2bff\U0001f000-\U0001faff"
UNIT = re.compile(rf"{LETTER}+|[{UNSPACED_RANGES}]|[{PICTOGRAPHS}]")
LINE = re.compile(r"(\d{1,2}) ([0-9a-f]{32}) ([0-9a-f]{32})")
SALT = re.compile(r"salt ((?:[0-9a-f]{2}){16,64})")
DIGITS = 32
MOST_UNITS = 24
UNITS_KEPT = 65_536
JOINT = "\x1f"


class HashedTerms:
    """Of no terms at all it is false. `by_first`: hash of a first unit to (units, hash of the whole) of its terms."""

    def __init__(self, salt: bytes, by_first: Mapping[str, frozenset[tuple[int, str]]]) -> None:
        self._by_first = by_first
        self._salt = salt
        self._beginning = lru_cache(UNITS_KEPT)(self._terms_of)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def found(self, text: str) -> frozenset[str]:
        """The hashes of the different terms that stand in folded `text`."""
        if not self._by_first:
            return frozenset()
        units = UNIT.findall(text.translate(SPELLINGS))
        hits: set[str] = set()
        for at, unit in enumerate(units):
            for length, whole in self._beginning(unit):
                if hashed(self._salt, units[at : at + length]) == whole:
                    hits.add(whole)
        return frozenset(hits)

    def _terms_of(self, unit: str) -> frozenset[tuple[int, str]]:
        return self._by_first.get(hashed(self._salt, [unit]), frozenset())


NO_TERMS = HashedTerms(b"", {})


def hashed(salt: bytes, units: list[str]) -> str:
    """The hash of units in a row."""
    return hmac.digest(salt, JOINT.join(units).encode("utf-8", "surrogatepass"), "sha256").hex()[:DIGITS]


def units_of(term: str) -> list[str]:
    """A term as the units a text is looked through for. Raises ConfigError for one that has none, or too many."""
    units = UNIT.findall(fold(term).text.translate(SPELLINGS))
    if not 0 < len(units) <= MOST_UNITS:
        raise ConfigError(f"a term of {len(units)} words or characters cannot be hashed; 1 to {MOST_UNITS} can")
    return units


def hashed_list(terms: Iterable[str], salt: bytes) -> str:
    """The list for these terms, as text; sorted, so that it tells nothing of their order."""
    rows = {(len(units), hashed(salt, units[:1]), hashed(salt, units)) for units in map(units_of, terms)}
    return "\n".join((HEAD, f"salt {salt.hex()}", *(f"{n} {first} {whole}" for n, first, whole in sorted(rows)), ""))


def read_hashed(text: str) -> HashedTerms:
    """Raises ConfigError, naming the line, for anything that is no such list."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    salt = SALT.fullmatch(lines[1]) if len(lines) > 1 else None
    if lines[:1] != [HEAD] or salt is None:
        raise ConfigError(f"hashed terms: the list must begin with {HEAD!r} and a line with its salt")
    by_first: dict[str, set[tuple[int, str]]] = {}
    for number, line in enumerate(lines[2:], 3):
        match = LINE.fullmatch(line.strip())
        if match is None or not 0 < int(match[1]) <= MOST_UNITS:
            raise ConfigError(f"hashed terms: line {number} is not a number of units and two hashes")
        by_first.setdefault(match[2], set()).add((int(match[1]), match[3]))
    return HashedTerms(bytes.fromhex(salt[1]), {first: frozenset(terms) for first, terms in by_first.items()})
