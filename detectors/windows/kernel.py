"""The compiled loop: one pass over a block, exact to the event.

Cost per event is a few table walks of fixed length: it depends on how many aggregates the plan
has, not on how long a window is or how many transfers an account has had. Every change to an
aggregate is an integer addition, so an expiry, an undo and a re-entry are the same code with the
other sign (`_apply`), in any order.

The helpers take bare arrays, and are inlined: passing the state as one tuple costs forty times the
work (a reference count per array and call).
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.interner import inlined, njit
from manumit.detectors.windows.plan import PlanTables
from manumit.detectors.windows.resolve import (
    LOW_32,
    read_rows,
    release,
    release_newest,
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
    LABEL,
    LAST_IN,
    LAST_OUT,
    PAIR,
    PAIR_LAST,
    PAIR_REFS,
    PREV_IN,
    PREV_OUT,
    PREV_PAIR,
    REFS,
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


@inlined
def _apply(
    windows: Int64s,
    totals: Int64s,
    pair_plan: Int64s,
    crossings: Int64s,
    log: Int64s,
    accounts: Int64s,
    pairs: Int64s,
    window: int,
    at: int,
    sign: int,
) -> None:
    """Add (sign 1) or take back (-1) one log entry in every aggregate of one window."""
    flags = log[at, FLAGS]
    if windows[window, 5] < 0 or (flags & windows[window, 5]) != 0:
        sender, receiver = log[at, ENDS] >> 32, log[at, ENDS] & LOW_32
        for a in range(windows[window, 1], windows[window, 2]):
            if totals[a, 3] < 0 or (flags >> totals[a, 3]) & 1:
                key = sender if totals[a, 0] == 0 else receiver
                value = 1 if totals[a, 1] == 0 else max(log[at, USD], 0)
                accounts[key, FIRST_TOTAL + totals[a, 2]] += sign * value
        for p in range(windows[window, 3], windows[window, 4]):
            if pair_plan[p, 1] < 0 or (flags >> pair_plan[p, 1]) & 1:
                column = FIRST_COUNT + pair_plan[p, 0]
                before = pairs[log[at, PAIR], column]
                pairs[log[at, PAIR], column] = before + sign
                level = max(before, before + sign)
                for c in range(pair_plan[p, 2], pair_plan[p, 3]):
                    if crossings[c, 1] == level:
                        key = sender if crossings[c, 0] == 0 else receiver
                        accounts[key, FIRST_TOTAL + crossings[c, 2]] += sign


@inlined
def _age(log: Int64s, first: int, sequence: int, now: int, horizon: int) -> int:
    """Time since log entry `sequence`, NEVER when there is none younger than `horizon`."""
    age = NEVER
    if sequence >= first:
        age = now - log[sequence & (len(log) - 1), AT]
        if age >= horizon:
            age = NEVER
    return age


@inlined
def _labels(label: int, head: Int32s, spans: Int64s, now: int) -> int:
    bits = 0
    span = np.int64(head[label]) if label >= 0 else -1
    while span >= 0:
        if spans[span, SPAN_START] <= now < spans[span, SPAN_STOP]:
            bits |= spans[span, SPAN_BITS]
        span = spans[span, SPAN_NEXT]
    return bits


@inlined
def _holds(
    filters: Int64s,
    f: int,
    log: Int64s,
    accounts: Int64s,
    first: int,
    slot: int,
    sender_labels: int,
    receiver_labels: int,
) -> bool:
    """Whether filter f (see PlanTables.filters) holds for the event in `slot`, not yet counted anywhere."""
    usd, now = log[slot, USD], log[slot, AT]
    sender, receiver = log[slot, ENDS] >> 32, log[slot, ENDS] & LOW_32
    other = sender_labels if filters[f, 0] == 1 else receiver_labels
    holds = filters[f, 1] <= usd < filters[f, 2] and (filters[f, 3] == 0 or (other & filters[f, 3]) != 0)
    if holds and filters[f, 4] > 0:
        holds = _age(log, first, accounts[sender, LAST_IN], now, filters[f, 4] + 1) != NEVER
    if holds and filters[f, 5] >= 0:
        came = accounts[receiver, FIRST_TOTAL + filters[f, 5]]
        kept = came - accounts[receiver, FIRST_TOTAL + filters[f, 6]]
        holds = came > 0 and kept * 1000 <= came * filters[f, 7]
    if holds and filters[f, 8] > 0:
        holds = _age(log, first, log[slot, PREV_PAIR], now, filters[f, 8]) == NEVER
    return holds


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
    for lo in range(0, len(at_us), CHUNK):
        hi = min(lo + CHUNK, len(at_us))
        read_rows(work, state.key_used[2], 0, chain, sender_data, sender_offsets, lo, hi)
        read_rows(work, state.key_used[2], CHUNK, chain, receiver_data, receiver_offsets, lo, hi)
        resolve_accounts(state, work, 0, hi - lo)
        resolve_accounts(state, work, CHUNK, hi - lo)
        resolve_pairs(state, work, hi - lo)
        _touch_expiring(plan, state, work, at_us[hi - 1])
        _count(plan, state, work, at_us, usd, lo, hi, start, out, out_labels)
        _forget(state, work, undo_depth, horizon)


@njit
def _touch_expiring(plan: PlanTables, state: State, work: Work, now: int) -> None:
    """Bring into cache what the chunk's expiries will change."""
    log, accounts, pairs, mask = state.log, state.accounts, state.pairs, len(state.log) - 1
    touched = 0
    for w in range(len(plan.windows)):
        limit = now - plan.windows[w, 0]
        for sequence in range(state.tails[w], min(state.progress[0], state.tails[w] + 4 * CHUNK)):
            entry = sequence & mask
            if log[entry, AT] > limit:
                break
            touched += accounts[log[entry, ENDS] >> 32, REFS] + accounts[log[entry, ENDS] & LOW_32, REFS]
            touched += pairs[log[entry, PAIR], PAIR_REFS]
    work.sink[0] += touched


@njit
def _forget(state: State, work: Work, undo_depth: int, horizon: int) -> None:
    """Release what no window and no undo can reach: age counts from the oldest entry an undo leaves."""
    log, progress, mask = state.log, state.progress, len(state.log) - 1
    last = progress[0] - undo_depth
    while last > progress[1]:
        limit = log[(last - 1) & mask, AT] - horizon
        stop = progress[1]
        while stop < min(last, progress[1] + 2 * CHUNK) and log[stop & mask, AT] <= limit:
            stop += 1
        if stop == progress[1]:
            break
        touch_releasing(state, work, stop)
        release(state, stop)


@njit
def _count(
    plan: PlanTables,
    state: State,
    work: Work,
    at_us: Int64s,
    usd: Int64s,
    lo: int,
    hi: int,
    start: int,
    out: Int64s,
    out_labels: Int64s,
) -> None:
    """One chunk, event by event: expire, filter, add, read."""
    windows, filters, totals, pair_plan, crossings, emits = plan
    log, accounts, pairs, tails = state.log, state.accounts, state.pairs, state.tails
    ids, ends, pair_ids = work.ids, work.ends, work.pairs
    label_head, spans = state.label_head, state.spans
    mask, first, stop = len(log) - 1, state.progress[1], state.progress[0]
    for i in range(lo, hi):
        now = at_us[i]
        for w in range(len(windows)):
            limit = now - windows[w, 0]
            tail = tails[w]
            while tail < stop and log[tail & mask, AT] <= limit:
                _apply(windows, totals, pair_plan, crossings, log, accounts, pairs, w, tail & mask, -1)
                tail += 1
            tails[w] = tail
        sender, receiver, pair = ids[i - lo], ids[CHUNK + i - lo], pair_ids[i - lo]
        sender_labels = _labels(accounts[sender, LABEL], label_head, spans, now)
        receiver_labels = _labels(accounts[receiver, LABEL], label_head, spans, now)
        slot = stop & mask
        log[slot, AT] = now
        log[slot, USD] = usd[i]
        log[slot, ENDS] = ends[i - lo]
        log[slot, PAIR] = pair
        log[slot, PREV_IN] = accounts[receiver, LAST_IN]
        log[slot, PREV_OUT] = accounts[sender, LAST_OUT]
        log[slot, PREV_PAIR] = pairs[pair, PAIR_LAST]
        log[slot, FLAGS] = 0
        for f in range(len(filters)):
            if _holds(filters, f, log, accounts, first, slot, sender_labels, receiver_labels):
                log[slot, FLAGS] |= 1 << f
        for w in range(len(windows)):
            _apply(windows, totals, pair_plan, crossings, log, accounts, pairs, w, slot, 1)
        for e in range(len(emits)):
            key = sender if emits[e, 1] == 0 else receiver
            column = emits[e, 2]
            if emits[e, 0] == 0:
                out[e, start + i] = accounts[key, FIRST_TOTAL + column]
            elif emits[e, 0] == 1:
                out[e, start + i] = pairs[pair, FIRST_COUNT + column]
            else:
                previous = log[slot, PREV_PAIR] if column == 2 else accounts[key, column]
                out[e, start + i] = _age(log, first, previous, now, emits[e, 3])
        out_labels[0, start + i] = sender_labels
        out_labels[1, start + i] = receiver_labels
        accounts[receiver, LAST_IN] = stop
        accounts[sender, LAST_OUT] = stop
        pairs[pair, PAIR_LAST] = stop
        stop += 1
    state.progress[0] = stop


@njit
def undo(plan: PlanTables, state: State, count: int) -> None:
    """Take back the last `count` log entries as if they had never been pushed."""
    windows, _, totals, pair_plan, crossings, _ = plan
    log, accounts, pairs, tails, progress = state.log, state.accounts, state.pairs, state.tails, state.progress
    mask = len(log) - 1
    for _ in range(count):
        sequence = progress[0] - 1
        slot = sequence & mask
        for w in range(len(windows)):
            _apply(windows, totals, pair_plan, crossings, log, accounts, pairs, w, slot, -1)
        accounts[log[slot, ENDS] & LOW_32, LAST_IN] = log[slot, PREV_IN]
        accounts[log[slot, ENDS] >> 32, LAST_OUT] = log[slot, PREV_OUT]
        pairs[log[slot, PAIR], PAIR_LAST] = log[slot, PREV_PAIR]
        release_newest(state)
        progress[0] = sequence
        now = log[(sequence - 1) & mask, AT] if sequence > progress[1] else -NEVER
        for w in range(len(windows)):
            tail = min(tails[w], sequence)
            while tail > progress[1] and log[(tail - 1) & mask, AT] > now - windows[w, 0]:
                tail -= 1
                _apply(windows, totals, pair_plan, crossings, log, accounts, pairs, w, tail & mask, 1)
            tails[w] = tail


@njit
def recent(state: State, key: int, limit: int) -> Int64s:
    """Sequence numbers of the account's latest transfers either way, newest first."""
    log, first, mask = state.log, state.progress[1], len(state.log) - 1
    came, went = state.accounts[key, LAST_IN], state.accounts[key, LAST_OUT]
    found = np.empty(limit, np.int64)
    n = 0
    while n < limit and max(came, went) >= first:
        sequence = max(came, went)
        found[n] = sequence
        n += 1
        if came == sequence:
            came = log[sequence & mask, PREV_IN]
        if went == sequence:
            went = log[sequence & mask, PREV_OUT]
    return found[:n]
