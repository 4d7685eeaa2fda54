"""Telephone numbers in a text, also spelt with words, letters, emoji, foreign digits or odd separators.

Digit-like pieces are joined into runs first, in one pass over the text, so hostile text costs linear time;
each run is then checked by Google's libphonenumber rules (phonenumbers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import dropwhile, islice

import phonenumbers

from manumit.detectors.text.lexicon import UNSPACED, any_of, terms
from manumit.detectors.text.normalise import fold

LOOKS_LIKE = {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "s": "5", "b": "8"}
SEPARATORS = r"\s.\-*~_()/·,"
MAX_GAP = 3  # characters between two pieces of one number
AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,3}")
GAP = re.compile(f"[{SEPARATORS}]*")
PLUS = re.compile(r"\+\s?$")
DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./]\d\d?[-./]\d\d?(?!\d)|(?<!\d)\d\d?[-./]\d\d?[-./](?:19|20)\d\d(?!\d)")
ANNOUNCED = re.compile(
    r"(?:tel|phone|call|text|sms|whats\s?app|wa|viber|zalo|mobile|cell|telefono|fone|тел|电话|電話|โทร|hp)\W{0,12}$"
)
MIN_DIGITS, MAX_DIGITS = 8, 15
MAX_RUNS = 50
MIN_BEFORE_LETTER = 3  # fewer digits right before a letter are a measure: `60m`, `0x`


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is E.164; the span is in the original text."""

    number: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Run:
    """Digits read from text[start:stop]; `plus` when a + stands before them."""

    digits: str
    start: int
    stop: int
    plus: bool = False


def phones(text: str, region: str = "") -> tuple[Phone, ...]:
    """Numbers in order. `region` (ISO 3166 code) reads numbers without a country code; "" takes none of those."""
    folded = fold(text)
    dates = [match.span() for match in DATE.finditer(folded.text)]
    long_enough = (run for run in runs(folded.text) if MIN_DIGITS <= len(run.digits) <= MAX_DIGITS)
    found: list[Phone] = []
    for run in islice(long_enough, MAX_RUNS):
        if any(start < run.stop and run.start < stop for start, stop in dates):
            continue
        number = _number(folded.text, run, region)
        if number is not None:
            found.append(Phone(number, *folded.origin(run.start, run.stop)))
    return tuple(found)


def runs(text: str) -> Iterator[Run]:
    """Groups of folded text that follow each other closely, joined."""
    current: Run | None = None
    for group in _groups(text):
        near = current is not None and group.start - current.stop <= MAX_GAP and not group.plus
        if current is not None and near and _only_gap(text, current.stop, group.start):
            current = replace(current, digits=current.digits + group.digits, stop=group.stop)
            continue
        if current is not None:
            yield current
        current = group
    if current is not None:
        yield current


def _groups(text: str) -> Iterator[Run]:
    """Pieces that touch each other: `202`, `fiveone`, `2o2555ol23`. Letters count only beside a digit."""
    for match in _stretch().finditer(text):
        pieces = list(_piece().finditer(text, match.start(), match.end()))
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if _is_letter(before):  # the word goes on to the left: `phone` ends in `one`
            pieces = list(dropwhile(lambda piece: not piece[0].isdigit(), pieces))
        if _is_letter(after):
            pieces = list(dropwhile(lambda piece: not piece[0].isdigit(), reversed(pieces)))[::-1]
        letters = sum(piece[0] in LOOKS_LIKE for piece in pieces)
        lone = len(pieces) == 1 and pieces[0][0] == "o"
        unit = _is_letter(after) and len(pieces) < MIN_BEFORE_LETTER
        if pieces and not unit and (lone or 2 * letters <= len(pieces)):
            start, stop = pieces[0].start(), pieces[-1].end()
            plus = PLUS.search(text[max(0, start - 2) : start])
            digits = "".join(_digit(piece[0]) for piece in pieces)
            yield Run(digits, start if plus is None else start - len(plus[0]), stop, plus is not None)


def _only_gap(text: str, start: int, stop: int) -> bool:
    return GAP.fullmatch(text, start, stop) is not None


def _is_letter(character: str) -> bool:
    return character.isalpha() and not UNSPACED.match(character)


def _number(text: str, run: Run, region: str) -> str | None:
    written = text[run.start : run.stop]
    before = text[max(0, run.start - 24) : run.start]
    announced = ANNOUNCED.search(before) is not None
    if AMOUNT.fullmatch(written) or (_is_letter(before[-1:]) and not announced):
        return None
    if run.plus or run.digits.startswith("00"):
        return _parsed("+" + run.digits.removeprefix("00"), "", loose=True)
    national = _parsed(run.digits, region, loose=announced) if region else None
    return national or _parsed("+" + run.digits, "", loose=False)


def _parsed(digits: str, region: str, *, loose: bool) -> str | None:
    """E.164 when a numbering plan has it; `loose` takes any number of a possible length."""
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


@cache
def _piece() -> re.Pattern[str]:
    words = any_of(tuple(re.escape(c) for c in word) for word in _words())
    return re.compile(rf"\d|{words}|[{''.join(LOOKS_LIKE)}]")


@cache
def _stretch() -> re.Pattern[str]:
    return re.compile(f"(?:{_piece().pattern})+")
