"""The definition of campaigns in plain Python: what the compiled index must say, advert for advert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from manumit.detectors.campaigns.alike import LEAST_WORDS
from manumit.detectors.campaigns.kernel import (
    COMMON,
    LARGE,
    LEAST_PHRASES,
    LEAST_SHARED,
    LIKE,
    MOST_COMPARED,
    SHARED_IN,
)
from manumit.detectors.campaigns.letters import (
    BREAK,
    CLASS_SHIFT,
    IDEOGRAPH,
    IGNORED,
    LAST_IDEOGRAPH,
    TABLE_SIZE,
    WORD,
    letter_table,
)
from manumit.detectors.campaigns.phrases import (
    CHARACTERS_IN_PHRASE,
    CHARACTERS_IN_WORD,
    FNV_PRIME,
    FNV_START,
    IDEOGRAPHS_IN_PHRASE,
    IDEOGRAPHS_IN_WORD,
    LONGEST_TEXT,
    MIX_1,
    MIX_2,
    MOST_PHRASES,
    MOST_WORDS,
    MULTIPLIER,
    WORDS_IN_PHRASE,
)
from manumit.detectors.campaigns.state import ADVERT_BITS

ALL = 2**64 - 1
RUNS = ((IDEOGRAPHS_IN_PHRASE, IDEOGRAPHS_IN_WORD, 1), (CHARACTERS_IN_PHRASE, CHARACTERS_IN_WORD, 0))


def mixed(value: int) -> int:
    value ^= value >> 33
    value = value * int(MIX_1) & ALL
    value ^= value >> 33
    value = value * int(MIX_2) & ALL
    return value ^ value >> 33 | 1 << 63


def rolled(parts: Sequence[int]) -> int:
    total = 0
    for part in parts:
        total = (total * int(MULTIPLIER) + part) & ALL
    return total


def sampled(raw: Sequence[int], most: int) -> tuple[list[int], int]:
    """Each value once, those that end in the fewest zero bits that leave `most`; and how many bits."""
    distinct, level = list(dict.fromkeys(raw)), 0
    while len(distinct) > most:
        level += 1
        distinct = [value for value in distinct if value % 2**level == 0]
    return distinct, level


def parts(text: str) -> tuple[list[int], list[int]]:
    """Every phrase and every word as it comes."""
    table = letter_table()
    phrases: list[int] = []
    words: list[int] = []
    spoken: list[int] = []
    runs: tuple[list[int], list[int]] = ([], [])
    word: list[int] = []
    for character in [*text[:LONGEST_TEXT], " "]:
        code = ord(character)
        beyond = (IDEOGRAPH if code <= LAST_IDEOGRAPH else BREAK) << CLASS_SHIFT | code
        entry = int(table[code]) if code < TABLE_SIZE else beyond
        kind, letter = entry >> CLASS_SHIFT, entry & 0xFFFFFF
        if kind == WORD:
            word.append(letter)
        elif kind != IGNORED and word:
            spoken.append(fnv(word))
            words.append(mixed(spoken[-1]))
            phrases += [mixed(rolled(spoken[-WORDS_IN_PHRASE:]))] if len(spoken) >= WORDS_IN_PHRASE else []
            word = []
        if kind >= IDEOGRAPH:
            run, (length, short, mark) = runs[kind - IDEOGRAPH], RUNS[kind - IDEOGRAPH]
            run.append(letter)
            phrases += [mixed(rolled(run[-length:]) ^ mark)] if len(run) >= length else []
            words += [mixed(rolled(run[: -short - 1 : -1]))] if len(run) >= short else []
    return phrases, words


def fnv(letters: Sequence[int]) -> int:
    total = int(FNV_START)
    for letter in letters:
        total = (total ^ letter) * int(FNV_PRIME) & ALL
    return total


def longest_common(one: Sequence[int], other: Sequence[int]) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        diagonal = 0
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], diagonal + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


@dataclass(slots=True, kw_only=True, eq=False)
class Advert:
    """`chain[phrase]` is the advert of its campaign that stood there before; only posted phrases are in it."""

    number: int
    at_us: int
    words: list[int]
    level: int
    campaign: int = -1
    live: bool = True
    chain: dict[int, Advert | None] = field(default_factory=dict)


class OracleClusters:
    """As `Clusters`, slow and plain."""

    def __init__(self, window_us: int) -> None:
        self._window_us = window_us
        self._adverts: list[Advert] = []
        self._postings: dict[int, list[Advert]] = {}
        self._first_us: list[int] = []
        self._stays: dict[int, int] = {}
        self._latest_us = 0

    def take(self, text: str, at_us: int) -> tuple[int, int, int]:
        """(campaign, size, first_us) of one advert."""
        self._latest_us = max(at_us, self._latest_us)
        for old in self._adverts:
            if old.live and old.at_us <= self._latest_us - self._window_us:
                self.remove(old.number)
        raw, worded = parts(text)
        said, (words, level) = sampled(raw, MOST_PHRASES)[0], sampled(worded, MOST_WORDS)
        keys = [phrase >> ADVERT_BITS for phrase in said]
        keys += [mixed(sum(said) & ALL) >> ADVERT_BITS]
        advert = Advert(number=len(self._adverts), at_us=self._latest_us, words=words, level=level)
        known = len(said) >= LEAST_PHRASES
        joined = self._joined(advert, keys) if known else -1
        if joined < 0:
            joined = len(self._first_us)
            self._first_us.append(self._latest_us)
        advert.campaign = joined
        self._adverts.append(advert)
        for key in keys if known else ():
            self._post(advert, key)
        return joined, self._size(joined), self._first_us[joined]

    def remove(self, number: int) -> bool:
        advert = self._adverts[number]
        if not advert.live:
            return False
        advert.live = False
        for key, before in advert.chain.items():
            entries = self._postings[key]
            if advert in entries:
                while before is not None and not before.live:
                    before = before.chain.get(key)
                entries.remove(advert)
                entries += [before] if before is not None else []
        return True

    def _root(self, advert: Advert) -> int:
        campaign = advert.campaign
        while campaign in self._stays:
            campaign = self._stays[campaign]
        return campaign

    def _size(self, campaign: int) -> int:
        return sum(one.live and self._root(one) == campaign for one in self._adverts)

    def _joined(self, advert: Advert, keys: Sequence[int]) -> int:
        votes: dict[int, int] = {}
        for i, key in enumerate(keys):
            newest: dict[int, int] = {}
            for one in self._postings.get(key, []):
                newest[self._root(one)] = max(one.number, newest.get(self._root(one), -1))
            whole = i == len(keys) - 1
            for number in newest.values() if whole or len(newest) < COMMON else ():
                votes[number] = votes.get(number, 0) + (2 * MOST_PHRASES if whole else 1)
        least = max(LEAST_SHARED, (len(keys) - 1) // SHARED_IN)
        ranked = sorted(((count, number) for number, count in votes.items() if count >= least), reverse=True)
        joined = -1
        for _, number in ranked[:MOST_COMPARED]:
            top = self._root(self._adverts[number])
            if top != joined and likeness(advert, self._adverts[number]) >= LIKE:
                joined = top if joined < 0 else self._merged(joined, top)
        return joined

    def _merged(self, one: int, other: int) -> int:
        if min(self._size(one), self._size(other)) >= LARGE:
            return one
        self._stays[max(one, other)] = min(one, other)
        return min(one, other)

    def _post(self, advert: Advert, key: int) -> None:
        entries = self._postings.setdefault(key, [])
        own = [one for one in entries if self._root(one) == advert.campaign]
        before = max(own, key=lambda one: one.number, default=None)
        if before is None and len(entries) >= COMMON:
            return
        advert.chain[key] = before
        if before is not None:
            entries.remove(before)
        entries.append(advert)


def likeness(one: Advert, other: Advert) -> float:
    level = max(one.level, other.level)
    mine = [word % 2**32 for word in one.words if word % 2**level == 0]
    others = [word % 2**32 for word in other.words if word % 2**level == 0]
    shorter = min(len(mine), len(others))
    return longest_common(mine, others) / shorter if shorter >= LEAST_WORDS else 0.0
