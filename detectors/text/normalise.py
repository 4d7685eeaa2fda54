"""One form for many spellings, with the way back to the characters it came from.

NFKC, lower case, digits of every script as 0-9, no format characters, no accents on Latin letters, and
Latin for look-alike letters inside words that mix scripts (the idea of Unicode TS 39, a small table of ours).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

LOOKALIKES = str.maketrans("аеорсухіјѕһԁкмнтвαεορυικντ", "aeopcyxijshdkmhtbaeopyiknt")
SPECIAL = {"đ": "d", "ł": "l", "ø": "o", "ı": "i", "ð": "d"}
CLUSTERS_KEPT = 4_096
GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f]")
WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile("[a-z]")
DROPPED = {"Cf", "Me"}  # zero-width, bidi marks, keycaps


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` folded; character i stands at original index `at[i]`; `at` has one more entry, the end."""

    text: str
    at: tuple[int, ...] | range

    def origin(self, start: int, stop: int) -> tuple[int, int]:
        """Half-open span in the original of the folded span [start, stop)."""
        return self.at[start], self.at[stop]


def fold(text: str) -> Folded:
    """Linear in the text; never fails, lone surrogates stay as they are."""
    if text.isascii():
        return Folded(text.lower(), range(len(text) + 1))
    table = _table()
    joined = text.translate(table)
    if table.uneven.isdisjoint(text):  # each character is one again, and none stands on another
        return Folded(_unmix(joined), range(len(text) + 1))
    parts = list(map(_fold_character, text))
    for start, stop in _clusters(text):
        parts[start:stop] = [_fold_cluster(text[start:stop]), *[""] * (stop - start - 1)]
    at = tuple(i for i, part in enumerate(parts) for _ in part)
    return Folded(_unmix("".join(parts)), (*at, len(text)))


class _Table(dict[int, str]):
    """Characters folded, filled as they are met; `uneven` are those that do not become one, or stand on another."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = self[code] = _fold_character(character)
        if len(folded) != 1 or unicodedata.combining(character):
            self.uneven.add(character)
        return folded


@cache
def _table() -> _Table:
    return _Table()


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of characters with marks that stand on them."""
    start, stop = 0, 0
    for i in (i for i, combining in enumerate(map(unicodedata.combining, text)) if combining):
        if i != stop:
            if stop > start:
                yield start, stop
            start = max(0, i - 1)
        stop = i + 1
    if stop > start:
        yield start, stop


@cache
def _fold_character(character: str) -> str:
    if unicodedata.category(character) in DROPPED or "\ufe00" <= character <= "\ufe0f":
        return ""
    out = []
    for part in unicodedata.normalize("NFKC", character).casefold():
        digit = unicodedata.decimal(part, None)
        out.append(_bare(part) if digit is None else str(digit))
    return "".join(out)


@lru_cache(CLUSTERS_KEPT)
def _fold_cluster(cluster: str) -> str:
    if len(cluster) > 8:  # a pile of marks is decoration, not a letter
        return _fold_character(cluster[0])
    return "".join(_fold_character(part) for part in unicodedata.normalize("NFKC", cluster))


def _bare(letter: str) -> str:
    """A Latin letter without its marks; other scripts keep theirs (й is not и)."""
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else SPECIAL.get(letter, letter)


def _unmix(text: str) -> str:
    """Latin for look-alikes in words that hold a Latin letter too; same length."""
    if not GREEK_OR_CYRILLIC.search(text) or not LATIN.search(text):
        return text
    return WORD.sub(lambda word: word[0].translate(LOOKALIKES) if LATIN.search(word[0]) else word[0], text)


def visible(text: str) -> str:
    """The text without zero-width and direction characters; case and letters stay."""
    return text if text.isascii() else "".join(c for c in text if unicodedata.category(c) not in DROPPED)
