"""Where an account's money came from: its past neighbourhood, walked back and put through the pools again.

The engine knows how much; the walk knows through whom. Within the hops the two agree to the micro-dollar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manumit.detectors.exposure.haircut import apply
from manumit.detectors.exposure.kernel import bits_of_account
from manumit.detectors.exposure.log import AT, BEFORE_SENDER, NEWEST, RECEIVER, SENDER, USD, Log
from manumit.detectors.exposure.state import (
    BALANCE,
    DUST,
    ENTRIES,
    HOPS,
    MOST_ENTRIES,
    SINKS,
    State,
    new_state,
    with_accounts,
)
from manumit.detectors.exposure.terms import Terms
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int64s

MOST_TRANSFERS = 10_000
ONE_IN = 5
"""Ours: a walk reads 10,000 transfers, and of one account a fifth of that."""
OUTSIDE, ASKED = 0, 1
ARRIVED = 1 << 12


class Walked(NamedTuple):
    """n transfers in the order of the log, with the pieces each of them moved.

    sequence int64[n] their numbers in the log; payer, payee int64[n] local accounts: 0 is everybody outside, 1 the
    account asked about. kept float64[n]: the share of the payer's pool that stayed. first int64[n + 1]: pieces of
    transfer i are rows first[i] to first[i + 1] of `keys` and `amounts`; the key of a piece that ends a walk forward
    is raised by ARRIVED. `cut`: there was more than could be walked. `onward`: it was walked forward.
    """

    sequence: Int64s
    payer: Int64s
    payee: Int64s
    kept: Floats
    first: Int64s
    keys: Int64s
    amounts: Int64s
    cut: bool
    onward: bool


def back(log: Log, state: State, terms: Terms, account: int, *, most: int = MOST_TRANSFERS) -> tuple[Walked, State]:
    """What reached `account` within the terms' hops, and the pools as they then stand.

    At most `most` transfers are walked, the latest. Labels are those of `state`; `terms` must forget nothing.
    """
    place = np.zeros(len(log.ends), np.int64)
    sequence, met, cut = gather_back(state, log.entries, log.ends, place, account, most, max(1, most // ONE_IN))
    sequence = np.unique(sequence)
    local = new_state(terms, undo_depth=0, seed=0)
    local = with_accounts(local, met + 1) if met >= len(local.accounts) else local
    payer, payee, kept, first, keys, amounts, entries = run(local, state, log.entries, sequence, place)
    walked = Walked(sequence, payer, payee, kept, first, keys, amounts, bool(cut), onward=False)
    return walked, local._replace(entries=entries)


@njit
def gather_back(
    state: State, entries: Int64s, ends: Int64s, place: Int64s, account: int, most: int, each: int
) -> tuple[Int64s, int, bool]:
    """Numbers of the transfers of `account` and of those its value passed through, some twice; how many accounts.

    Fills place int64[accounts] with local numbers: 1 for `account`, then in the order they were met; 0 for the others.
    An account is walked from the transfer that led to it back, and again from a later one that leads to it.
    """
    queue = np.empty((most + 1, 4), np.int64)  # account, transfer to begin with, where it was walked already, hops away
    walked_from = np.empty(most + 2, np.int64)  # by local number
    found = np.empty(most, np.int64)
    queue[0, 0], queue[0, 1], queue[0, 2], queue[0, 3] = account, ends[account, NEWEST], -1, 0
    place[account], walked_from[ASKED] = ASKED, ends[account, NEWEST]
    head, tail, count, met, cut = 0, 1, 0, ASKED, False
    while head < tail:
        subject, at, until, hops = queue[head, 0], queue[head, 1], queue[head, 2], queue[head, 3]
        head += 1
        full = min(most, count + each)
        while at > until:
            if count >= full:
                cut = True
                break
            found[count] = at
            count += 1
            payer, before = entries[at, SENDER], entries[at, BEFORE_SENDER]
            if payer == subject:
                at = before
                continue
            passes = hops + 1 < state.terms[HOPS] and entries[at, USD] >= state.terms[DUST] and before >= 0
            if passes and bits_of_account(state, payer, entries[at, AT]) & state.terms[SINKS] == 0:
                if place[payer] == 0:
                    met += 1
                    place[payer], walked_from[met] = met, -1
                if before > walked_from[place[payer]]:
                    queue[tail, 0], queue[tail, 1], queue[tail, 2] = payer, before, walked_from[place[payer]]
                    queue[tail, 3] = hops + 1
                    walked_from[place[payer]] = before
                    tail += 1
            at = entries[at, BEFORE_SENDER + 1]
    return found[:count].copy(), met, cut


@njit
def run(
    local: State, state: State, entries: Int64s, sequence: Int64s, place: Int64s
) -> tuple[Int64s, Int64s, Floats, Int64s, Int64s, Int64s, Int64s]:
    """The transfers through the pools of `local`; see `Walked`."""
    n = len(sequence)
    payer, payee, kept = np.zeros(n, np.int64), np.zeros(n, np.int64), np.ones(n, np.float64)
    first = np.zeros(n + 1, np.int64)
    keys, amounts, pools = np.zeros(8 * n + 256, np.int64), np.zeros(8 * n + 256, np.int64), local.entries
    for i in range(n):
        entry = entries[sequence[i]]
        if local.used[ENTRIES] + MOST_ENTRIES > len(pools):
            pools = twice(pools)
        if first[i] + 256 > len(keys):
            keys, amounts = np.concatenate((keys, keys)), np.concatenate((amounts, amounts))
        payer[i], payee[i] = place[entry[SENDER]], place[entry[RECEIVER]]
        local.accounts[OUTSIDE, BALANCE] = 0  # nothing is known of what others hold, and nothing passes through them
        balance = local.accounts[payer[i], BALANCE]
        if balance > 0 and entry[USD] > 0:
            kept[i] = np.float64(balance - min(balance, entry[USD])) / np.float64(balance)
        own = bits_of_account(state, entry[SENDER], entry[AT])
        other = bits_of_account(state, entry[RECEIVER], entry[AT])
        count = apply(
            local.accounts,
            pools,
            local.journal,
            local.used,
            local.terms,
            local.pieces,
            local.places,
            payer[i],
            payee[i],
            entry[USD],
            0,
            own,
            other,
        )
        for k in range(count):
            keys[first[i] + k] = local.pieces[k, 0]
            amounts[first[i] + k] = local.pieces[k, 1]
        first[i + 1] = first[i] + count
    return payer, payee, kept, first, keys[: first[n]].copy(), amounts[: first[n]].copy(), pools


@njit
def twice(rows: Int64s) -> Int64s:
    """The same rows with as much room again."""
    longer = np.zeros((2 * len(rows), rows.shape[1]), np.int64)
    longer[: len(rows)] = rows
    return longer
