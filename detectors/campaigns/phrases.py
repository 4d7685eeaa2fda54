"""An advert as hashes: its phrases, to find others by, and its words, to compare with them. In any script.

A phrase is three words; where words are not parted by spaces, five ideographs or ten characters. A word is
there a run of two ideographs or four characters. Each is kept once, in order of first sight; of a long advert
only those whose hash ends in n zero bits, n the least that leaves 64 phrases and 128 words: nested samples, so
two copies of unequal length still keep the same ones (Broder's sketches modulo 2^n).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from manumit.detectors.campaigns.letters import (
    BREAK,
    CLASS_SHIFT,
    IDEOGRAPH,
    IGNORED,
    LAST_IDEOGRAPH,
    TABLE_SIZE,
    UNSPACED,
    WORD,
    Table,
)
from manumit.detectors.windows.interner import inlined, njit
from manumit.schemas.block import Int64s

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

WORDS_IN_PHRASE = 3
IDEOGRAPHS_IN_PHRASE = 5
CHARACTERS_IN_PHRASE = 10
IDEOGRAPHS_IN_WORD = 2
CHARACTERS_IN_WORD = 4
MOST_PHRASES = 64
MOST_WORDS = 128  # two machine words have a bit for each in a comparison
SLOTS = 512  # of the small set that keeps them distinct
LONGEST_TEXT = 20_000  # characters: as for the text flags
RING = 16

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
FNV_START = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)
MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
SHIFT = np.uint64(33)
SET_SHIFT = np.uint64(40)
LETTER = np.uint32(0xFFFFFF)
ZERO, ONE = np.uint64(0), np.uint64(1)


def _power(base: int, exponent: int) -> np.uint64:
    return np.uint64(pow(base, exponent, 1 << 64))


OLDEST_IDEOGRAPH = _power(int(MULTIPLIER), IDEOGRAPHS_IN_PHRASE)
OLDEST_CHARACTER = _power(int(MULTIPLIER), CHARACTERS_IN_PHRASE)


class Sample(NamedTuple):
    """`kept` uint64[most + 1]; `slots` uint64[SLOTS], to keep them distinct; `level` int64[2] = how many are kept,
    how many zero bits they end in."""

    kept: Hashes
    slots: Hashes
    level: Int64s


class Scratch(NamedTuple):
    """`raw` uint64[2, LONGEST_TEXT + 1]: phrases, words as they come; `ring` uint64[2, RING]: the last characters of
    scripts without spaces."""

    phrases: Sample
    words: Sample
    raw: Hashes
    ring: Hashes


def new_sample(most: int) -> Sample:
    return Sample(kept=np.zeros(most + 1, np.uint64), slots=np.zeros(SLOTS, np.uint64), level=np.zeros(2, np.int64))


def new_scratch() -> Scratch:
    return Scratch(
        phrases=new_sample(MOST_PHRASES),
        words=new_sample(MOST_WORDS),
        raw=np.zeros((2, LONGEST_TEXT + 1), np.uint64),
        ring=np.zeros((2, RING), np.uint64),
    )


def packed(texts: Sequence[str]) -> tuple[Codes, Int64s]:
    """All texts as code points, and the n + 1 offsets of them. Lone surrogates pass."""
    cut = [text[:LONGEST_TEXT] for text in texts]
    codes = np.frombuffer("".join(cut).encode("utf-32-le", "surrogatepass"), np.uint32)
    offsets = np.zeros(len(cut) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, cut), np.int64, len(cut)), out=offsets[1:])
    return codes, offsets


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """MurmurHash3's finaliser: every bit of the input reaches every bit of the output; never 0."""
    value ^= value >> SHIFT
    value *= MIX_1
    value ^= value >> SHIFT
    value *= MIX_2
    value ^= value >> SHIFT
    return value | (ONE << np.uint64(63))


@njit
def read(table: Table, codes: Codes, start: int, stop: int, scratch: Scratch) -> None:
    """Fills both samples of `scratch` from codes[start:stop]."""
    said, words = _parts(table, codes, start, stop, scratch.raw[0], scratch.raw[1], scratch.ring)
    keep(scratch.raw[0], said, scratch.phrases)
    keep(scratch.raw[1], words, scratch.words)


@njit
def _parts(
    table: Table, codes: Codes, start: int, stop: int, phrases: Hashes, words: Hashes, ring: Hashes
) -> tuple[int, int]:
    """Every phrase and every word as it comes; returns how many of each."""
    word, before, before_that = FNV_START, ZERO, ZERO
    found, worded, spoken, in_word = 0, 0, 0, False
    runs_0, runs_1, rolling_0, rolling_1 = 0, 0, ZERO, ZERO
    for at in range(start, stop + 1):
        kind, letter = np.uint32(BREAK), ZERO
        if at < stop:
            entry = table[codes[at]] if codes[at] < TABLE_SIZE else _beyond(codes[at])
            kind, letter = entry >> np.uint32(CLASS_SHIFT), np.uint64(entry & LETTER)
        if kind == WORD:
            word = (word ^ letter) * FNV_PRIME
            in_word = True
            continue
        if kind == IGNORED:
            continue
        if in_word:
            words[worded] = mixed(word)
            worded, spoken = worded + 1, spoken + 1
            if spoken >= WORDS_IN_PHRASE:
                phrases[found] = mixed((before_that * MULTIPLIER + before) * MULTIPLIER + word)
                found += 1
            before_that, before, word, in_word = before, word, FNV_START, False
        if kind == IDEOGRAPH:
            rolling_0 = _rolled(ring, 0, runs_0, rolling_0, letter, IDEOGRAPHS_IN_PHRASE, OLDEST_IDEOGRAPH)
            runs_0 += 1
            if runs_0 >= IDEOGRAPHS_IN_PHRASE:
                phrases[found] = mixed(rolling_0 ^ ONE)
                found += 1
            if runs_0 >= IDEOGRAPHS_IN_WORD:
                words[worded] = _last(ring, 0, runs_0, IDEOGRAPHS_IN_WORD)
                worded += 1
        if kind == UNSPACED:
            rolling_1 = _rolled(ring, 1, runs_1, rolling_1, letter, CHARACTERS_IN_PHRASE, OLDEST_CHARACTER)
            runs_1 += 1
            if runs_1 >= CHARACTERS_IN_PHRASE:
                phrases[found] = mixed(rolling_1)
                found += 1
            if runs_1 >= CHARACTERS_IN_WORD:
                words[worded] = _last(ring, 1, runs_1, CHARACTERS_IN_WORD)
                worded += 1
    return found, worded


@inlined
def _beyond(code: np.uint32) -> np.uint32:
    return np.uint32(IDEOGRAPH << CLASS_SHIFT) | code if code <= LAST_IDEOGRAPH else np.uint32(BREAK << CLASS_SHIFT)


@inlined
def _rolled(
    ring: Hashes, side: int, run: int, rolling: np.uint64, letter: np.uint64, length: int, oldest: np.uint64
) -> np.uint64:
    """The hash of the last `length` characters with one more of them."""
    rolling = rolling * MULTIPLIER + letter
    if run >= length:
        rolling -= ring[side, (run - length) % RING] * oldest
    ring[side, run % RING] = letter
    return rolling


@inlined
def _last(ring: Hashes, side: int, run: int, length: int) -> np.uint64:
    word = ZERO
    for back in range(1, length + 1):
        word = word * MULTIPLIER + ring[side, (run - back) % RING]
    return mixed(word)


@njit
def keep(raw: Hashes, number: int, sample: Sample) -> None:
    """The sample of raw[:number], each value once, fewer than `kept` has room for."""
    kept, slots = sample.kept, sample.slots
    slots[:] = ZERO
    count, level, out = 0, 0, ZERO
    for i in range(number):
        value = raw[i]
        if value & out:
            continue
        at = (value >> SET_SHIFT) % np.uint64(SLOTS)
        while slots[at] and slots[at] != value:
            at = (at + ONE) % np.uint64(SLOTS)
        if slots[at]:
            continue
        slots[at], kept[count] = value, value
        count += 1
        while count == len(kept):
            level += 1
            out = (ONE << np.uint64(level)) - ONE
            count = _thinned(kept, slots, count, out)
    sample.level[0], sample.level[1] = count, level


@njit
def _thinned(kept: Hashes, slots: Hashes, count: int, out: np.uint64) -> int:
    """Keep only what has no bit of `out`; returns how many are left."""
    left = 0
    slots[:] = ZERO
    for i in range(count):
        value = kept[i]
        if value & out:
            continue
        kept[left] = value
        left += 1
        at = (value >> SET_SHIFT) % np.uint64(SLOTS)
        while slots[at]:
            at = (at + ONE) % np.uint64(SLOTS)
        slots[at] = value
    return left
