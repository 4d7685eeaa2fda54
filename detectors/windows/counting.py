"""One chunk of transfers, event by event: expire every window, judge the filters, add to every window, read.

Every change to an aggregate is an integer addition, so an expiry, an undo and a re-entry are `shift` with
the other sign, in any order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from manumit.detectors.windows.interner import LINE, inlined, njit
from manumit.detectors.windows.measuring import at_hours, is_multiple
from manumit.detectors.windows.memory import add, get, get_half, put, soon
from manumit.detectors.windows.plan import COUNT, EMIT_PAIR, EMIT_TOTAL, IN, OUT, SINCE_PAIR, PlanTables
from manumit.detectors.windows.state import (
    AT,
    CHUNK,
    ENDS,
    FIRST_COUNT,
    FIRST_TOTAL,
    FLAGS,
    HELD,
    LAST_IN,
    LAST_OUT,
    LOW_32,
    PAIR,
    PAIR_LAST,
    PREV_IN,
    PREV_OUT,
    PREV_PAIR,
    SPAN_BITS,
    SPAN_NEXT,
    SPAN_START,
    SPAN_STOP,
    USD,
    State,
)

NEVER = 2**62
WORD = 8
LINE_BYTES, SPAN_BYTES, HALF_BYTES = 64, 32, 4
WINDOW_BYTES, FILTER_BYTES, TOTAL_BYTES, PAIR_BYTES, CROSSING_BYTES, EMIT_BYTES = 64, 104, 32, 32, 24, 32


class Places(NamedTuple):
    """Addresses of the rows of a `state.State` and of the tables of a plan, with the lengths needed to walk them."""

    log: int
    log_mask: int
    accounts: int
    account_bytes: int
    pairs: int
    pair_bytes: int
    label_head: int
    spans: int
    tails: int
    windows: int
    window_count: int
    filters: int
    filter_count: int
    totals: int
    pair_plan: int
    crossings: int
    emits: int
    emit_count: int


@njit
def places_of(plan: PlanTables, state: State) -> Places:
    return Places(
        state.log.ctypes.data, len(state.log) - 1,
        state.accounts.ctypes.data, state.accounts.shape[1] * WORD,
        state.pairs.ctypes.data, state.pairs.shape[1] * WORD,
        state.label_head.ctypes.data,
        state.spans.ctypes.data,
        state.tails.ctypes.data,
        plan.windows.ctypes.data,
        len(plan.windows),
        plan.filters.ctypes.data,
        len(plan.filters),
        plan.totals.ctypes.data,
        plan.pairs.ctypes.data,
        plan.crossings.ctypes.data,
        plan.emits.ctypes.data,
        len(plan.emits),
    )  # fmt: skip


@inlined
def entry_of(places: Places, sequence: int) -> Any:
    return places.log + (sequence & places.log_mask) * LINE_BYTES


@inlined
def account_of(places: Places, key: int) -> Any:
    return places.accounts + key * places.account_bytes


@inlined
def pair_of(places: Places, pair: int) -> Any:
    return places.pairs + pair * places.pair_bytes


@inlined
def holds_bit(flags: int, bit: int) -> Any:
    """True for bit -1, which stands for no filter."""
    return bit < 0 or (flags >> bit) & 1 != 0


@inlined
def concerns(window: int, entry: int) -> Any:
    """False when no aggregate of the window counts this entry."""
    needed = get(window, 5)
    return needed < 0 or get(entry, FLAGS) & needed != 0


@njit
def shift(places: Places, window: int, entry: int, sign: int) -> None:
    """Add (1) or take back (-1) one log entry in every aggregate of one window."""
    flags, ends = get(entry, FLAGS), get(entry, ENDS)
    sender, receiver = account_of(places, ends >> 32), account_of(places, ends & LOW_32)
    for a in range(get(window, 1), get(window, 2)):
        total = places.totals + a * TOTAL_BYTES
        if holds_bit(flags, get(total, 3)):
            value = 1 if get(total, 1) == COUNT else max(get(entry, USD), 0)
            add(sender if get(total, 0) == OUT else receiver, FIRST_TOTAL + get(total, 2), sign * value)
    for p in range(get(window, 3), get(window, 4)):
        counted = places.pair_plan + p * PAIR_BYTES
        if holds_bit(flags, get(counted, 1)):
            pair, column = pair_of(places, get(entry, PAIR)), FIRST_COUNT + get(counted, 0)
            level = get(pair, column) + max(sign, 0)  # the higher of the counts before and after
            add(pair, column, sign)
            for c in range(get(counted, 2), get(counted, 3)):
                crossing = places.crossings + c * CROSSING_BYTES
                if get(crossing, 1) == level:
                    add(sender if get(crossing, 0) == OUT else receiver, FIRST_TOTAL + get(crossing, 2), sign)


@inlined
def _expire(places: Places, now: int, stop: int) -> None:
    """Take back what has left each window."""
    for w in range(places.window_count):
        window = places.windows + w * WINDOW_BYTES
        limit, tail = now - get(window, 0), get(places.tails, w)
        entry = entry_of(places, tail)
        while tail < stop and get(entry, AT) <= limit:
            if concerns(window, entry):
                shift(places, window, entry, -1)
            tail += 1
            entry = entry_of(places, tail)
        put(places.tails, w, tail)


@inlined
def _labels(places: Places, account: int, now: int) -> Any:
    """Label bits of an account at a time."""
    bits, label = 0, (get(account, HELD) >> 32) - 1
    at = get_half(places.label_head + label * HALF_BYTES) if label >= 0 else -1
    while at >= 0:
        span = places.spans + at * SPAN_BYTES
        if get(span, SPAN_START) <= now < get(span, SPAN_STOP):
            bits |= get(span, SPAN_BITS)
        at = get(span, SPAN_NEXT)
    return bits


@inlined
def _age(places: Places, last: int, first: int, now: int) -> Any:
    """Time since entry `last`; NEVER when it is forgotten or was never."""
    return now - get(entry_of(places, last), AT) if last >= first else NEVER


@njit
def _flags(places: Places, entry: int, first: int, sender_bits: int, receiver_bits: int) -> Any:
    """Bit f says that filter f holds for the entry: judged before any window counts it."""
    now, usd = get(entry, AT), get(entry, USD)
    ends, flags = get(entry, ENDS), 0
    receiver = account_of(places, ends & LOW_32)
    for f in range(places.filter_count):
        row = places.filters + f * FILTER_BYTES
        labels, held, came_column, new_pair = get(row, 3), get(row, 4), get(row, 5), get(row, 8)
        holds = get(row, 1) <= usd < get(row, 2)
        if labels != 0:
            holds &= (sender_bits if get(row, 0) == IN else receiver_bits) & labels != 0
        if held > 0:
            holds &= _age(places, get(account_of(places, ends >> 32), LAST_IN), first, now) <= held
        if came_column >= 0:
            came = get(receiver, FIRST_TOTAL + came_column)
            kept, per_mille = came - get(receiver, FIRST_TOTAL + get(row, 6)), get(row, 7)
            # came * per_mille / 1000, which would not fit in 64 bits for the largest sums
            holds &= came > 0 and kept <= came // 1000 * per_mille + came % 1000 * per_mille // 1000
        if new_pair > 0:
            holds &= _age(places, get(entry, PREV_PAIR), first, now) >= new_pair
        if get(row, 10) > 0:
            holds &= at_hours(now, get(row, 9), get(row, 10))
        if get(row, 11) > 0:
            holds &= is_multiple(usd, get(row, 11), get(row, 12))
        flags |= holds << f
    return flags


@inlined
def _emit(places: Places, entry: int, first: int, out: int, stride: int) -> None:
    """The features asked for, one below the other from address `out` on."""
    now, ends = get(entry, AT), get(entry, ENDS)
    sender, receiver = account_of(places, ends >> 32), account_of(places, ends & LOW_32)
    pair = pair_of(places, get(entry, PAIR))
    for e in range(places.emit_count):
        emit = places.emits + e * EMIT_BYTES
        kind, column = get(emit, 0), get(emit, 2)
        account = sender if get(emit, 1) == OUT else receiver
        if kind == EMIT_TOTAL:
            put(out, e * stride, get(account, FIRST_TOTAL + column))
        elif kind == EMIT_PAIR:
            put(out, e * stride, get(pair, FIRST_COUNT + column))
        else:
            last = get(entry, PREV_PAIR) if column == SINCE_PAIR else get(account, column)
            age = _age(places, last, first, now)
            put(out, e * stride, age if age < get(emit, 3) else NEVER)


@inlined
def _write(places: Places, entry: int, now: int, usd: int, ends: int, pair: int) -> None:
    put(entry, AT, now)
    put(entry, USD, usd)
    put(entry, ENDS, ends)
    put(entry, PAIR, pair)
    put(entry, PREV_IN, get(account_of(places, ends & LOW_32), LAST_IN))
    put(entry, PREV_OUT, get(account_of(places, ends >> 32), LAST_OUT))
    put(entry, PREV_PAIR, get(pair_of(places, pair), PAIR_LAST))


@njit
def count_chunk(
    places: Places,
    first: int,
    stop: int,
    events: int,
    at_us: int,
    usd: int,
    ends: int,
    pairs: int,
    out: int,
    stride: int,
    labels: int,
    label_stride: int,
    known: int,
) -> None:
    """`events` transfers get the sequence numbers from `stop` on; `first` is the oldest one remembered.

    at_us, usd, ends, pairs, out, labels are addresses of the chunk's first event; the strides, in words,
    lead to the next feature, and from the sender's label bits to the receiver's. `known` is where the label bits
    that came with the events stand, as in `TransferBlock`, 0 for none.
    """
    for i in range(events):
        now, sequence = get(at_us, i), stop + i
        entry = entry_of(places, sequence)
        _write(places, entry, now, get(usd, i), get(ends, i), get(pairs, i))
        sender, receiver = account_of(places, get(ends, i) >> 32), account_of(places, get(ends, i) & LOW_32)
        _expire(places, now, sequence)
        sender_bits, receiver_bits = _labels(places, sender, now), _labels(places, receiver, now)
        if known != 0:
            sender_bits |= get(known, i) >> 32
            receiver_bits |= get(known, i) & LOW_32
        put(entry, FLAGS, _flags(places, entry, first, sender_bits, receiver_bits))
        for w in range(places.window_count):
            window = places.windows + w * WINDOW_BYTES
            if concerns(window, entry):
                shift(places, window, entry, 1)
        _emit(places, entry, first, out + i * WORD, stride)
        put(labels, i, sender_bits)
        put(labels, label_stride + i, receiver_bits)
        put(receiver, LAST_IN, sequence)
        put(sender, LAST_OUT, sequence)
        put(pair_of(places, get(pairs, i)), PAIR_LAST, sequence)


@njit
def fetch_expiring(places: Places, stop: int, now: int) -> None:
    """Begin to bring into cache what the expiries up to `now` will change."""
    for w in range(places.window_count):
        window = places.windows + w * WINDOW_BYTES
        limit, tail = now - get(window, 0), get(places.tails, w)
        for sequence in range(tail, min(stop, tail + 4 * CHUNK)):
            entry = entry_of(places, sequence)
            if get(entry, AT) > limit:
                break
            if concerns(window, entry):
                _fetch_changing(places, window, entry)


@inlined
def _fetch_changing(places: Places, window: int, entry: int) -> None:
    """The pair, and both accounts' totals: a window's stand side by side."""
    ends = get(entry, ENDS)
    sender, receiver = account_of(places, ends >> 32), account_of(places, ends & LOW_32)
    soon(pair_of(places, get(entry, PAIR)))
    for column in range(get(window, 6), get(window, 7), LINE):
        soon(sender + (FIRST_TOTAL + column) * WORD)
        soon(receiver + (FIRST_TOTAL + column) * WORD)
