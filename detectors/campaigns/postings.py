"""The table of phrases: which adverts, one for each campaign, use a phrase.

Open addressing, linear probing; several entries may hold one phrase. Nothing that is read from it depends on
how entries lie in it, so it may be built anew at any moment.
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.campaigns.phrases import ONE, Hashes
from manumit.detectors.campaigns.state import (
    EMPTY,
    ENTRIES,
    GONE,
    LOW,
    NOT_POSTED,
    PREVIOUS_BITS,
    REMOVED,
    SAID,
    TAIL,
    State,
    root,
)
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Int32s, Int64s


@njit
def users(postings: Hashes, node: Int32s, parent: Int32s, phrase: np.uint64, nearby: Int64s) -> int:
    """How many campaigns use a phrase; the newest advert of each in nearby[:n]."""
    mask = np.uint64(len(postings) - 1)
    at, found = phrase & mask, 0
    while postings[at] != EMPTY:
        entry = postings[at]
        if entry >> PREVIOUS_BITS == phrase:
            advert = np.int64(entry & LOW)
            top, known = root(parent, node[advert]), False
            for k in range(found):
                if root(parent, node[nearby[k]]) == top:
                    nearby[k], known = max(nearby[k], advert), True
            if not known:
                nearby[found] = advert
                found += 1
        at = (at + ONE) & mask
    return found


@njit
def post(state: State, kept: Hashes, number: int, advert: int, common: int) -> None:
    """Put the advert where its campaign stood for each phrase, or beside fewer than `common` others."""
    postings, said, counts, parent, node = state.postings, state.said, state.counts, state.parent, state.node
    mine = root(parent, node[advert])
    for i in range(number):
        phrase = kept[i] >> PREVIOUS_BITS
        own, others, place = _place(postings, node, parent, phrase, mine)
        before = NOT_POSTED
        if own >= 0:
            before = np.uint64(own + 1)
        elif others < common:
            before = np.uint64(0)
        if before != NOT_POSTED:
            counts[GONE] -= postings[place] == REMOVED
            counts[ENTRIES] += own < 0
            postings[place] = phrase << PREVIOUS_BITS | np.uint64(advert)
        said[counts[SAID]] = phrase << PREVIOUS_BITS | before
        counts[SAID] += 1


@njit
def _place(postings: Hashes, node: Int32s, parent: Int32s, phrase: np.uint64, mine: int) -> tuple[int, int, int]:
    """The newest advert of campaign `mine` posted for a phrase (-1: none), how many entries others have, and where
    to write: that advert's place, or the first free one."""
    mask = np.uint64(len(postings) - 1)
    at = phrase & mask
    own, others, free, place = np.int64(-1), 0, np.int64(-1), np.int64(-1)
    while postings[at] != EMPTY:
        entry = postings[at]
        if entry == REMOVED:
            free = np.int64(at) if free < 0 else free
        elif entry >> PREVIOUS_BITS == phrase:
            advert = np.int64(entry & LOW)
            if root(parent, node[advert]) != mine:
                others += 1
            elif advert > own:
                own, place = advert, np.int64(at)
        at = (at + ONE) & mask
    if place < 0:
        place = np.int64(at) if free < 0 else free
    return own, others, place


@njit
def withdrawn(state: State, advert: int) -> None:
    """Take a removed advert off its phrases; where it stood, the newest live one of its chain before it returns."""
    mask = np.uint64(len(state.postings) - 1)
    for i in range(state.first_said[advert], state.first_said[advert + 1]):
        phrase, before = state.said[i] >> PREVIOUS_BITS, state.said[i] & LOW
        wanted = phrase << PREVIOUS_BITS | np.uint64(advert)
        at = phrase & mask
        while before != NOT_POSTED and state.postings[at] != EMPTY and state.postings[at] != wanted:
            at = (at + ONE) & mask
        if before == NOT_POSTED or state.postings[at] == EMPTY:
            continue
        earlier = _living(state, phrase, before)
        if earlier >= 0:
            state.postings[at] = phrase << PREVIOUS_BITS | np.uint64(earlier)
            continue
        state.postings[at] = REMOVED
        state.counts[ENTRIES] -= 1
        state.counts[GONE] += 1


@njit
def _living(state: State, phrase: np.uint64, before: np.uint64) -> int:
    """The newest live advert of the chain that `before` begins, -1 for none."""
    while before:
        advert = np.int64(before) - 1
        if advert < state.counts[TAIL]:
            return -1
        if state.node[advert] >= 0:
            return advert
        before = np.uint64(0)
        for i in range(state.first_said[advert], state.first_said[advert + 1]):
            if state.said[i] >> PREVIOUS_BITS == phrase:
                before = state.said[i] & LOW
    return -1
