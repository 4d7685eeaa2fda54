"""Made-up adverts with known campaigns: words that mean nothing, in five scripts, as frequent as words are.

Word frequencies fall as 1/rank; every advert also holds stock sentences that unrelated adverts share. A
campaign's copies have `slots` places that differ in each, and a share of the other words replaced, dropped or
put in. Seeds below 100 were used for choosing constants; the benchmark uses others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manumit.detectors.campaigns.clusters import Assigned

VOCABULARY = 12_000
STOCK = 400
LONE_SHARE = 0.6
COPIES = (3, 4, 5, 6, 8, 12)
SHORTEST, LONGEST = 30, 80  # words, stock sentences aside

Words = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`onsets` and `endings` make syllables; a word has up to `syllables`; `gap` stands between words."""

    name: str
    onsets: str
    endings: Sequence[str]
    syllables: int
    gap: str


LATIN = ("a", "e", "i", "o", "u", "an", "er", "is", "ou")
CYRILLIC = ("а", "е", "и", "о", "у", "ан", "ер", "ий", "ов")

SCRIPTS = (
    Script(name="Latin", onsets="bcdfghjklmnprstvwz", endings=LATIN, syllables=4, gap=" "),
    Script(name="Cyrillic", onsets="бвгджзклмнпрстфхцч", endings=CYRILLIC, syllables=4, gap=" "),
    Script(name="Arabic", onsets="بتثجحدرزسشصطعفقكلمنهي", endings=("ا", "و", "ي", "ة", ""), syllables=4, gap=" "),
    Script(
        name="Thai",
        onsets="กขคงจชซดตทนบปผพมยรลวสหอ",
        endings=("า", "ิ", "ี", "ู", "้า", "ัน", "อง", "่อ"),
        syllables=3,
        gap="",
    ),
    Script(name="Chinese", onsets="".join(map(chr, range(0x4E00, 0x4E00 + 2500))), endings=("",), syllables=3, gap=""),
)
OTHERS = (
    Script(
        name="Burmese",
        onsets="ကခဂငစဆဇညတထဒနပဖဗမယရလဝသဟအ",
        endings=("ာ", "ိ", "ု", "ေး", "န်", "တ်", "ော်"),
        syllables=3,
        gap="",
    ),
    Script(
        name="Khmer",
        onsets="កខគឃងចឆជញដឋទនបផពមយរលវសហអ",
        endings=("ា", "ិ", "ី", "ុ", "ើ", "ែ", "ោ", "ាន"),
        syllables=3,
        gap="",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`texts` in the order they are posted; `campaign` int64[n], 0 for an advert in none."""

    texts: list[str]
    campaign: Words


class Writer:
    """Writes adverts of one script."""

    def __init__(self, script: Script, seed: int) -> None:
        self._dice = np.random.default_rng([seed, *script.name.encode()])
        self._script = script
        self._words = list(dict.fromkeys(self._word() for _ in range(VOCABULARY)))
        odds = 1 / np.arange(3, len(self._words) + 3)
        self._odds = np.cumsum(odds / odds.sum())
        self._stock = [self.words(int(self._dice.integers(5, 10))) for _ in range(STOCK)]
        stock_odds = 1 / np.arange(3, STOCK + 3)
        self._stock_odds = np.cumsum(stock_odds / stock_odds.sum())

    def _word(self, least: int = 1) -> str:
        dice, script = self._dice, self._script
        count = int(dice.integers(least, script.syllables + 1))
        return "".join(
            script.onsets[dice.integers(len(script.onsets))] + script.endings[int(dice.integers(len(script.endings)))]
            for _ in range(count)
        )

    def words(self, count: int) -> list[str]:
        """Words as frequent as in a text."""
        return [self._words[i] for i in np.searchsorted(self._odds, self._dice.random(count))]

    def text(self) -> list[str]:
        """A new advert's words: its own, and up to three stock sentences among them."""
        own = self.words(int(self._dice.integers(SHORTEST, LONGEST + 1)))
        for pick in np.searchsorted(self._stock_odds, self._dice.random(self._dice.integers(4))):
            at = int(self._dice.integers(len(own)))
            own[at:at] = self._stock[pick]
        return own

    def copies(self, slots: int, edits: float) -> list[str]:
        """The adverts of one campaign."""
        template = self.text()
        places = self._dice.choice(len(template), slots, replace=False)
        return [self._copy(template, set(places.tolist()), edits) for _ in range(self._dice.choice(COPIES))]

    def _copy(self, template: Sequence[str], slots: set[int], edits: float) -> str:
        changed = self._dice.random(len(template)) < edits
        how = self._dice.integers(3, size=len(template))
        other = self.words(len(template))
        said: list[str] = []
        for i, word in enumerate(template):
            if i in slots:
                said.append(self._word(2) + self._word(2))
            elif not changed[i]:
                said.append(word)
            elif how[i]:
                said += [other[i]] if how[i] == 1 else [word, other[i]]
        return self.joined(said)

    def joined(self, words: Sequence[str]) -> str:
        return self._script.gap.join(words)


def made(script: Script, count: int, slots: int, edits: float, seed: int) -> Made:
    """`count` adverts of one script, campaigns and lone ones mixed."""
    writer = Writer(script, seed)
    dice = np.random.default_rng(seed)
    texts: list[str] = []
    campaigns: list[int] = []
    number = 0
    while len(texts) < count:
        copies = writer.copies(slots, edits)
        lone = round(len(copies) * LONE_SHARE / (1 - LONE_SHARE))
        number += 1
        campaigns += [number] * len(copies) + [0] * lone
        texts += copies + [writer.joined(writer.text()) for _ in range(lone)]
    order = dice.permutation(len(texts))[:count]
    return Made(texts=[texts[i] for i in order], campaign=np.array(campaigns, np.int64)[order])


def final(assigned: Assigned) -> Words:
    """Each advert's campaign at the end of the stream."""
    stays = {int(ends): int(kept) for _, kept, ends in assigned.merges}
    campaigns = assigned.campaign.tolist()
    for i, campaign in enumerate(campaigns):
        while campaign in stays:
            campaign = stays[campaign]
        campaigns[i] = campaign
    return np.array(campaigns, np.int64)


def pair_scores(found: Words, campaign: Words) -> tuple[float, float]:
    """Precision and recall over pairs of adverts said to be, or being, of one campaign."""
    together = _pairs(np.unique(np.stack([found, campaign])[:, campaign > 0], axis=1, return_counts=True)[1])
    said = _pairs(np.unique(found, return_counts=True)[1])
    true = _pairs(np.unique(campaign[campaign > 0], return_counts=True)[1])
    return together / max(1, said), together / max(1, true)


def _pairs(sizes: Words) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
