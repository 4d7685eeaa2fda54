"""Asked prices and wages in a text: amount, currency, and per what.

A number is a price when a currency stands beside it, or a number word that tells one (`15 triệu`, `12jt`). What it
is asked per stands behind it (`/h`, `per month`) or before it (`monthly rent: …`). Amounts are read by price-parser.
Only the neighbourhood of each number is looked at, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, zip_longest

from price_parser.parser import parse_number

from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.price_units import Per, Stated, per_after, per_before, units
from manumit.schemas.listing import Price

HAN_DIGITS = {digit: Decimal(value) for value, digit in enumerate("零一二三四五六七八九十")}
HAN_DIGITS |= {"两": Decimal(2), "兩": Decimal(2)}
NUMBER = re.compile(
    r"(?<![\d.'])(?<!\d,)(?:"
    r"\d{1,2}(?:,\d\d){1,3},\d{3}(?!\d)"  # 1,50,000
    r"|\d{1,3}(?:[.,' ٬]\d{3}){1,4}(?:[.,٫]\d{1,2})?(?!\d)"
    r"|\d{1,12}(?:[.,٫]\d{1,8})?(?!\d|[.,]\d))"
    r"|[一二两兩三四五六七八九十](?=[万萬千])"
)
LAKHS = re.compile(r"\d{1,2}(?:,\d\d){1,3},\d{3}")
LONG_CODE = re.compile(r"[0-9a-z]{20,}")  # a wallet address or hash is no price
MAX_PRICES = 20
MAX_NUMBERS = 200
REACH = 18  # characters beside a number in which its currency stands
HINT = 16  # characters beside a bare `300k` in which a word tells its currency
TO_CURRENCY = re.compile(r"(?:[.,][-–]{1,2})?[\s.-]{0,2}(?:de |d['’]|of )?")
FROM_CURRENCY = re.compile(r"[\s.:]{0,2}$")
RANGE = re.compile(
    r"\s{0,2}(?:-|–|—|~|〜|to|a|à|bis|до|đến|den|toi|hingga|sampai|s/d|sd|deri|pana la|至|到|ถึง|إلى|الى)\s{0,2}"
)
LISTED = re.compile(r"\s?/\s?")
BOTH = re.compile(r"\s{1,2}(?:and|y|e|et|und|и|dan|va|dhe|a|si|و)\s{1,2}")
BARE = "$"
DOLLAR = re.compile(r"[^\d;.!?\n]{0,14}(?<!\w)(mxn|cad|aud|nzd|sgd|hkd|twd|clp|cop|ars)(?!\w)")  # `$80 a month MXN`
DOLLARS = frozenset(("CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"))
BARE_DOLLAR = re.compile(r"(?:^|[^a-z][^a-z]|^[^a-z])\$\s?\d")
PER_UNIT = re.compile(r"\s?(?:/|per\b|p/)")
UNIT_AHEAD = re.compile(r"\s?(?:/|per\b|p/|an?\b|each\b|por\b|la\b|pro\b|par\b)")
NUMBER_NEXT = re.compile(r"\s?\d")
ONE_BLANK = re.compile(r"\s?")
TENTH = re.compile(r"\d(?!\d)")  # `2tr5` is two and a half million
HALF = re.compile(r"\s?ruoi(?!\w)")
LEAST_DONG = 1000  # `3d` is no price in Vietnamese dong
NEAR = 3  # characters between a unit and the price it leads
LEADING = "$£¥₹₱₦฿₽₩"  # signs that are written before the number


@dataclass(frozen=True, slots=True)
class Quote:
    """One number as a price in the making. [start, stop) covers its number word and currency too."""

    amount: Decimal
    factor: Decimal | None
    currency: str
    start: int
    stop: int
    per: Per = "unknown"


def prices(text: str, currency: str = "") -> tuple[Price, ...]:
    """Every number with a currency beside it, in order; a range gives both its ends.

    `currency` is what the source counts in: it stands for a bare `$`, and for `150/h` without any sign.
    """
    return prices_in(fold(text), currency)


def prices_in(folded: Folded, currency: str = "") -> tuple[Price, ...]:
    """The same for a text that is folded already."""
    found = (_price(quote) for quote in _quotes(LONG_CODE.sub(" ", folded.text), currency))
    return tuple(dict.fromkeys(islice(found, MAX_PRICES)))


def _price(quote: Quote) -> Price:
    value = quote.amount * (quote.factor or 1)
    return Price(amount=format(value.normalize(), "f"), currency=quote.currency, per=quote.per)


def _quotes(text: str, currency: str) -> list[Quote]:
    numbers: list[Quote] = []
    for match in islice(NUMBER.finditer(text), MAX_NUMBERS):
        found = _quote(text, match, numbers[-1].stop if numbers else 0)
        numbers.append(_in(currency, text, found) if currency else found)
    ranges = {i for i in range(len(numbers) - 1) if _is_range(text, numbers[i], numbers[i + 1])}
    for i in sorted(ranges):
        numbers[i], numbers[i + 1] = _shared(numbers[i], numbers[i + 1])
    kept = [i for i, number in enumerate(numbers) if number.currency and number.amount and not _is_stray(number)]
    quotes = dict(zip(kept, _with_units(text, [numbers[i] for i in kept]), strict=True))
    for i in sorted(ranges & quotes.keys()):
        first, second = quotes[i], quotes.get(i + 1, quotes[i])
        per = second.per if first.per == "unknown" else first.per
        quotes[i] = replace(first, per=per)
        if i + 1 in quotes and second.per == "unknown":
            quotes[i + 1] = replace(second, per=per)
    return [quotes[i] for i in kept]


def _quote(text: str, match: re.Match[str], floor: int) -> Quote:
    """The number, with the currency beside it; nothing before `floor` is read, it belongs to the number before."""
    amount = HAN_DIGITS.get(match[0]) or _amount(match[0])
    stop, factor, currency, implied = match.end(), None, "", ""
    rest = text[stop : stop + REACH]
    if times := _leading("times", rest, ONE_BLANK):
        factor, stop = Decimal(times[0]), stop + times[1]
        implied = units("implied").meaning.get(text[match.end() : stop].strip(), "")
        amount, stop = _with_tenth(text, amount, stop)
    start = match.start()
    ahead = text[max(floor, start - REACH) : start]
    bare = FROM_CURRENCY.sub("", ahead)
    if before := units("currency").at_end(bare) or units("currency_before").at_end(bare):
        currency, start = before[0], start - len(ahead) + before[1]
    after = _leading("currency", text[stop : stop + REACH], TO_CURRENCY)
    if after and not _belongs_to_next(text, stop, after[1]):
        currency, stop = after[0] if text[start] == BARE else currency or after[0], stop + after[1]
    elif text[start] == BARE and (named := DOLLAR.match(text, stop)):
        currency = named[1].upper()
    elif not currency:
        currency = _behind_unit(text, stop)
    if not currency and factor is not None:
        currency = implied or _hinted(text[max(0, start - HINT) : start], text[stop : stop + HINT])
    return Quote(amount, factor, currency, start, stop)


def _in(currency: str, text: str, quote: Quote) -> Quote:
    """A bare `$` means the source's own dollars or pesos; a number per something is a price in its money."""
    own_dollars = currency in DOLLARS and quote.currency == "USD" and BARE_DOLLAR.match(text, max(0, quote.start - 2))
    unsigned = not quote.currency and PER_UNIT.match(text, quote.stop) and per_after(text, quote.stop, len(text))
    return replace(quote, currency=currency) if own_dollars or unsigned else quote


def _behind_unit(text: str, stop: int) -> str:
    """The currency in `150/h usd` and `3k a week USD`, unless it leads another number."""
    if not UNIT_AHEAD.match(text, stop) or (unit := per_after(text, stop, len(text))) is None:
        return ""
    found = _leading("currency", text[unit.edge : unit.edge + REACH], TO_CURRENCY)
    return found[0] if found and not NUMBER_NEXT.match(text, unit.edge + found[1]) else ""


def _amount(written: str) -> Decimal:
    if written[:2] in ("0.", "0,", "0٫"):
        return Decimal(f"0.{written[2:]}") if written[2:].isdigit() else Decimal(0)
    plain = written.replace("'", "").replace("٬", ",").replace("٫", ".")
    return parse_number(plain.replace(",", "") if LAKHS.fullmatch(plain) else plain) or Decimal(0)


def _leading(table: str, text: str, gap: re.Pattern[str]) -> tuple[str, int] | None:
    """The term of `table` that begins `text` behind `gap`, and where it ends; nothing behind a digit is read."""
    skipped = gap.match(text)
    start = skipped.end() if skipped else 0
    digit = next((i for i in range(start, len(text)) if text[i].isdigit()), len(text))
    found = units(table).at_start(text[start:digit])
    return (found[0], start + found[1]) if found else None


def _with_tenth(text: str, amount: Decimal, stop: int) -> tuple[Decimal, int]:
    """`2tr5` and `9 triệu rưỡi`: a digit or a half right behind the number word."""
    if tenth := TENTH.match(text, stop):
        return amount + Decimal(tenth[0]) / 10, tenth.end()
    half = HALF.match(text, stop)
    return (amount + Decimal("0.5"), half.end()) if half else (amount, stop)


def _belongs_to_next(text: str, stop: int, length: int) -> bool:
    """True for the second sign in `1 hour $80` and `$80-$100`: set apart from this number, it leads the next."""
    sign = text[stop : stop + length]
    return (
        sign[0] not in LEADING and sign[-1] in LEADING and text[stop + length : stop + length + 2].strip()[:1].isdigit()
    )


def _hinted(ahead: str, behind: str) -> str:
    """The currency of a bare `300k`, told by the language of the words around it."""
    for piece in (behind, ahead):
        if match := units("spoken").pattern.search(piece):
            return units("spoken").of(match)
    return ""


def _is_range(text: str, first: Quote, second: Quote) -> bool:
    between = text[first.stop : second.start]
    if RANGE.fullmatch(between):
        return True
    if LISTED.fullmatch(between):
        return not first.currency and bool(second.currency)
    return BOTH.fullmatch(between) is not None and lexicon("prices").has(
        "between", text[max(0, first.start - REACH) : first.start]
    )


def _shared(first: Quote, second: Quote) -> tuple[Quote, Quote]:
    """What only one end of a range says holds for both: `3-5k usd`, `$80-100`."""
    if first.factor is None and second.factor is not None and first.amount < second.amount:
        first = replace(first, factor=second.factor)
    return (
        replace(first, currency=first.currency or second.currency),
        replace(second, currency=second.currency or first.currency),
    )


def _is_stray(quote: Quote) -> bool:
    return quote.currency == "VND" and quote.amount * (quote.factor or 1) < LEAST_DONG


def _with_units(text: str, quotes: Sequence[Quote]) -> Iterator[Quote]:
    """A unit that stands behind one price is not the next one's too: `100 $ (1h) / 180 $ (2h)`."""
    floor = 0
    for quote, later in zip_longest(quotes, quotes[1:]):
        limit = later.start if later else len(text)
        after, before = per_after(text, quote.stop, limit), per_before(text, quote.start, floor)
        chosen = _chosen(after, before, limit if later else None)
        yield replace(quote, per=chosen.per if chosen else "unknown")
        floor = max(quote.stop, after.edge if after is not None and chosen is after else 0)


def _chosen(after: Stated | None, before: Stated | None, next_at: int | None) -> Stated | None:
    """The unit behind the price, unless it leads the next price as another leads this one."""
    if after is None or before is None:
        return after or before
    leads_next = next_at is not None and next_at - after.edge <= NEAR and before.gap <= NEAR
    return before if leads_next else after
