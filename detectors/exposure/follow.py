"""Where an account's money went: what it paid, followed through the pools to labelled addresses.

The same haircut, with the account as the origin: a pool that got some of its money passes on the same share of it as
of everything it holds. For each category on its own, money that arrived at an address of that category is counted
there and followed no further; it ends at services and at the hop limit too. What comes back to the account begins
anew when it is paid again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from manumit.detectors.exposure.contract import Piece
from manumit.detectors.exposure.haircut import CATEGORIES, parted
from manumit.detectors.exposure.kernel import bits_of_account
from manumit.detectors.exposure.log import AFTER_SENDER, AT, OLDEST, RECEIVER, SENDER, USD, Log
from manumit.detectors.exposure.state import DUST, HOP_UNIT, HOPS, SINKS, State
from manumit.detectors.exposure.walk import ARRIVED, ASKED, MOST_TRANSFERS, ONE_IN, Walked
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.label import LABEL_CATEGORIES


def forward(log: Log, state: State, account: int, *, most: int = MOST_TRANSFERS) -> Walked:
    """What `account` paid within the hops of the state's terms: at most `most` transfers, the earliest."""
    place = np.zeros(len(log.ends), np.int64)
    sequence, met, seen, cut = gather_forward(
        state, log.entries, log.ends, place, account, most, max(1, most // ONE_IN)
    )
    sequence = np.unique(sequence)
    wanted = np.array([c for c in range(CATEGORIES) if (seen >> c) & 1], np.int64)
    payer, payee, kept, first, keys, amounts = follow(state, log.entries, log.balances, sequence, place, met, wanted)
    return Walked(sequence, payer, payee, kept, first, keys, amounts, bool(cut), onward=True)


def arrived(walked: Walked) -> Mapping[Piece, int]:
    """micro-USD that arrived, by category and hops."""
    found: dict[Piece, int] = {}
    there = walked.keys >= ARRIVED
    for key, amount in zip((walked.keys[there] - ARRIVED).tolist(), walked.amounts[there].tolist(), strict=True):
        piece = (LABEL_CATEGORIES[key % HOP_UNIT], key // HOP_UNIT)
        found[piece] = found.get(piece, 0) + amount
    return dict(sorted(found.items()))


@njit
def gather_forward(
    state: State, entries: Int64s, ends: Int64s, place: Int64s, account: int, most: int, each: int
) -> tuple[Int64s, int, int, bool]:
    """Numbers of what `account` paid, and of what those paid whom it reached, some twice.

    Fills place int64[accounts] as `walk.gather_back` does. Returns how many accounts, and the label bits met, too.
    """
    nowhere = len(entries)
    queue = np.empty((most + 1, 4), np.int64)  # account, transfer to begin with, where it was walked already, hops away
    walked_from = np.empty(most + 2, np.int64)  # by local number
    found = np.empty(most, np.int64)
    queue[0, 0], queue[0, 1], queue[0, 2], queue[0, 3] = account, ends[account, OLDEST], nowhere, 0
    place[account], walked_from[ASKED] = ASKED, ends[account, OLDEST]
    head, tail, count, met, seen, cut = 0, 1, 0, ASKED, 0, False
    while head < tail:
        subject, at, until, hops = queue[head, 0], queue[head, 1], queue[head, 2], queue[head, 3]
        head += 1
        full = min(most, count + each)
        while at >= 0 and at < until:
            if entries[at, SENDER] != subject:
                at = entries[at, AFTER_SENDER + 1]
                continue
            if count >= full:
                cut = True
                break
            found[count] = at
            count += 1
            payee, after = entries[at, RECEIVER], entries[at, AFTER_SENDER + 1]
            bits = bits_of_account(state, payee, entries[at, AT])
            seen |= bits
            passes = hops + 1 < state.terms[HOPS] and entries[at, USD] >= state.terms[DUST] and after >= 0
            if passes and bits & state.terms[SINKS] == 0:
                if place[payee] == 0:
                    met += 1
                    place[payee], walked_from[met] = met, nowhere
                if after < walked_from[place[payee]]:
                    queue[tail, 0], queue[tail, 1], queue[tail, 2] = payee, after, walked_from[place[payee]]
                    queue[tail, 3] = hops + 1
                    walked_from[place[payee]] = after
                    tail += 1
            at = entries[at, AFTER_SENDER]
    return found[:count].copy(), met, seen, cut


@njit
def follow(
    state: State,
    entries: Int64s,
    balances: Int64s,
    sequence: Int64s,
    place: Int64s,
    met: int,
    wanted: Int64s,
) -> tuple[Int64s, Int64s, Floats, Int64s, Int64s, Int64s]:
    """The account's money through the pools, for the categories `wanted`; see `walk.Walked`."""
    n, hops, dust = len(sequence), state.terms[HOPS], state.terms[DUST]
    held = np.zeros((met + 1, len(wanted), hops + 1), np.int64)
    payer, payee, kept = np.zeros(n, np.int64), np.zeros(n, np.int64), np.ones(n, np.float64)
    first, most = np.zeros(n + 1, np.int64), len(wanted) * hops
    keys, amounts = np.zeros(2 * n + most, np.int64), np.zeros(2 * n + most, np.int64)
    for i in range(n):
        entry, balance, row = entries[sequence[i]], balances[sequence[i]], first[i]
        first[i + 1] = row
        payer[i], payee[i] = place[entry[SENDER]], place[entry[RECEIVER]]
        if entry[USD] < 0:
            continue
        if row + most > len(keys):
            keys, amounts = np.concatenate((keys, keys)), np.concatenate((amounts, amounts))
        taken = min(entry[USD], balance)
        if taken > 0:
            kept[i] = np.float64(balance - taken) / np.float64(balance)
        sends = bits_of_account(state, entry[SENDER], entry[AT]) & state.terms[SINKS] == 0
        bits = bits_of_account(state, entry[RECEIVER], entry[AT])
        keeps = bits & state.terms[SINKS] == 0 and payee[i] > ASKED
        for c in range(len(wanted)):
            for hop in range(hops):
                moved: Any = np.int64(0)
                if payer[i] == ASKED:
                    moved = entry[USD] if hop == 0 else 0
                elif held[payer[i], c, hop] > 0 and taken > 0:
                    moved, rest = parted(held[payer[i], c, hop], taken, balance)
                    held[payer[i], c, hop] -= moved + (1 if rest > 0 else 0)
                    moved = moved if sends else 0
                if moved < dust:
                    continue
                arrives = (bits >> wanted[c]) & 1 == 1
                keys[row] = (hop + 1) * HOP_UNIT + wanted[c] + (ARRIVED if arrives else 0)
                amounts[row] = moved
                row += 1
                if keeps and not arrives and hop + 1 < hops:
                    held[payee[i], c, hop + 1] += moved
        first[i + 1] = row
    return payer, payee, kept, first, keys[: first[n]].copy(), amounts[: first[n]].copy()
