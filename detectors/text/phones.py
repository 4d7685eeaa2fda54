"""Telephone numbers in a text, also spelt with words, letters, emoji, foreign digits or odd separators.

A run of digit-like pieces is found first, then checked by Google's libphonenumber rules (phonenumbers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

import phonenumbers

from manumit.detectors.text.lexicon import UNSPACED, terms
from manumit.detectors.text.normalise import Folded, fold

LOOKS_LIKE = {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "s": "5", "b": "8"}
SEPARATOR = r"[\s.\-*~_()/·,|]"
AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,3}")
DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./]\d\d?[-./]\d\d?(?!\d)|(?<!\d)\d\d?[-./]\d\d?[-./](?:19|20)\d\d(?!\d)")
ANNOUNCED = re.compile(
    r"(?:tel|phone|call|text|sms|whats\s?app|wa|viber|zalo|mobile|cell|telefono|fone|тел|电话|電話|โทร|hp)\W{0,12}$"
)
MIN_DIGITS, MAX_DIGITS = 8, 15
MAX_RUNS = 50


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is E.164; the span is in the original text."""

    number: str
    start: int
    stop: int


def phones(text: str, region: str = "") -> tuple[Phone, ...]:
    """Numbers in order. `region` (ISO 3166 code) reads numbers without a country code; "" takes none of those."""
    folded = fold(text)
    dates = [match.span() for match in DATE.finditer(folded.text)]
    found: list[Phone] = []
    for match in islice(_run().finditer(folded.text), MAX_RUNS):
        if any(start < match.end() and match.start() < stop for start, stop in dates):
            continue
        number = _number(folded.text, match.start(), match.end(), region)
        if number is not None:
            found.append(Phone(number, *_span(folded, match)))
    return tuple(found)


def _span(folded: Folded, match: re.Match[str]) -> tuple[int, int]:
    return folded.origin(match.start(), match.end())


def _number(text: str, start: int, stop: int, region: str) -> str | None:
    run = text[start:stop]
    digits = "".join(_digit(piece[0]) for piece in _piece().finditer(run))
    spelt = any(c.isalpha() for c in run)
    real = sum(c.isdigit() for c in run)
    glued = start > 0 and text[start - 1].isalpha() and not UNSPACED.match(text[start - 1])
    announced = ANNOUNCED.search(text[max(0, start - 24) : start]) is not None
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS or AMOUNT.fullmatch(run) or (glued and not announced):
        return None
    if spelt and real == 0 and len(digits) < 9 and not announced:
        return None
    if run.startswith("+") or digits.startswith("00"):
        return _parsed("+" + digits.removeprefix("00"), "", loose=announced or run.startswith("+"))
    plain = run.isdigit() and not announced  # an article or post number looks like this too
    return (_parsed(digits, region, loose=not plain) if region else None) or _parsed("+" + digits, "", loose=False)


def _parsed(digits: str, region: str, *, loose: bool) -> str | None:
    """E.164 when the number may exist; `loose` takes possible numbers that no plan has given out."""
    try:
        number = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_possible_number(number) if loose else phonenumbers.is_valid_number(number)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if fits else None


def _digit(piece: str) -> str:
    return piece if piece.isdigit() else LOOKS_LIKE.get(piece) or _words()[piece]


@cache
def _words() -> Mapping[str, str]:
    return {fold(word).text: digit for digit, row in terms("numbers").items() for word in row["words"]}


def _alternatives() -> str:
    return "|".join(re.escape(word) for word in sorted(_words(), key=lambda word: (-len(word), word)))


@cache
def _piece() -> re.Pattern[str]:
    return re.compile(rf"\d|{_alternatives()}|[oqil|sb]")


@cache
def _run() -> re.Pattern[str]:
    """A piece, then seven or more with few separators between. Letters count only right beside a digit."""
    beside = r"(?<=\d)[oqil|sb](?![a-z])|(?<=\d)[oqil|sb](?=[oqil|sb]{0,3}\d)"
    apart = r"[oqil](?=[\s.\-*]?\d)|(?<=\d[oqil])[oqil](?![a-z])"
    word = rf"(?:{_alternatives()})"
    piece = rf"(?:\d|{word}|{beside}|{apart})"
    return re.compile(rf"(?:\+\s?|(?<![a-z])|(?=\d)){piece}(?:{SEPARATOR}{{0,3}}{piece}){{7,24}}(?![a-z0-9])")
