"""One advert after the other: forget the old, find its campaign by rare phrases, post its own.

A phrase that four campaigns use already is common and says nothing, so rarity is counted in campaigns, not in
adverts: the thousandth copy of one text still finds it. Adverts that share rare phrases are candidates; one
is a copy when enough of the words stand in both in the same order (`alike`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manumit.detectors.campaigns.alike import Comparison, learn, likeness, new_comparison
from manumit.detectors.campaigns.letters import Table
from manumit.detectors.campaigns.phrases import (
    MOST_PHRASES,
    Codes,
    Hashes,
    Sample,
    Scratch,
    mixed,
    new_scratch,
    read,
)
from manumit.detectors.campaigns.postings import post, users, withdrawn
from manumit.detectors.campaigns.state import (
    ADVERTS,
    LIVE,
    NEXT_CAMPAIGN,
    NODES,
    PREVIOUS_BITS,
    SAID,
    TAIL,
    WORDS,
    State,
    has_room,
    root,
)
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Int64s

COMMON = 4  # ours: campaigns that make a phrase common
LEAST_SHARED = 2  # ours: rare phrases that make a candidate,
SHARED_IN = 16  # ours: and at least one in so many of the advert's
MOST_COMPARED = 12  # ours: candidates compared, those with most shared phrases first
LIKE = 0.34  # ours: share of the shorter advert's words in the same order
LEAST_PHRASES = 6  # ours: a shorter text is what everybody writes
LARGE = 100  # ours: two campaigns as large are not merged by one advert between them
MOST_CANDIDATES = (MOST_PHRASES + 2) * COMMON
MAP_SLOTS = 1024


class Found(NamedTuple):
    """For each advert of a batch: int64[n] number of its `campaign`, `size` with itself, `first_us` of the campaign;
    `merges` int64[m, 3] = row, campaign that stays, campaign that ends in it; `progress` int64[2] = rows, merges done.
    """

    campaign: Int64s
    size: Int64s
    first_us: Int64s
    merges: Int64s
    progress: Int64s


class Work(NamedTuple):
    """Room for one advert at a time. `candidates` int64[MOST_CANDIDATES, 2] = advert, votes; `map` int64[MAP_SLOTS]
    = advert + 1 << 16 | its candidate, `used` int64[1]."""

    scratch: Scratch
    comparison: Comparison
    nearby: Int64s
    candidates: Int64s
    map: Int64s
    used: Int64s


def new_found(rows: int) -> Found:
    return Found(
        campaign=np.zeros(rows, np.int64),
        size=np.zeros(rows, np.int64),
        first_us=np.zeros(rows, np.int64),
        merges=np.zeros((rows + MOST_COMPARED, 3), np.int64),
        progress=np.zeros(2, np.int64),
    )


def new_work() -> Work:
    return Work(
        scratch=new_scratch(),
        comparison=new_comparison(),
        nearby=np.zeros(COMMON, np.int64),
        candidates=np.zeros((MOST_CANDIDATES, 2), np.int64),
        map=np.zeros(MAP_SLOTS, np.int64),
        used=np.zeros(1, np.int64),
    )


@njit
def take(
    table: Table, state: State, work: Work, codes: Codes, offsets: Int64s, at_us: Int64s, window_us: int, found: Found
) -> None:
    """Goes on from found.progress; stops early when state has no room or `merges` may overflow."""
    for row in range(found.progress[0], len(at_us)):
        if not has_room(state) or found.progress[1] + MOST_COMPARED > len(found.merges):
            return
        forget(state, at_us[row] - window_us)
        read(table, codes, offsets[row], offsets[row + 1], work.scratch)
        phrases = work.scratch.phrases
        number = phrases.level[0]
        node = -1
        if number >= LEAST_PHRASES:
            phrases.kept[number] = _whole(phrases.kept, number)
            node = _joined(state, phrases.kept, number + 1, work, row, found)
        advert = _added(state, node, at_us[row], work.scratch.words)
        if number >= LEAST_PHRASES:
            post(state, phrases.kept, number + 1, advert, COMMON)
        state.first_said[advert + 1] = state.counts[SAID]
        top = root(state.parent, state.node[advert])
        found.campaign[row], found.size[row] = state.campaign[top], state.live[top]
        found.first_us[row] = state.first_us[top]
        found.progress[0] = row + 1


@njit
def forget(state: State, until_us: int) -> None:
    """Remove every advert of `until_us` and before."""
    counts = state.counts
    while counts[TAIL] < counts[ADVERTS] and state.at_us[counts[TAIL]] <= until_us:
        if state.node[counts[TAIL]] >= 0:
            remove(state, counts[TAIL])
        counts[TAIL] += 1


@njit
def remove(state: State, advert: int) -> None:
    """Take one live advert out: of its campaign's count, and of the postings, where the one before it returns."""
    state.live[root(state.parent, state.node[advert])] -= 1
    state.node[advert] = -1
    state.counts[LIVE] -= 1
    withdrawn(state, advert)


@njit
def _whole(kept: Hashes, number: int) -> np.uint64:
    """A phrase of its own for the text as a whole, whatever the order of its parts."""
    total = np.uint64(0)
    for i in range(number):
        total += kept[i]
    return mixed(total)


@njit
def _joined(state: State, kept: Hashes, number: int, work: Work, row: int, found: Found) -> int:
    """The node of the campaign this text belongs to, after merging what it joins; -1 for none."""
    _vote(state, kept, number, work)
    learn(work.scratch.words, work.comparison)
    joined, least = -1, max(LEAST_SHARED, (number - 1) // SHARED_IN)
    for _ in range(MOST_COMPARED):
        advert = _next_candidate(work.candidates, work.used[0], least)
        if advert < 0:
            break
        top = root(state.parent, state.node[advert])
        if top == joined or likeness(state, advert, work.comparison, work.scratch.words) < LIKE:
            continue
        joined = top if joined < 0 else _merged(state, joined, top, row, found)
    return joined


@njit
def _vote(state: State, kept: Hashes, number: int, work: Work) -> None:
    """Candidates: the adverts posted for this text's rare phrases, with how many of them."""
    nearby, candidates, places = work.nearby, work.candidates, work.map
    postings, node, parent = state.postings, state.node, state.parent
    places[:] = 0
    count = 0
    for i in range(number):
        whole = i == number - 1
        campaigns = users(postings, node, parent, kept[i] >> PREVIOUS_BITS, nearby)
        if campaigns >= COMMON and not whole:
            continue
        for k in range(campaigns):
            place = _candidate(places, candidates, count, nearby[k])
            count += place == count
            candidates[place, 1] += 2 * MOST_PHRASES if whole else 1
    work.used[0] = count


@njit
def _candidate(places: Int64s, candidates: Int64s, count: int, advert: int) -> int:
    """Its place among the candidates, `count` when it is new."""
    at = advert * 0x9E3779B1 % MAP_SLOTS
    while places[at]:
        if places[at] >> 16 == advert + 1:
            return places[at] & 0xFFFF
        at = (at + 1) % MAP_SLOTS
    places[at] = (advert + 1) << 16 | count
    candidates[count, 0], candidates[count, 1] = advert, 0
    return count


@njit
def _next_candidate(candidates: Int64s, count: int, least: int) -> int:
    """The advert with most votes left, of equals the newest, and its votes spent; -1 when none has enough."""
    best, most, newest = -1, least - 1, -1
    for place in range(count):
        advert, votes = candidates[place, 0], candidates[place, 1]
        if votes > most or (votes == most and best >= 0 and advert > newest):
            best, most, newest = place, votes, advert
    if best >= 0:
        candidates[best, 1] = 0
    return newest


@njit
def _merged(state: State, one: int, other: int, row: int, found: Found) -> int:
    """The older of two campaigns with the other's adverts, or `one` alone when both are large."""
    if min(state.live[one], state.live[other]) >= LARGE:
        return one
    stays, ends = (one, other) if state.campaign[one] < state.campaign[other] else (other, one)
    state.parent[ends] = stays
    state.live[stays] += state.live[ends]
    merge = found.merges[found.progress[1]]
    merge[0], merge[1], merge[2] = row, state.campaign[stays], state.campaign[ends]
    found.progress[1] += 1
    return stays


@njit
def _added(state: State, node: int, at_us: int, words: Sample) -> int:
    """A new live advert in the campaign of `node`, or in a new one."""
    counts = state.counts
    advert = counts[ADVERTS]
    if node < 0:
        node = counts[NODES]
        counts[NODES] += 1
        state.parent[node], state.campaign[node] = node, counts[NEXT_CAMPAIGN]
        state.first_us[node], state.live[node] = at_us, 0
        counts[NEXT_CAMPAIGN] += 1
    state.live[node] += 1
    state.node[advert], state.at_us[advert] = node, at_us
    state.first_said[advert] = counts[SAID]
    state.level[advert] = words.level[1]
    for i in range(words.level[0]):
        state.words[counts[WORDS] + i] = np.uint32(words.kept[i])
    counts[WORDS] += words.level[0]
    counts[ADVERTS] += 1
    counts[LIVE] += 1
    state.first_word[advert + 1] = counts[WORDS]
    return advert
