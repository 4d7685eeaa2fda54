"""Asked prices and wages in a text: amount, currency, and per what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice, zip_longest
from typing import Literal, cast

from price_parser.parser import parse_number

from manumit.detectors.text.lexicon import Terms, pattern, terms
from manumit.detectors.text.normalise import fold
from manumit.schemas.listing import Price

NUMBER = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[.,' ]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|(?<![\d.,])\d{1,9}(?:[.,]\d{1,2})?(?!\d)"
)
LONG_CODE = re.compile(r"[0-9a-z]{20,}")  # a wallet address or hash is no price
RANGE = re.compile(r"\s{0,2}(?:-|–|—|~|to|a|до|đến|hingga|至|到)\s{0,2}")
Per = Literal["hour", "night", "day", "week", "month", "year", "once", "unknown"]
MAX_PRICES = 20
MAX_GAP = 3  # ours: characters between a price and its `per hour`
REACH = 14  # ours: characters after a number in which its unit stands


def prices(text: str) -> tuple[Price, ...]:
    """Every number with a currency beside it, in order; a range gives both its ends."""
    found = dict.fromkeys(islice(_prices(LONG_CODE.sub(" ", fold(text).text)), MAX_PRICES))
    return tuple(found)


def _prices(text: str) -> Iterator[Price]:
    numbers = list(islice(NUMBER.finditer(text), 10 * MAX_PRICES))
    for number, following in zip_longest(numbers, numbers[1:]):
        quoted = _quoted(text, number.start(), number.end())
        if following is not None and RANGE.fullmatch(text[number.end() : following.start()]):
            quoted = _quoted(text, following.start(), following.end()) or quoted
        amount = parse_number(number[0].replace("'", ""))
        if quoted is not None and amount:
            value = format((amount * quoted.factor).normalize(), "f")
            yield Price(amount=value, currency=quoted.currency, per=quoted.per)


@dataclass(frozen=True, slots=True)
class Quoted:
    currency: str
    factor: Decimal
    per: Per


def _quoted(text: str, start: int, stop: int) -> Quoted | None:
    """What stands around the number at [start, stop); None when no currency does."""
    rest = text[stop : stop + 2 * REACH]
    factor = Decimal(1)
    if times := _at_start("times", rest):
        factor, rest = Decimal(times[0]), rest[times[1] :]
    currency = _at_end("currency", text[max(0, start - REACH) : start])
    if after := _at_start("currency", rest):
        currency, rest = after[0], rest[after[1] :]
    return None if currency is None else Quoted(currency, factor, _per(rest))


def _at_start(table: str, text: str) -> tuple[str, int] | None:
    """The key whose longest term begins `text`, and where that term ends."""
    bare = text.lstrip(" ")
    matches = [(key, match.end()) for key, of in _tables()[table].items() if (match := of.at_start(bare))]
    key, end = max(matches, key=lambda found: found[1], default=("", 0))
    return (key, end + len(text) - len(bare)) if key else None


def _at_end(table: str, text: str) -> str | None:
    bare = text.rstrip(" ")
    ends = [
        (match.start(), key)
        for key, of in _tables()[table].items()
        for match in of.finditer(bare)
        if match.end() == len(bare)
    ]
    return min(ends)[1] if ends else None


def _per(text: str) -> Per:
    starts = [
        (m.start(), -m.end(), key)
        for key, of in _tables()["per"].items()
        if (m := of.search(text)) and m.start() <= MAX_GAP
    ]
    return cast(Per, min(starts)[2]) if starts else "unknown"


@cache
def _tables() -> Mapping[str, Mapping[str, Terms]]:
    return {table: {key: pattern(of) for key, of in rows.items()} for table, rows in terms("prices").items()}
