"""One transfer through the pools, compiled: what `oracle` defines, on flat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from manumit.detectors.exposure.state import (
    BALANCE,
    DEPTH,
    DUST,
    ENTRIES,
    FORGET,
    GAINED,
    HELD,
    HOP_UNIT,
    HOPS,
    JOURNAL,
    KEY,
    LENGTH,
    PAID,
    PIECES,
    RECEIVED,
    SENT,
    SINKS,
    SPAN_BITS,
    SPAN_NEXT,
    SPAN_START,
    SPAN_STOP,
    TOUCHED,
    UNVALUED_IN,
    UNVALUED_OUT,
)
from manumit.detectors.exposure.terms import POOL_LIMIT, TOTAL_LIMIT
from manumit.detectors.windows.interner import inlined, njit
from manumit.schemas.block import Int64s
from manumit.schemas.label import LABEL_CATEGORIES

CATEGORIES = len(LABEL_CATEGORIES)


@njit
def parted(whole: int, part: int, of: int) -> Any:
    """floor(whole * part / of) and the remainder, exact, for 0 <= part <= of < 2^61 and whole < 2^57.

    The product has up to 118 bits: a float guesses the quotient to within some dozens, the remainder in wrapping
    64-bit arithmetic is exact as long as it is smaller than 2^63, and puts the guess right.
    """
    guess = np.int64(np.float64(whole) * (np.float64(part) / np.float64(of)))
    rest = whole * part - guess * of
    while rest < 0:
        guess -= 1
        rest += of
    while rest >= of:
        guess += 1
        rest -= of
    return guess, rest


@njit
def bits_at(spans: Int64s, head: int, at_us: int) -> int:
    """The label bits in force at `at_us` along one chain of spans."""
    found = 0
    while head != 0:
        if spans[head - 1, SPAN_START] <= at_us < spans[head - 1, SPAN_STOP]:
            found |= spans[head - 1, SPAN_BITS]
        head = spans[head - 1, SPAN_NEXT]
    return found


@inlined
def _note_account(accounts: Int64s, journal: Int64s, used: Int64s, account: int) -> None:
    row = used[JOURNAL]
    for word in range(4):
        journal[row, word] = accounts[account, 3 + word]
    journal[row + 1, 0] = -1 - account
    for word in range(3):
        journal[row + 1, 1 + word] = accounts[account, word]
    used[JOURNAL] = row + 2


@inlined
def _note_entry(entries: Int64s, journal: Int64s, used: Int64s, entry: int) -> None:
    row = used[JOURNAL]
    journal[row, 0] = entry
    journal[row, 1] = entries[entry, HELD]
    journal[row, 2] = entries[entry, GAINED]
    used[JOURNAL] = row + 1


@inlined
def own_entries(accounts: Int64s, account: int) -> Any:
    """The account's first entry, and how many it has."""
    return accounts[account, PIECES] >> 8, accounts[account, PIECES] & 0xFF


@njit
def _freshen(
    accounts: Int64s, entries: Int64s, journal: Int64s, used: Int64s, terms: Int64s, account: int, at_us: int
) -> None:
    """An account that was silent for too long begins anew; its entries stay in place, empty."""
    if terms[FORGET] > 0 and at_us - accounts[account, TOUCHED] > terms[FORGET]:
        for word in (BALANCE, RECEIVED, SENT, UNVALUED_IN, UNVALUED_OUT):
            accounts[account, word] = 0
        first, count = own_entries(accounts, account)
        for entry in range(first, first + count):
            if terms[DEPTH] > 0:
                _note_entry(entries, journal, used, entry)
            entries[entry, HELD] = 0
            entries[entry, GAINED] = 0
    accounts[account, TOUCHED] = at_us


@njit
def _new_entry(accounts: Int64s, entries: Int64s, used: Int64s, account: int, key: int) -> int:
    """An entry more for the account, behind its others; where their room is full they move into twice as much.

    What was there stays as it was, for an undo.
    """
    first, count = own_entries(accounts, account)
    if count == 0 or (count >= 4 and count & (count - 1) == 0):
        moved = used[ENTRIES]
        used[ENTRIES] = moved + max(4, 2 * count)
        for i in range(count):
            for word in range(3):
                entries[moved + i, word] = entries[first + i, word]
        first = moved
    entries[first + count, KEY] = key
    entries[first + count, HELD] = 0
    entries[first + count, GAINED] = 0
    accounts[account, PIECES] = first << 8 | (count + 1)
    return first + count


@njit
def _gain(
    accounts: Int64s,
    entries: Int64s,
    journal: Int64s,
    used: Int64s,
    terms: Int64s,
    pieces: Int64s,
    places: Int64s,
    count: int,
    account: int,
    keeps: bool,
) -> None:
    """Add `count` pieces to the account; each is found through `places`, which is left as empty as it was."""
    first, had = own_entries(accounts, account)
    for i in range(had):
        places[entries[first + i, KEY]] = i + 1
    for i in range(count):
        key, place = pieces[i, 0], places[pieces[i, 0]]
        if place == 0:
            at = _new_entry(accounts, entries, used, account, key)
            first = accounts[account, PIECES] >> 8
        else:
            at = first + place - 1
            if terms[DEPTH] > 0:
                _note_entry(entries, journal, used, at)
        entries[at, GAINED] = min(entries[at, GAINED] + pieces[i, 1], TOTAL_LIMIT)
        if keeps and key // HOP_UNIT < terms[HOPS]:
            entries[at, HELD] = min(entries[at, HELD] + pieces[i, 1], POOL_LIMIT)
    for i in range(had):
        places[entries[first + i, KEY]] = 0


@njit
def _take(
    accounts: Int64s,
    entries: Int64s,
    journal: Int64s,
    used: Int64s,
    terms: Int64s,
    pieces: Int64s,
    count: int,
    sender: int,
    value: int,
    own: int,
) -> int:
    """Take `value` out of the sender's pool; appends the pieces that go with it, one hop further."""
    balance = accounts[sender, BALANCE]
    taken = min(value, balance)
    if taken == 0:
        return count
    passes = own & terms[SINKS] == 0
    first, had = own_entries(accounts, sender)
    for entry in range(first, first + had):
        held = entries[entry, HELD]
        if held == 0:
            continue
        if terms[DEPTH] > 0:
            _note_entry(entries, journal, used, entry)
        moved, rest = parted(held, taken, balance)
        entries[entry, HELD] = held - moved - (1 if rest > 0 else 0)
        category, hops = entries[entry, KEY] % HOP_UNIT, entries[entry, KEY] // HOP_UNIT
        if passes and moved >= terms[DUST] and hops < terms[HOPS] and (own >> category) & 1 == 0:
            pieces[count, 0] = entries[entry, KEY] + HOP_UNIT
            pieces[count, 1] = moved
            count += 1
    accounts[sender, BALANCE] = balance - taken
    return count


@njit
def _labelled(pieces: Int64s, terms: Int64s, bits: int, key: int, value: int) -> int:
    """A piece of the whole value for each category of `bits`, in the first rows."""
    count = 0
    if value >= terms[DUST] and bits != 0:
        for category in range(CATEGORIES):
            if (bits >> category) & 1 == 1:
                pieces[count, 0] = key + category
                pieces[count, 1] = value
                count += 1
    return count


@njit
def apply(
    accounts: Int64s,
    entries: Int64s,
    journal: Int64s,
    used: Int64s,
    terms: Int64s,
    pieces: Int64s,
    places: Int64s,
    sender: int,
    receiver: int,
    value: int,
    at_us: int,
    own: int,
    other: int,
) -> int:
    """One transfer of `value` micro-USD, -1 unknown, with the label bits of both ends as of it.

    Returns how many rows of `pieces` it fills. The caller sees to it that there is room for all it may change.
    """
    if terms[DEPTH] > 0:
        _note_account(accounts, journal, used, sender)
        _note_account(accounts, journal, used, receiver)
    used[LENGTH] += 1
    _freshen(accounts, entries, journal, used, terms, sender, at_us)
    _freshen(accounts, entries, journal, used, terms, receiver, at_us)
    if sender == receiver:
        return 0
    if value < 0:
        accounts[sender, UNVALUED_OUT] += 1
        accounts[receiver, UNVALUED_IN] += 1
        return 0
    paid = _labelled(pieces, terms, other, PAID, value)
    if paid > 0:
        _gain(accounts, entries, journal, used, terms, pieces, places, paid, sender, False)
    count = _labelled(pieces, terms, own, HOP_UNIT, value)
    count = _take(accounts, entries, journal, used, terms, pieces, count, sender, value, own)
    accounts[sender, SENT] = min(accounts[sender, SENT] + value, TOTAL_LIMIT)
    accounts[receiver, RECEIVED] = min(accounts[receiver, RECEIVED] + value, TOTAL_LIMIT)
    keeps = other & terms[SINKS] == 0
    if keeps:
        accounts[receiver, BALANCE] = min(accounts[receiver, BALANCE] + value, POOL_LIMIT)
    if count > 0:
        _gain(accounts, entries, journal, used, terms, pieces, places, count, receiver, keeps)
    return count
