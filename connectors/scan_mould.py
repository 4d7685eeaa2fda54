"""The shape of a line already read, tried first on the lines behind it: compiled parts of `connectors.scan`.

Lines of one source differ in a few numbers and in the letters of hashes and addresses, hardly ever in where things
stand. So a line read field by field leaves a mould: which byte, or which kind of byte, stands at every place between
the numbers whose length varies. A line that fits is read at 32 places a step, and everything msgspec would check of
it has been checked; any other line is read field by field again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from manumit.connectors.lanes import BOUNDS, LANES, byte_at, fits_at, word_at
from manumit.connectors.scan_fields import (
    ALL_LANES,
    LETTER_X,
    QUOTE,
    ZERO,
    amount_at,
    compiled,
    digits_value,
    inlined,
    integer_at,
    is_evm,
    usd_at,
)
from manumit.connectors.scan_table import (
    AMOUNT,
    ASSET,
    AT_US,
    BLOCK,
    DECIMALS,
    FINALITY,
    HEIGHT,
    KEY_SIZES,
    LEAST,
    LOST,
    MOST,
    OP,
    POSITION,
    RECEIVER,
    SEEN_US,
    SENDER,
    TX,
    UNREAD,
    USD,
)
from manumit.schemas.block import USD_UNKNOWN, Bytes, Int64s

WORD_BYTES = 8
STRETCHES = 4  # between position, amount and worth, the numbers whose length varies
LONGEST_STRETCH = 1024  # ours: longer texts are read field by field
STRETCH_BYTES = BOUNDS * LONGEST_STRETCH
MOST_PATIENCE = 4096
WORTH_IT = 64  # ours: a mould costs about ten lines to make
(SIZES, SENDER_AT, RECEIVER_AT, SENDER_SIZE, RECEIVER_SIZE, TIME_AT, TIME_DIGITS, CHAIN_CODE, SIGN, EVM) = (
    0,
    *range(4, 13),
)
READY, MADE_AT, MISSES, PATIENCE, FACTS = range(13, 18)
SPACE, BACKSLASH, TILDE, NINE, SMALL_A, SMALL_F = (ord(c) for c in " \\~9af")


class Mould(NamedTuple):
    """bounds uint8[STRETCHES * STRETCH_BYTES]: of every LANES places of a stretch the BOUNDS lines of `lanes.fits_at`;
    facts int64[FACTS]: bytes of each stretch; where sender, receiver and time begin in the second, and their sizes;
    the chain's code, the sign and whether both addresses are EVM's; whether there is a mould, the row it was made
    at, lines that did not fit since, and how many must not before another is made."""

    bounds: Bytes
    facts: Int64s


def new_mould() -> Mould:
    facts = np.zeros(FACTS, np.int64)
    facts[PATIENCE] = 1
    return Mould(np.empty(STRETCHES * STRETCH_BYTES, np.uint8), facts)


def _fact(facts: int, number: int) -> Any:
    return np.int64(word_at(facts + number * WORD_BYTES))


fact = inlined(_fact)


def _behind_stretch(address: int, bounds: int, facts: int, stretch: int) -> Any:
    """The address behind the stretch, LOST when the bytes at `address` do not fit: no more than LANES bytes behind
    the first that does not are looked at."""
    if address == LOST:
        return LOST
    size, allowed = fact(facts, SIZES + stretch), bounds + stretch * STRETCH_BYTES
    for done in range(0, size, LANES):
        if fits_at(address + done, allowed + done * BOUNDS) != ALL_LANES:
            return LOST
    return address + size


behind_stretch = inlined(_behind_stretch)


def _moulded(first: int, bounds: int, facts: int) -> Any:
    """(address of the closing brace, time, worth, address behind the position); LOST first when the line does not
    fit. `bounds` and `facts` are addresses: arrays would be counted at every line."""
    at = behind_stretch(first, bounds, facts, 0) if fact(facts, READY) else LOST
    if at == LOST:
        return LOST, 0, USD_UNKNOWN, LOST
    length, _ = integer_at(at, LEAST[POSITION], MOST[POSITION], UNREAD[POSITION])
    behind = at + length if length > 0 else LOST
    at = behind_stretch(behind, bounds, facts, 1)
    length = amount_at(at) if at != LOST else 0
    at = behind_stretch(at + length if length > 0 else LOST, bounds, facts, 2)
    length, usd = usd_at(at) if at != LOST else (0, USD_UNKNOWN)
    at = behind_stretch(at + length if length > 0 else LOST, bounds, facts, 3)
    if at == LOST:
        return LOST, 0, USD_UNKNOWN, LOST
    when = digits_value(behind + fact(facts, TIME_AT), fact(facts, TIME_DIGITS))
    return at - 2, when, usd, behind


moulded = inlined(_moulded)


def _allow(bounds: Bytes, stretch: int, place: int, low: int, high: int, other_low: int, other_high: int) -> None:
    """What may stand at one place of a stretch."""
    lane = place & (LANES - 1)
    at = stretch * STRETCH_BYTES + (place - lane) * BOUNDS + lane
    bounds[at], bounds[at + LANES] = low, high - low
    bounds[at + 2 * LANES], bounds[at + 3 * LANES] = other_low, other_high - other_low


allow = compiled(_allow)


def _literal(mould: Mould, stretch: int, start: int, stop: int) -> Any:
    """The bytes themselves, anything behind them; False when the stretch is too long."""
    size = stop - start
    mould.facts[SIZES + stretch] = size
    if size > LONGEST_STRETCH:
        return False
    for place in range(size):
        byte = byte_at(start + place)
        allow(mould.bounds, stretch, place, byte, byte, byte, byte)
    for place in range(size, -(-size // LANES) * LANES):
        allow(mould.bounds, stretch, place, 0, 255, 0, 255)
    return True


literal = compiled(_literal)


def _is_lower_hex(address: int, size: int) -> Any:
    for at in range(address, address + size):
        byte = byte_at(at)
        if not (ZERO <= byte <= NINE or SMALL_A <= byte <= SMALL_F):
            return False
    return True


is_lower_hex = compiled(_is_lower_hex)


def _any_text(bounds: Bytes, stretch: int, place: int, address: int, size: int) -> None:
    """Another text of this size: of lower-case hex digits if this one is, behind the same 0x."""
    prefix = 2 if size > 2 and byte_at(address) == ZERO and byte_at(address + 1) == LETTER_X else 0
    digits = is_lower_hex(address + prefix, size - prefix)
    for at in range(prefix if digits else 0, size):
        if digits:
            allow(bounds, stretch, place + at, ZERO, NINE, SMALL_A, SMALL_F)
        else:
            allow(bounds, stretch, place + at, QUOTE + 1, BACKSLASH - 1, BACKSLASH + 1, TILDE)


any_text = compiled(_any_text)


def _any_digits(bounds: Bytes, stretch: int, place: int, address: int, size: int, most: int) -> Any:
    """Another number of as many digits that begins with the same; False where some of them are beyond the limit."""
    highest = byte_at(address) - ZERO + 1
    for at in range(1, size):
        allow(bounds, stretch, place + at, ZERO, NINE, ZERO, NINE)
        highest *= 10
    return highest - 1 <= most


any_digits = compiled(_any_digits)


def _cast(first: int, closing: int, ends: Int64s, sizes: Int64s, mould: Mould) -> Any:
    """Fills the mould; False when the line can be none. ends int64[fields]: addresses behind the line's fields,
    sizes int64[fields]: of its texts."""
    bounds = mould.bounds
    second = ends[POSITION]
    if not (ends[DECIMALS] < ends[USD] < ends[OP] < ends[FINALITY]):
        return False
    fits = literal(mould, 0, first, ends[TX] + KEY_SIZES[POSITION])
    fits &= literal(mould, 1, second, ends[ASSET] + KEY_SIZES[AMOUNT])
    fits &= literal(mould, 2, ends[AMOUNT], ends[DECIMALS] + KEY_SIZES[USD])
    fits &= literal(mould, 3, ends[USD], closing + 2)
    if not fits:
        return False
    for field in (BLOCK, TX, SENDER, RECEIVER, ASSET):
        start, stretch = ends[field] - 1 - sizes[field], 0 if field <= TX else 1
        any_text(bounds, stretch, start - (second if stretch else first), start, sizes[field])
    for field in (HEIGHT, AT_US, SEEN_US):
        start, origin = ends[field - 1] + KEY_SIZES[field], first if field == HEIGHT else second
        fits &= any_digits(bounds, 0 if field == HEIGHT else 1, start - origin, start, ends[field] - start, MOST[field])
    return fits


cast = compiled(_cast)


def _remember(
    first: int, closing: int, ends: Int64s, sizes: Int64s, code: int, sign: int, row: int, mould: Mould
) -> None:
    """Counts a line that did not fit; when there were enough, makes a mould of it."""
    facts = mould.facts
    facts[MISSES] += 1
    if facts[MISSES] < facts[PATIENCE]:
        return
    was_worth_it = row - facts[MADE_AT] > WORTH_IT * facts[MISSES]
    facts[PATIENCE] = 1 if was_worth_it else min(2 * facts[PATIENCE], MOST_PATIENCE)
    facts[MADE_AT], facts[MISSES] = row, 0
    facts[READY] = cast(first, closing, ends, sizes, mould)
    sender, receiver = ends[SENDER] - 1 - sizes[SENDER], ends[RECEIVER] - 1 - sizes[RECEIVER]
    time = ends[POSITION] + KEY_SIZES[AT_US]
    facts[SENDER_AT], facts[RECEIVER_AT] = sender - ends[POSITION], receiver - ends[POSITION]
    facts[SENDER_SIZE], facts[RECEIVER_SIZE] = sizes[SENDER], sizes[RECEIVER]
    facts[TIME_AT], facts[TIME_DIGITS] = KEY_SIZES[AT_US], ends[AT_US] - time
    facts[CHAIN_CODE], facts[SIGN] = code, sign
    facts[EVM] = is_evm(sender, sizes[SENDER]) and is_evm(receiver, sizes[RECEIVER])


remember = compiled(_remember)
