"""How alike two adverts are: the longest common subsequence of their words, as a share of the shorter one's.

Bit-parallel, after Hyyrö, "Bit-parallel LCS-length computation revisited" (2004): two machine words hold a row
of the table, because an advert keeps at most 128 words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from manumit.detectors.campaigns.phrases import ONE, ZERO, Codes, Sample
from manumit.detectors.campaigns.state import State
from manumit.detectors.windows.interner import njit

Places = npt.NDArray[np.int16]

PLACES = 512
LEAST_WORDS = 6  # ours: fewer words in common samples say nothing
HIGH = np.uint32(20)


class Comparison(NamedTuple):
    """The words of one advert: `words` uint32[PLACES] hashed, `at` int16[PLACES] = 1 + the bit of each, 0: free."""

    words: Codes
    at: Places


def new_comparison() -> Comparison:
    return Comparison(words=np.zeros(PLACES, np.uint32), at=np.zeros(PLACES, np.int16))


@njit
def learn(words: Sample, comparison: Comparison) -> None:
    """Make `comparison` that of these words."""
    names, at = comparison.words, comparison.at
    at[:] = 0
    for i in range(words.level[0]):
        word = np.uint32(words.kept[i])
        place = np.int64(word >> HIGH) % PLACES
        while at[place]:
            place = (place + 1) % PLACES
        names[place], at[place] = word, i + 1


@njit
def likeness(state: State, advert: int, comparison: Comparison, words: Sample) -> float:
    """Between the advert learnt from `words` and another, over the words that both samples could hold."""
    level = max(np.int64(state.level[advert]), words.level[1])
    out = np.uint32((1 << level) - 1)
    count = 0
    for i in range(words.level[0]):
        count += not np.uint32(words.kept[i]) & out
    start, stop = state.first_word[advert], state.first_word[advert + 1]
    length, others = _common(state.words[start:stop], out, comparison.words, comparison.at)
    shorter = min(count, others)
    return length / shorter if shorter >= LEAST_WORDS else 0.0


@njit
def _common(others: Codes, out: np.uint32, names: Codes, at: Places) -> tuple[int, int]:
    """Length of the longest common subsequence, and how many of the other words count."""
    low, high, counted = ~ZERO, ~ZERO, 0
    for word in others:
        if word & out:
            continue
        counted += 1
        place = np.int64(word >> HIGH) % PLACES
        while at[place] and names[place] != word:
            place = (place + 1) % PLACES
        if not at[place]:
            continue
        bit = ONE << np.uint64((at[place] - 1) % 64)
        if at[place] <= 64:
            both = low & bit
            added = low + both
            carry = ONE if added < low else ZERO
            low, high = added | (low - both), (high + carry) | high
        else:
            both = high & bit
            high = (high + both) | (high - both)
    return _zeros(low) + _zeros(high), counted


@njit
def _zeros(value: np.uint64) -> int:
    count, value = 0, ~value
    while value:
        value &= value - ONE
        count += 1
    return count
