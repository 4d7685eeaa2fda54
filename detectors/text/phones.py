"""Telephone numbers in a text, also spelt with words, letters, emoji, foreign digits or odd separators.

Runs of digits (`digit_runs`) are checked by Google's libphonenumber rules (phonenumbers): the run as it stands,
else the parts of it that its separators set apart. The work is bounded whatever the text holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal, get_args

import phonenumbers

from manumit.detectors.text.digit_runs import BAR, Run, digits_of, is_letter, runs
from manumit.detectors.text.normalise import Folded, fold

MIN_DIGITS, MAX_DIGITS = 8, 15  # E.164 allows 15
MIN_TELLING = 9  # digits
GROUPS_OF_A_COLUMN = ((2, 3, 4), (3,), (3, 4))  # digits of the groups of a number written one group a line
Trust = Literal["national", "abroad", "possible"]  # a number of the region's plan, of another's, of a fitting length
TRUSTS: tuple[Trust, ...] = get_args(Trust)
MAX_CHECKS = 100  # numbers tried in one text
MAX_RUNS = 45  # runs of MIN_DIGITS and more that are read
MAX_PARTS = 100  # parts of runs that are tried in one text
MAX_GROUPS = 40  # groups of a run whose parts are tried
BEFORE = 32  # characters before a run that say what it is
AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,4}")
SAYS = (
    "tel|telf|telefon|telefone|telefono|telephone|phone|ph|call|ring|text|sms|whats ?app|wsp|wa|viber|zalo|imo|signal|"
    "mobile|mob|cell|cel|celular|movil|handy|fone|fon|number|numero|nummer|nr tel|contact|contacto|contato|reach|dial|"
    "llama|llamar|llamame|ligue|ligar|appelle[rz]?|appel|anrufen|ruf|suna|sunati|thirrni|telefononi|goi|lien he|sdt|dt|"
    "hp|hubungi|telp|telpon|tawag|tumawag|i-text|arayin|тел|телефон|звоните|звони|пишите|номер|вайбер|вотсап|"
    "電話|电话|手机|手機|致电|联系|โทร|เบอร์|ဖုန်း|ទូរស័ព្ទ|اتصل|هاتف|جوال|واتساب|موبايل"
)
LINK = "me|us|at|on|is|my|the|al|a|au|unter|la|ne|ke|di|sa|за|по|на|мне|or|o|ou|oder|number|numero|no|nr|now|nº|№"
ANNOUNCED = re.compile(
    rf"(?:(?<!\w)|(?<=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff]))(?:{SAYS})(?:\W{{1,4}}(?:{LINK})){{0,3}}\W{{0,12}}$"
)
NAMED = re.compile(
    r"(?<!\w)(?:id|ids|ref|reference|code|order|listing|item|isbn|ean|sku|iban|bic|account|acct|konto|invoice|"
    r"licen[cs]e|lic|permit|reg|registration|orgnr|org nr|vat|abn|serial|model|case|ticket|card|passport|zip|ad)"
    r"(?:\W{1,3}(?:no|nr|number|num|id|#|№)){0,1}\W{0,4}$"
)
MEASURED = re.compile(
    r"\s{0,2}(?:usd|eur|gbp|vnd|idr|thb|rub|cny|inr|php|nok|sek|dkk|aed|kwd|krw|jpy|btc|eth|usdt|руб|dong|km|kms|m2|sqm|"
    r"sq ?ft|sqft|sf|acres?|kg|miles?|mi|views?|followers|people|years?|hours?|hrs|mins?|kr|kroner|元|円|บาท|đ|₫)(?!\w)"
)
PRICED = re.compile(
    r"(?:[$€£¥₹₫฿₽₩]|(?<!\w)(?:usd|eur|gbp|vnd|idr|rp|thb|rub|nok|sek|dkk|kr|aed|php|inr|rs|rm))\s?\.?$"
)


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is E.164, or "" for digits that look like a number which no numbering plan has.

    The span is in the original text.
    """

    number: str
    start: int
    stop: int


def phones(text: str, region: str = "") -> tuple[Phone, ...]:
    """Numbers in order. `region` (ISO 3166 code) reads numbers without a country code; "" takes none of those."""
    return tuple(phone for phone in numbers(fold(text), region) if phone.number)


def numbers(folded: Folded, region: str = "") -> Iterator[Phone]:
    """Telephone numbers, and what looks like one but stands in no numbering plan, in no particular order."""
    reader = Reader(folded, region)
    pieces = (run[i : i + MAX_GROUPS] for run in runs(folded.text) for i in range(0, len(run), MAX_GROUPS))
    for piece in pieces:
        if reader.runs_left and reader.parts_left:
            yield from reader.read(piece)
        elif sum(len(group.digits) for group in piece) >= MIN_DIGITS:  # too many to tell: none of them may stay
            yield Phone("", *folded.origin(piece[0].start, piece[-1].stop))


@dataclass(slots=True)
class Reader:
    """One text being read; counts the checks it has left."""

    folded: Folded
    region: str
    checks: int = MAX_CHECKS
    runs_left: int = MAX_RUNS
    parts_left: int = MAX_PARTS

    def read(self, run: Run) -> Iterator[Phone]:
        """The run as one number, else the parts of it that are numbers, longest first."""
        if sum(len(group.digits) for group in run) < MIN_DIGITS:
            return
        self.runs_left -= 1
        taken: list[range] = []
        parts = candidates(self.folded.text, run)
        if len(parts) > self.parts_left:
            self.parts_left = 0
            yield self._phone("", run)
            return
        self.parts_left -= len(parts)
        for trust, part in product(TRUSTS, parts):
            if any(part.start < other.stop and other.start < part.stop for other in taken):
                continue
            number = self._number(run[part.start : part.stop], trust)
            if number is not None:
                taken.append(part)
                yield self._phone(number, run[part.start : part.stop])
        if not taken and is_telling(self.folded.text, run):
            yield self._phone("", run)

    def _phone(self, number: str, run: Run) -> Phone:
        return Phone(number, *self.folded.origin(run[0].start, run[-1].stop))

    def _number(self, run: Run, trust: Trust) -> str | None:
        if not self.checks:
            return None
        text, digits = self.folded.text, digits_of(run)
        announced = ANNOUNCED.search(before(text, run)) is not None
        plus = run[0].plus
        if (trust == "possible" and not announced) or not (plus or announced or not is_something_else(text, run)):
            return None
        readings = dict.fromkeys((digits.replace(BAR, "1"), digits.replace(BAR, "")))
        read = (self._read(reading, plus or reading.startswith("00"), trust) for reading in readings)
        return next((number for number in read if number is not None), None)

    def _read(self, digits: str, with_country: bool, trust: Trust) -> str | None:
        if not MIN_DIGITS <= len(digits) <= MAX_DIGITS + 2:
            return None
        if with_country:
            return self._checked("+" + digits.removeprefix("00"), "", loose=True) if trust == "national" else None
        if trust == "abroad":
            return self._checked("+" + digits, "", loose=False)
        return self._checked(digits, self.region, loose=trust == "possible") if self.region else None

    def _checked(self, digits: str, region: str, *, loose: bool) -> str | None:
        """E.164 when a numbering plan has it; `loose` takes any number of a possible length."""
        if not self.checks:
            return None
        self.checks -= 1
        try:
            number = phonenumbers.parse(digits, region or None)
        except phonenumbers.NumberParseException:
            return None
        fits = phonenumbers.is_possible_number(number) if loose else phonenumbers.is_valid_number(number)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if fits else None


def candidates(text: str, run: Run) -> list[range]:
    """Parts of a run that may be one number each, the longest first: the whole, and what its separators set apart.

    A part ends where the separator is another than those inside it, or in the middle of two like halves.
    """
    gaps = [text[a.stop : b.start] for a, b in pairwise(run)]
    lengths = [len(group.digits) for group in run]
    found = set(_halves(lengths))
    for start in range(len(run)):
        left = gaps[start - 1] if start else None
        length, inside = 0, set[str]()
        for stop in range(start + 1, len(run) + 1):
            length += lengths[stop - 1]
            inside.update(gaps[start : stop - 1][-1:])
            if length > MAX_DIGITS + 2 or left in inside:  # no longer part can be set apart either
                break
            if length >= MIN_DIGITS and (stop == len(run) or gaps[stop - 1] not in inside):
                found.add((-length, start, stop))
    return [range(start, stop) for _, start, stop in sorted(found)]


def _halves(lengths: list[int]) -> Iterator[tuple[int, int, int]]:
    """Both halves, as (digits below zero, start, stop), of a run whose halves are grouped alike."""
    half = len(lengths) // 2
    length = sum(lengths[:half])
    if lengths[:half] == lengths[half:] and MIN_DIGITS <= length <= MAX_DIGITS + 2:
        yield -length, 0, half
        yield -length, half, len(lengths)


def before(text: str, run: Run) -> str:
    return text[max(0, run[0].start - BEFORE) : run[0].start]


def is_something_else(text: str, run: Run) -> bool:
    """True for amounts, measures, references and parts of longer words."""
    start, stop = run[0].start, run[-1].stop
    ahead = before(text, run)
    if is_letter(ahead[-1:]) or AMOUNT.fullmatch(text, start, stop):
        return True
    return any((NAMED.search(ahead), PRICED.search(ahead), MEASURED.match(text, stop, stop + BEFORE)))


def is_telling(text: str, run: Run) -> bool:
    """True for digits that no numbering plan has, but that may still tell who somebody is."""
    length = sum(len(group.digits) for group in run)
    if length < MIN_TELLING or is_something_else(text, run):
        return False
    shaped = (
        run[0].plus
        or run[0].digits.startswith("0")
        or len(run) == 1
        or _is_grouped(run)
        or _is_column(text, run)
        or _is_spaced(run)
    )
    return shaped or any(g.spelt for g in run) or ANNOUNCED.search(before(text, run)) is not None


def _is_column(text: str, run: Run) -> bool:
    """One group a line."""
    return (
        len(run) == len(GROUPS_OF_A_COLUMN)
        and all(text[a.stop : b.start] == "\n" for a, b in pairwise(run))
        and (all(len(group.digits) in sizes for group, sizes in zip(run, GROUPS_OF_A_COLUMN, strict=True)))
    )


def _is_grouped(run: Run) -> bool:
    lengths = tuple(len(group.digits) for group in run)
    return lengths in ((3, 3, 4), (4, 4, 4, 4))


def _is_spaced(run: Run) -> bool:
    """Digits one by one."""
    return all(len(group.digits) == 1 for group in run)
