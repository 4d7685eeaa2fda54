"""The compiled loops over whole blocks: names to accounts, transfers through the pools, and back."""

from __future__ import annotations

import numpy as np

from manumit.detectors.exposure.haircut import apply, bits_at, own_entries, parted
from manumit.detectors.exposure.state import (
    ACCOUNTS,
    BALANCE,
    DEPTH,
    ENTRIES,
    GAINED,
    HELD,
    HOP_UNIT,
    JOURNAL,
    KEY,
    LENGTH,
    MOST_CHANGES,
    MOST_ENTRIES,
    PAID,
    RECEIVED,
    SEED,
    SENT,
    SPANS,
    State,
)
from manumit.detectors.exposure.terms import MILLION, NOBODY_BIT
from manumit.detectors.windows.interner import KEY_BYTES, KEY_WORDS, find, njit, place, row_tag
from manumit.detectors.windows.memory import WORD_BYTES as WORD
from manumit.detectors.windows.memory import get, soon
from manumit.detectors.windows.resolve import read_rows
from manumit.schemas.block import Bytes, Int32s, Int64s

CHUNK = 64
OUTSIDE_BYTE = ord("~")
OF_TRANSFER, OF_RECEIVED, OF_SENT = 0, 1, 2


@njit
def account_of(state: State, wanted: Int64s, at: int, tag: int) -> int:
    """The account of the key row wanted[at] int64[8], new where need be."""
    found = find(state.slots, state.rows, wanted, at, tag)
    if found < 0:
        found = state.used[ACCOUNTS]
        state.used[ACCOUNTS] = found + 1
        for word in range(KEY_WORDS):
            state.rows[found, word] = wanted[at, word]
        place(state.slots, tag, found)
    return found


@njit
def index(state: State) -> None:
    """Slots for all rows, into empty ones."""
    for account in range(state.used[ACCOUNTS]):
        place(state.slots, row_tag(state.rows, account, state.used[SEED]), account)


@njit
def bits_of_account(state: State, account: int, at_us: int) -> int:
    outside = NOBODY_BIT if state.rows[account, 0] & 0xFF == OUTSIDE_BYTE else 0
    return outside | bits_at(state.spans, state.accounts[account, SPANS], at_us)


@njit
def _has_room(state: State) -> bool:
    used = state.used
    return (
        used[ACCOUNTS] + 2 <= len(state.accounts)
        and used[ENTRIES] + MOST_ENTRIES <= len(state.entries)
        and (state.terms[DEPTH] == 0 or used[JOURNAL] + MOST_CHANGES <= len(state.journal))
    )


@njit
def push(
    state: State,
    at_us: Int64s,
    usd_micro: Int64s,
    codes: Int64s,
    chain: Int32s,
    sender_data: Bytes,
    sender_offsets: Int64s,
    receiver_data: Bytes,
    receiver_offsets: Int64s,
    asked: Int64s,
    columns: Int64s,
    ends: Int64s,
    balances: Int64s,
    start: int,
) -> int:
    """Rows from `start` on, until there is no room; returns the row it stopped before.

    asked int64[a, 4] = side, whole, category, hops; fills columns int64[a, n], ends int64[2, n]: the accounts, and
    balances int64[n]: what the sender held before.
    """
    wanted, tags = np.zeros((2 * CHUNK, KEY_WORDS), np.int64), np.zeros(2 * CHUNK, np.int64)
    for low in range(start, len(at_us), CHUNK):
        high = min(low + CHUNK, len(at_us))
        rows_at, tags_at, seed = wanted.ctypes.data, tags.ctypes.data, state.used[SEED]
        read_rows(rows_at, tags_at, seed, codes, chain, sender_data, sender_offsets, low, high)
        rows_at, tags_at = rows_at + CHUNK * KEY_BYTES, tags_at + CHUNK * WORD
        read_rows(rows_at, tags_at, seed, codes, chain, receiver_data, receiver_offsets, low, high)
        _fetch(state, tags, high - low)
        for i in range(low, high):
            if not _has_room(state):
                return i
            sender = account_of(state, wanted, i - low, tags[i - low])
            receiver = account_of(state, wanted, CHUNK + i - low, tags[CHUNK + i - low])
            ends[0, i] = sender
            ends[1, i] = receiver
            balances[i] = state.accounts[sender, BALANCE]
            count = _applied(state, sender, receiver, usd_micro[i], at_us[i])
            for a in range(len(asked)):
                subject = sender if asked[a, 0] == 0 else receiver
                columns[a, i] = _measured(state, subject, asked[a, 1], asked[a, 2], asked[a, 3], usd_micro[i], count)
    return len(at_us)


@njit
def _fetch(state: State, tags: Int64s, n: int) -> None:
    """Begin to bring into cache what the chunk's accounts will most likely touch: the misses overlap."""
    mask, slots_at = len(state.slots) - 1, state.slots.ctypes.data
    rows_at, accounts_at = state.rows.ctypes.data, state.accounts.ctypes.data
    for base in (0, CHUNK):
        for k in range(base, base + n):
            soon(slots_at + (tags[k] & mask) * WORD)
    for base in (0, CHUNK):
        for k in range(base, base + n):
            account = (get(slots_at, tags[k] & mask) & 0xFFFFFFFF) - 1
            soon(rows_at + account * KEY_BYTES)
            soon(accounts_at + account * KEY_BYTES)


@njit
def _applied(state: State, sender: int, receiver: int, value: int, at_us: int) -> int:
    if state.terms[DEPTH] > 0:
        mark = state.used[LENGTH] & (len(state.marks) - 1)
        state.marks[mark, 0] = state.used[JOURNAL]
        state.marks[mark, 1] = state.used[ENTRIES]
    own, other = bits_of_account(state, sender, at_us), bits_of_account(state, receiver, at_us)
    return apply(
        state.accounts,
        state.entries,
        state.journal,
        state.used,
        state.terms,
        state.pieces,
        state.places,
        sender,
        receiver,
        value,
        at_us,
        own,
        other,
    )


@njit
def recount(state: State, at_us: Int64s, usd_micro: Int64s, ends: Int64s, balances: Int64s, start: int) -> int:
    """As `push`, for transfers whose accounts are known. ends int64[2, n]; fills balances int64[n]."""
    for i in range(start, len(at_us)):
        if not _has_room(state):
            return i
        balances[i] = state.accounts[ends[0, i], BALANCE]
        _applied(state, ends[0, i], ends[1, i], usd_micro[i], at_us[i])
    return len(at_us)


@njit
def _measured(state: State, subject: int, whole: int, category: int, hops: int, value: int, count: int) -> int:
    part, of = 0, value
    if whole == OF_TRANSFER:
        for i in range(count):
            if state.pieces[i, 0] % HOP_UNIT == category and state.pieces[i, 0] // HOP_UNIT <= hops:
                part += state.pieces[i, 1]
    else:
        of = state.accounts[subject, RECEIVED if whole == OF_RECEIVED else SENT]
        first, count = own_entries(state.accounts, subject)
        for at in range(first, first + count):
            key = state.entries[at, KEY]
            if whole == OF_SENT:
                part += state.entries[at, GAINED] if key == PAID + category else 0
            elif key < PAID and key % HOP_UNIT == category and key // HOP_UNIT <= hops:
                part += state.entries[at, GAINED]
    return parted(MILLION, min(part, of), of)[0] if of > 0 else 0


@njit
def undo(state: State, count: int) -> None:
    """Take the last `count` transfers back; the caller has seen to it that they are kept."""
    used, ring = state.used, len(state.marks) - 1
    first = used[LENGTH] - count
    start = state.marks[first & ring, 0]
    row = used[JOURNAL] - 1
    while row >= start:
        what = state.journal[row, 0]
        if what >= 0:
            state.entries[what, HELD] = state.journal[row, 1]
            state.entries[what, GAINED] = state.journal[row, 2]
            row -= 1
            continue
        for word in range(3):
            state.accounts[-1 - what, word] = state.journal[row, word + 1]
        for word in range(4):
            state.accounts[-1 - what, 3 + word] = state.journal[row - 1, word]
        row -= 2
    used[ENTRIES] = state.marks[first & ring, 1]
    used[JOURNAL] = start
    used[LENGTH] = first


@njit
def unseen(state: State, account: int) -> bool:
    """No transfer that still stands has named the account."""
    touched = 0
    for word in range(SPANS):
        touched |= state.accounts[account, word]
    return touched == 0
