"""The compiled loop: one pass over a block, exact to the event.

Cost per event is a few table walks of fixed length: it depends on how many aggregates the plan
has, not on how long a window is or how many transfers an account has had. Every change to an
aggregate is an integer addition, so an expiry, an undo and a re-entry are the same code with the
other sign, in any order.

`_count` is one long function on purpose: handing arrays to a helper inside the loop costs a reference
count per array and call, measured at five times the work itself.
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.interner import njit
from manumit.detectors.windows.plan import PlanTables
from manumit.detectors.windows.resolve import (
    LOW_32,
    read_rows,
    release,
    resolve_accounts,
    resolve_pairs,
    touch_releasing,
)
from manumit.detectors.windows.state import (
    AT,
    CHUNK,
    ENDS,
    FIRST_COUNT,
    FIRST_TOTAL,
    FLAGS,
    FLOOR,
    LABEL,
    LAST_IN,
    LAST_OUT,
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
    Work,
)
from manumit.schemas.block import Bytes, Int32s, Int64s

NEVER = 2**62


@njit
def push(
    plan: PlanTables,
    state: State,
    work: Work,
    at_us: Int64s,
    usd: Int64s,
    chain: Int32s,
    sender_data: Bytes,
    sender_offsets: Int64s,
    receiver_data: Bytes,
    receiver_offsets: Int64s,
    undo_depth: int,
    horizon: int,
    start: int,
    out: Int64s,
    out_labels: Int64s,
) -> None:
    """Append n transfers; their features go to out[:, start:start + n], int64[emits, …], and the label bits
    of sender and receiver to out_labels[0:2, start:start + n]."""
    rows, tags, ids, ends, pair_tags, pair_ids, sink = work
    (log, slots, key_rows, free, used, accounts, pair_slots, pairs, pair_free, pair_used) = state[:10]
    (label_slots, label_rows, _, label_used, label_head, spans, tails, progress) = state[10:]
    for lo in range(0, len(at_us), CHUNK):
        hi = min(lo + CHUNK, len(at_us))
        read_rows(rows, tags, used[2], 0, chain, sender_data, sender_offsets, lo, hi)
        read_rows(rows, tags, used[2], CHUNK, chain, receiver_data, receiver_offsets, lo, hi)
        for base in (0, CHUNK):
            resolve_accounts(
                slots, key_rows, free, used, accounts, label_slots, label_rows, label_used, rows, tags, ids, sink,
                base, hi - lo,
            )  # fmt: skip
        resolve_pairs(pair_slots, pairs, pair_free, pair_used, ids, ends, pair_tags, pair_ids, sink, hi - lo)
        _touch_expiring(plan.windows, log, accounts, pairs, tails, sink, progress[0], at_us[hi - 1])
        progress[0] = _count(
            plan.windows, plan.filters, plan.totals, plan.pairs, plan.crossings, plan.emits, log, accounts, pairs,
            tails, label_head, spans, ids, ends, pair_ids, progress[1], progress[0], at_us, usd, lo, hi, start,
            out, out_labels,
        )  # fmt: skip
        _forget(state, sink, undo_depth, horizon)


@njit
def _touch_expiring(
    windows: Int64s, log: Int64s, accounts: Int64s, pairs: Int64s, tails: Int64s, sink: Int64s, stop: int, now: int
) -> None:
    """Bring into cache what the chunk's expiries will change."""
    mask, touched = len(log) - 1, 0
    for w in range(len(windows)):
        limit = now - windows[w, 0]
        for sequence in range(tails[w], min(stop, tails[w] + 4 * CHUNK)):
            if log[sequence & mask, AT] > limit:
                break
            if windows[w, 5] < 0 or (log[sequence & mask, FLAGS] & windows[w, 5]) != 0:
                ends = log[sequence & mask, ENDS]
                touched += accounts[ends >> 32, FIRST_TOTAL] + accounts[ends & LOW_32, FIRST_TOTAL]
                touched += pairs[log[sequence & mask, PAIR], PAIR_LAST]
    sink[0] += touched


@njit
def _forget(state: State, sink: Int64s, undo_depth: int, horizon: int) -> None:
    """Release what no window and no undo can reach: age counts from the oldest entry an undo leaves."""
    log, progress, mask = state.log, state.progress, len(state.log) - 1
    last = progress[0] - undo_depth
    progress[FLOOR] = max(progress[FLOOR], last)
    while last > progress[1]:
        limit = log[(last - 1) & mask, AT] - horizon
        stop = progress[1]
        while stop < min(last, progress[1] + 2 * CHUNK) and log[stop & mask, AT] <= limit:
            stop += 1
        if stop == progress[1]:
            break
        touch_releasing(
            log, state.accounts, state.pairs, state.key_slots, state.pair_slots, state.pair_used[2], sink,
            progress[1], stop,
        )  # fmt: skip
        _release(state, progress[1], stop)
        progress[1] = stop


@njit
def _release(state: State, first: int, stop: int) -> None:
    release(
        state.log, state.accounts, state.key_slots, state.key_free, state.key_used, state.pairs, state.pair_slots,
        state.pair_free, state.pair_used, first, stop,
    )  # fmt: skip


@njit
def _count(
    windows: Int64s,
    filters: Int64s,
    totals: Int64s,
    pair_plan: Int64s,
    crossings: Int64s,
    emits: Int64s,
    log: Int64s,
    accounts: Int64s,
    pairs: Int64s,
    tails: Int64s,
    label_head: Int32s,
    spans: Int64s,
    ids: Int64s,
    ends: Int64s,
    pair_ids: Int64s,
    first: int,
    stop: int,
    at_us: Int64s,
    usd: Int64s,
    lo: int,
    hi: int,
    start: int,
    out: Int64s,
    out_labels: Int64s,
) -> int:
    """One chunk, event by event: expire every window, judge the filters, add to every window, read."""
    mask, lengths = len(log) - 1, len(windows)
    for i in range(lo, hi):
        now, slot = at_us[i], stop & mask
        sender, receiver, pair = ids[i - lo], ids[CHUNK + i - lo], pair_ids[i - lo]
        bits_sender = bits_receiver = 0
        span = np.int64(label_head[accounts[sender, LABEL]]) if accounts[sender, LABEL] >= 0 else -1
        while span >= 0:
            if spans[span, SPAN_START] <= now < spans[span, SPAN_STOP]:
                bits_sender |= spans[span, SPAN_BITS]
            span = spans[span, SPAN_NEXT]
        span = np.int64(label_head[accounts[receiver, LABEL]]) if accounts[receiver, LABEL] >= 0 else -1
        while span >= 0:
            if spans[span, SPAN_START] <= now < spans[span, SPAN_STOP]:
                bits_receiver |= spans[span, SPAN_BITS]
            span = spans[span, SPAN_NEXT]
        log[slot, AT] = now
        log[slot, USD] = usd[i]
        log[slot, ENDS] = ends[i - lo]
        log[slot, PAIR] = pair
        log[slot, PREV_IN] = accounts[receiver, LAST_IN]
        log[slot, PREV_OUT] = accounts[sender, LAST_OUT]
        log[slot, PREV_PAIR] = pairs[pair, PAIR_LAST]
        log[slot, FLAGS] = 0
        for step in range(2 * lengths):
            adding = step >= lengths
            w = step - lengths if adding else step
            if step == lengths:
                flags = 0
                for f in range(len(filters)):
                    other = bits_sender if filters[f, 0] == 1 else bits_receiver
                    holds = filters[f, 1] <= usd[i] < filters[f, 2]
                    holds &= filters[f, 3] == 0 or (other & filters[f, 3]) != 0
                    if filters[f, 4] > 0:
                        last = accounts[sender, LAST_IN]
                        holds &= last >= first and now - log[last & mask, AT] <= filters[f, 4]
                    if filters[f, 5] >= 0:
                        came = accounts[receiver, FIRST_TOTAL + filters[f, 5]]
                        kept = came - accounts[receiver, FIRST_TOTAL + filters[f, 6]]
                        # came * share / 1000, which would not fit in 64 bits for the largest sums
                        share = came // 1000 * filters[f, 7] + came % 1000 * filters[f, 7] // 1000
                        holds &= came > 0 and kept <= share
                    if filters[f, 8] > 0:
                        last = pairs[pair, PAIR_LAST]
                        holds &= last < first or now - log[last & mask, AT] >= filters[f, 8]
                    if holds:
                        flags |= 1 << f
                log[slot, FLAGS] = flags
            limit, tail = now - windows[w, 0], tails[w]
            while adding or (tail < stop and log[tail & mask, AT] <= limit):
                at, sign = (slot, 1) if adding else (tail & mask, -1)
                flags = log[at, FLAGS]
                if windows[w, 5] < 0 or (flags & windows[w, 5]) != 0:
                    own, other = log[at, ENDS] >> 32, log[at, ENDS] & LOW_32
                    for a in range(windows[w, 1], windows[w, 2]):
                        if totals[a, 3] < 0 or (flags >> totals[a, 3]) & 1:
                            key = own if totals[a, 0] == 0 else other
                            value = 1 if totals[a, 1] == 0 else max(log[at, USD], 0)
                            accounts[key, FIRST_TOTAL + totals[a, 2]] += sign * value
                    for p in range(windows[w, 3], windows[w, 4]):
                        if pair_plan[p, 1] < 0 or (flags >> pair_plan[p, 1]) & 1:
                            before = pairs[log[at, PAIR], FIRST_COUNT + pair_plan[p, 0]]
                            pairs[log[at, PAIR], FIRST_COUNT + pair_plan[p, 0]] = before + sign
                            for c in range(pair_plan[p, 2], pair_plan[p, 3]):
                                if crossings[c, 1] == max(before, before + sign):
                                    key = own if crossings[c, 0] == 0 else other
                                    accounts[key, FIRST_TOTAL + crossings[c, 2]] += sign
                tail += 1
                if adding:
                    break
            if not adding:
                tails[w] = tail
        for e in range(len(emits)):
            key = sender if emits[e, 1] == 0 else receiver
            if emits[e, 0] == 0:
                out[e, start + i] = accounts[key, FIRST_TOTAL + emits[e, 2]]
            elif emits[e, 0] == 1:
                out[e, start + i] = pairs[pair, FIRST_COUNT + emits[e, 2]]
            else:
                last = log[slot, PREV_PAIR] if emits[e, 2] == 2 else accounts[key, emits[e, 2]]
                age = now - log[last & mask, AT] if last >= first else NEVER
                out[e, start + i] = age if age < emits[e, 3] else NEVER
        out_labels[0, start + i] = bits_sender
        out_labels[1, start + i] = bits_receiver
        accounts[receiver, LAST_IN] = stop
        accounts[sender, LAST_OUT] = stop
        pairs[pair, PAIR_LAST] = stop
        stop += 1
    return stop


@njit
def _apply(plan: PlanTables, state: State, window: int, at: int, sign: int) -> None:
    """Add (sign 1) or take back (-1) one log entry in every aggregate of one window; what `_count` does inline."""
    log, accounts, pairs = state.log, state.accounts, state.pairs
    flags, needed = log[at, FLAGS], plan.windows[window, 5]
    if needed >= 0 and (flags & needed) == 0:
        return
    sender, receiver = log[at, ENDS] >> 32, log[at, ENDS] & LOW_32
    for a in range(plan.windows[window, 1], plan.windows[window, 2]):
        if plan.totals[a, 3] < 0 or (flags >> plan.totals[a, 3]) & 1:
            key = sender if plan.totals[a, 0] == 0 else receiver
            value = 1 if plan.totals[a, 1] == 0 else max(log[at, USD], 0)
            accounts[key, FIRST_TOTAL + plan.totals[a, 2]] += sign * value
    for p in range(plan.windows[window, 3], plan.windows[window, 4]):
        if plan.pairs[p, 1] < 0 or (flags >> plan.pairs[p, 1]) & 1:
            column = FIRST_COUNT + plan.pairs[p, 0]
            before = pairs[log[at, PAIR], column]
            pairs[log[at, PAIR], column] = before + sign
            for c in range(plan.pairs[p, 2], plan.pairs[p, 3]):
                if plan.crossings[c, 1] == max(before, before + sign):
                    key = sender if plan.crossings[c, 0] == 0 else receiver
                    accounts[key, FIRST_TOTAL + plan.crossings[c, 2]] += sign


@njit
def undo(plan: PlanTables, state: State, count: int) -> None:
    """Take back the last `count` log entries as if they had never been pushed."""
    log, accounts, pairs, tails, progress = state.log, state.accounts, state.pairs, state.tails, state.progress
    mask = len(log) - 1
    for _ in range(count):
        sequence = progress[0] - 1
        slot = sequence & mask
        for w in range(len(plan.windows)):
            _apply(plan, state, w, slot, -1)
        accounts[log[slot, ENDS] & LOW_32, LAST_IN] = log[slot, PREV_IN]
        accounts[log[slot, ENDS] >> 32, LAST_OUT] = log[slot, PREV_OUT]
        pairs[log[slot, PAIR], PAIR_LAST] = log[slot, PREV_PAIR]
        _release(state, sequence, sequence + 1)
        progress[0] = sequence
        now = log[(sequence - 1) & mask, AT] if sequence > progress[1] else -NEVER
        for w in range(len(plan.windows)):
            tail = min(tails[w], sequence)
            while tail > progress[1] and log[(tail - 1) & mask, AT] > now - plan.windows[w, 0]:
                tail -= 1
                _apply(plan, state, w, tail & mask, 1)
            tails[w] = tail


@njit
def recent(state: State, key: int, limit: int, last: int, until_us: int, after_us: int) -> Int64s:
    """Sequence numbers of the account's latest transfers either way, newest first, within the bounds."""
    log, first, mask = state.log, state.progress[1], len(state.log) - 1
    came, went = state.accounts[key, LAST_IN], state.accounts[key, LAST_OUT]
    found = np.empty(limit, np.int64)
    n = 0
    while n < limit and max(came, went) >= first:
        sequence = max(came, went)
        if log[sequence & mask, AT] <= after_us:
            break
        if sequence <= last and log[sequence & mask, AT] <= until_us:
            found[n] = sequence
            n += 1
        if came == sequence:
            came = log[sequence & mask, PREV_IN]
        if went == sequence:
            went = log[sequence & mask, PREV_OUT]
    return found[:n]
