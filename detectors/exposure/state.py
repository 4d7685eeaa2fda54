"""The arrays a compiled exposure engine is made of, and how they grow. Everything is plain numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manumit.detectors.exposure.terms import Terms
from manumit.detectors.windows.interner import KEY_WORDS, LINE, line_rows, rehash
from manumit.schemas.block import Int64s

# columns of an account: exactly one cache line. PIECES is the row of its first entry << 8 | how many entries it has;
# SPANS is a row number + 1, 0 for none
BALANCE, RECEIVED, SENT, TOUCHED, PIECES, UNVALUED_IN, UNVALUED_OUT, SPANS = range(8)
# columns of an entry, one piece of one account
KEY, HELD, GAINED = range(3)
# columns of a label span
SPAN_START, SPAN_STOP, SPAN_BITS, SPAN_NEXT = range(4)
# state.used
ACCOUNTS, ENTRIES, JOURNAL, LENGTH, SPAN_COUNT, SEED, FLOOR = range(7)
# state.terms
HOPS, DUST, FORGET, SINKS, DEPTH = range(5)

HOP_UNIT = 32
"""An entry's key is hops * HOP_UNIT + the category's place; PAID + the category's place for what was paid to it."""
PAID = 1024
PIECE_ROWS = 256
"""More than all pieces of one account: 14 categories over 8 hops, and what was paid to 14."""
MOST_ENTRIES = 2 * PIECE_ROWS
MOST_CHANGES = 4 * PIECE_ROWS
JOURNAL_WORDS = 4


class State(NamedTuple):
    """slots int64[2^k] = hash tag << 32 | account + 1; rows int64[accounts, 8] their names; accounts int64[n, 8].
    entries int64[n, 4]: an account's stand together, in room for 4, 8, 16, … of them; full room is left behind for
    twice as much. spans int64[n, 4] chained per account.

    journal int64[n, 4]: what entries and lines held before, newest last: [entry, HELD, GAINED, 0], or two rows
    [words 3 to 6 of the line], [-1 - account, words 0 to 2]. marks int64[2^k, 2], a ring by transfer number: where
    its journal begins, how many entries there were. used int64[7] counts; FLOOR is the oldest transfer that may
    still be taken back. terms int64[5]. pieces int64[256, 2] = key, amount: those of one transfer. places
    int64[PAID + 32], all 0 between transfers.
    """

    slots: Int64s
    rows: Int64s
    accounts: Int64s
    entries: Int64s
    spans: Int64s
    journal: Int64s
    marks: Int64s
    used: Int64s
    terms: Int64s
    pieces: Int64s
    places: Int64s


KEPT = ("rows", "accounts", "entries", "journal", "marks", "used")
"""What a snapshot holds: labels are given anew, slots follow from the rows."""


def new_state(terms: Terms, *, undo_depth: int, seed: int, capacity: int = 1024) -> State:
    return State(
        slots=np.zeros(2 * capacity, np.int64),
        rows=line_rows(capacity, KEY_WORDS),
        accounts=line_rows(capacity, LINE),
        entries=np.zeros((capacity, 4), np.int64),
        spans=np.zeros((capacity, 4), np.int64),
        journal=np.zeros((MOST_CHANGES if undo_depth else 0, JOURNAL_WORDS), np.int64),
        marks=np.zeros((1 << undo_depth.bit_length() if undo_depth else 1, 2), np.int64),
        used=np.array([0, 0, 0, 0, 0, seed, 0], np.int64),
        terms=np.array([terms.hops, max(1, terms.dust_micro), terms.forget_us, terms.sinks, undo_depth], np.int64),
        pieces=np.zeros((PIECE_ROWS, 2), np.int64),
        places=np.zeros(PAID + HOP_UNIT, np.int64),
    )


def roomier(state: State) -> State:
    """The same state with room for one more transfer, whatever it changes."""
    used = state.used
    if used[ACCOUNTS] + 2 > len(state.accounts):
        state = with_accounts(state, 4 * len(state.accounts))
    if used[ENTRIES] + MOST_ENTRIES > len(state.entries):
        state = state._replace(entries=_longer(state.entries, 2 * len(state.entries)))
    if state.terms[DEPTH] and used[JOURNAL] + MOST_CHANGES > len(state.journal):
        state = _with_journal(state)
    return state


def lowest(state: State) -> int:
    """The oldest transfer that can be taken back: what lies deeper is forgotten for good."""
    return max(int(state.used[FLOOR]), int(state.used[LENGTH] - state.terms[DEPTH]))


def with_accounts(state: State, capacity: int) -> State:
    slots = np.zeros(2 * capacity, np.int64)
    rehash(state.slots, slots)
    rows, accounts = line_rows(capacity, KEY_WORDS), line_rows(capacity, LINE)
    rows[: len(state.rows)] = state.rows
    accounts[: len(state.accounts)] = state.accounts
    return state._replace(slots=slots, rows=rows, accounts=accounts)


def _with_journal(state: State) -> State:
    """Without what lies before the oldest transfer that can be taken back; longer where that is not enough."""
    used, ring = state.used, len(state.marks) - 1
    oldest = lowest(state)
    start = int(state.marks[oldest & ring, 0]) if oldest < used[LENGTH] else int(used[JOURNAL])
    kept = int(used[JOURNAL]) - start
    capacity = len(state.journal)
    while kept + MOST_CHANGES > capacity // 2:
        capacity *= 2
    journal = np.zeros((capacity, JOURNAL_WORDS), np.int64)
    journal[:kept] = state.journal[start : start + kept]
    state.marks[:, 0] -= start
    used[JOURNAL] = kept
    return state._replace(journal=journal)


def with_span_room(state: State) -> State:
    if state.used[SPAN_COUNT] + 1 > len(state.spans):
        state = state._replace(spans=_longer(state.spans, 2 * len(state.spans)))
    return state


def _longer(rows: Int64s, count: int) -> Int64s:
    longer = np.zeros((count, rows.shape[1]), np.int64)
    longer[: len(rows)] = rows
    return longer
