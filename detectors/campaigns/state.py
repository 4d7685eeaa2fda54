"""What the campaign index remembers, as flat arrays, and how they grow, shrink and are written down.

Adverts stand in order of arrival; `counts[TAIL]` is the oldest that may still live. The posting table holds
for each phrase the newest live advert of each campaign that uses it; an advert's own phrases lie in one piece
of `said`, each with the advert of its campaign that stood in the table before it.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from manumit.detectors.campaigns.phrases import MOST_PHRASES, MOST_WORDS, Codes, Hashes
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Bytes, Int32s, Int64s
from manumit.schemas.errors import Broken

ADVERT_BITS = 26
LARGEST_INDEX = 2**ADVERT_BITS - 2
SAID_EACH = MOST_PHRASES + 1  # and the whole text's own
LOAD = 0.6  # of the posting table, removed entries included

ADVERTS, SAID, TAIL, ENTRIES, GONE, NODES, NEXT_CAMPAIGN, LIVE, WORDS = range(9)
COUNTS = 9

LOW = np.uint64(LARGEST_INDEX + 1)  # 26 ones
PREVIOUS_BITS = np.uint64(ADVERT_BITS)
NOT_POSTED = LOW
EMPTY, REMOVED = np.uint64(0), np.uint64(1)


class State(NamedTuple):
    """`postings` uint64[2^k] = phrase (38 bits) << 26 | advert, 0 empty, 1 removed; `said` uint64: phrase << 26 |
    the advert before + 1, 0 for none, all ones for a phrase that was too common to post.

    `words` uint32, each advert's in one piece. By advert: `at_us`, `first_said`, `first_word` (one more than
    adverts), `level` of its words, `node` of its campaign, -1 once removed. By node: `parent`, `campaign` its
    number, `first_us`, `live` adverts. `counts` int64[COUNTS].
    """

    postings: Hashes
    said: Hashes
    words: Codes
    at_us: Int64s
    first_said: Int64s
    first_word: Int64s
    level: Bytes
    node: Int32s
    parent: Int32s
    campaign: Int64s
    first_us: Int64s
    live: Int32s
    counts: Int64s


def new_state(adverts: int = 1024) -> State:
    said = adverts * SAID_EACH // 2
    return State(
        postings=np.zeros(_table_size(said), np.uint64),
        said=np.zeros(said, np.uint64),
        words=np.zeros(adverts * MOST_WORDS // 2, np.uint32),
        at_us=np.zeros(adverts, np.int64),
        first_said=np.zeros(adverts + 1, np.int64),
        first_word=np.zeros(adverts + 1, np.int64),
        level=np.zeros(adverts, np.uint8),
        node=np.zeros(adverts, np.int32),
        parent=np.zeros(adverts, np.int32),
        campaign=np.zeros(adverts, np.int64),
        first_us=np.zeros(adverts, np.int64),
        live=np.zeros(adverts, np.int32),
        counts=np.zeros(COUNTS, np.int64),
    )


def _table_size(entries: int) -> int:
    return 1 << max(10, int(entries / LOAD).bit_length())


@njit
def has_room(state: State) -> bool:
    """True when one more advert of any length fits."""
    counts = state.counts
    return (
        counts[ADVERTS] < len(state.at_us)
        and counts[NODES] < len(state.parent)
        and counts[SAID] + SAID_EACH <= len(state.said)
        and counts[WORDS] + MOST_WORDS <= len(state.words)
        and counts[ENTRIES] + counts[GONE] + SAID_EACH <= LOAD * len(state.postings)
    )


@njit
def root(parent: Int32s, node: int) -> int:
    """The node its campaign is known by; paths are halved on the way."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def roomier(state: State) -> State:
    """The same index without what is gone, with room for as much again. Advert i becomes i - counts[TAIL].

    Raises Broken for more adverts than an index can number.
    """
    counts = state.counts
    live_adverts = int(counts[ADVERTS] - counts[TAIL])
    said = int(counts[SAID] - state.first_said[counts[TAIL]])
    words = int(counts[WORDS] - state.first_word[counts[TAIL]])
    adverts = max(1024, _half_more(live_adverts))
    if adverts > LARGEST_INDEX:
        raise Broken(f"more than {LARGEST_INDEX:,} adverts inside one window: shorten the window or split the sources")
    grown = new_state(adverts)._replace(
        said=np.zeros(max(1024 * SAID_EACH, _half_more(said)), np.uint64),
        words=np.zeros(max(1024 * MOST_WORDS, _half_more(words)), np.uint32),
        postings=np.zeros(_table_size(_half_more(int(counts[ENTRIES]) + SAID_EACH)), np.uint64),
    )
    _moved(state, grown)
    return grown


def _half_more(count: int) -> int:
    return count + count // 2 + 1


@njit
def _moved(old: State, new: State) -> None:
    counts, tail = old.counts, old.counts[TAIL]
    first = old.first_said[tail]
    number = np.full(max(1, counts[NODES]), -1, np.int32)
    nodes = np.int32(0)
    adverts = counts[ADVERTS] - tail
    word = old.first_word[tail]
    for advert in range(adverts):
        new.first_word[advert] = old.first_word[advert + tail] - word
        new.level[advert] = old.level[advert + tail]
        new.at_us[advert] = old.at_us[advert + tail]
        new.first_said[advert] = old.first_said[advert + tail] - first
        node = old.node[advert + tail]
        if node < 0:
            new.node[advert] = -1
            continue
        top = root(old.parent, node)
        if number[top] < 0:
            number[top] = nodes
            new.parent[nodes] = nodes
            new.campaign[nodes], new.first_us[nodes] = old.campaign[top], old.first_us[top]
            new.live[nodes] = old.live[top]
            nodes += 1
        new.node[advert] = number[top]
    words = counts[WORDS] - word
    new.first_word[adverts] = words
    new.words[:words] = old.words[word : word + words]
    said = counts[SAID] - first
    new.first_said[adverts] = said
    for i in range(said):
        entry = old.said[first + i]
        before = entry & LOW
        if before != NOT_POSTED and before != 0:
            moved = np.int64(before) - tail
            entry = entry & ~LOW | np.uint64(max(0, moved))
        new.said[i] = entry
    posted(old.postings, new.postings, tail)
    new.counts[:] = counts
    new.counts[ADVERTS], new.counts[SAID], new.counts[TAIL] = adverts, said, 0
    new.counts[NODES], new.counts[GONE], new.counts[WORDS] = nodes, 0, words


@njit
def posted(entries: Hashes, postings: Hashes, tail: int) -> None:
    """Put entries, of adverts now `tail` lower, into an empty table."""
    mask = np.uint64(len(postings) - 1)
    for entry in entries:
        if entry != EMPTY and entry != REMOVED:
            moved = entry - np.uint64(tail)
            at = (moved >> PREVIOUS_BITS) & mask
            while postings[at] != EMPTY:
                at = (at + np.uint64(1)) & mask
            postings[at] = moved


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A state as bytes, without what is gone: the arrays of `State`, little-endian, cut to what is used."""

    counts: bytes
    postings: bytes
    said: bytes
    words: bytes
    at_us: bytes
    first_said: bytes
    first_word: bytes
    level: bytes
    node: bytes
    campaign: bytes
    first_us: bytes
    live: bytes


def written(state: State) -> Written:
    """The same state always gives the same bytes."""
    whole = roomier(state)
    counts = whole.counts
    adverts, nodes = int(counts[ADVERTS]), int(counts[NODES])
    return Written(
        counts=counts.tobytes(),
        postings=np.sort(whole.postings[whole.postings > REMOVED]).tobytes(),
        said=whole.said[: counts[SAID]].tobytes(),
        words=whole.words[: counts[WORDS]].tobytes(),
        at_us=whole.at_us[:adverts].tobytes(),
        first_said=whole.first_said[: adverts + 1].tobytes(),
        first_word=whole.first_word[: adverts + 1].tobytes(),
        level=whole.level[:adverts].tobytes(),
        node=whole.node[:adverts].tobytes(),
        campaign=whole.campaign[:nodes].tobytes(),
        first_us=whole.first_us[:nodes].tobytes(),
        live=whole.live[:nodes].tobytes(),
    )


def state_of(stored: Written) -> State:
    """The state that was written."""
    cut = {
        name: np.frombuffer(getattr(stored, name), part.dtype).copy()
        for name, part in new_state(1)._asdict().items()
        if name not in ("parent", "postings")
    }
    entries = np.frombuffer(stored.postings, np.uint64)
    table = np.zeros(_table_size(len(entries) + SAID_EACH), np.uint64)
    posted(entries, table, 0)
    return roomier(State(parent=np.arange(len(cut["live"]), dtype=np.int32), postings=table, **cut))
