"""Which campaigns are written in one manner: a weak hint at one author, never more. Pure.

What a text is about is masked before it is counted: of words longer than four letters only the shape stays, of
numbers only how many digits; short words, punctuation, emoji and line breaks stay as they are. Method: text
distortion, E. Stamatatos, Authorship attribution using text distortion, EACL 2017. Of two texts the weight of
evidence for one author is the log of a Bayes factor, habit by habit: did one rate make both counts, or two rates drawn
from those of all campaigns? Rates are gamma and counts Poisson, as in F. Mosteller and D. Wallace, Inference and
Disputed Authorship: The Federalist (1964). The more others there are, the more it takes: each is as likely beforehand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import lgamma, log
from zlib import crc32

import msgspec
import numpy as np

from manumit.schemas.block import Floats, Int64s

PLACES = 512  # of a profile
LONGEST_KEPT = 4  # letters: most function words of languages with letters are no longer
FEWEST_PIECES = 40  # ours: of a shorter text the manner says nothing
MOST_PIECES = 400
MOST_COUNT = 15  # of one piece: a row of fifty emoji is one habit, not fifty
FEWEST_OTHERS = 20  # ours: without others nobody knows what is usual
COMMON = 20  # a habit is one that at least one text in twenty has: rarer is what the text is about
LEAST_VARIATION = 0.02  # ours: of a rate between authors, as a share of its square
LEAST_ODDS = 2.0  # ours: log odds of a hint; chosen on made-up adverts (seeds below 100)

PIECE = re.compile(r"[^\W\d_]+|\d+|\n+|[^\S\n]{2,}|[^\w\s]|_")


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """`counts` has PLACES bytes: how often each piece occurs among `length`, pieces told apart by a hash."""

    counts: bytes
    length: int


def profile(text: str) -> Profile | None:
    """None for a text that says too little of its manner."""
    found = pieces(text)
    if len(found) < FEWEST_PIECES:
        return None
    places = Counter(crc32(piece.encode("utf-8", "replace")) % PLACES for piece in found)
    return Profile(bytes(min(places[place], MOST_COUNT) for place in range(PLACES)), len(found))


def pieces(text: str) -> list[str]:
    """The text without what it is about, at most MOST_PIECES of it; nothing where words are not parted by spaces."""
    found: list[str] = []
    for match in PIECE.finditer(text):
        found.append(_masked(match[0]))
        if len(found) == MOST_PIECES:
            break
    return found


def _masked(piece: str) -> str:
    if piece[0].isdecimal():
        return "0" * min(len(piece), 12)
    if not piece[0].isalpha() or len(piece) <= LONGEST_KEPT:
        return piece[:LONGEST_KEPT]
    if piece.isupper():
        return "XX*"
    return "Xx*" if piece[0].isupper() else "xx*"


def weights(one: Profile, others: Sequence[Profile]) -> Floats:
    """float64[n]: log odds that `one` and each of the others have one author rather than two of those at hand.

    Beforehand each of the others is taken to be as likely as any. Below FEWEST_OTHERS nothing is known of habits.
    """
    if len(others) < FEWEST_OTHERS:
        return np.full(len(others), -np.inf)
    counts = np.array([np.frombuffer(each.counts, np.uint8) for each in (one, *others)], np.int64)
    lengths = np.array([one.length, *(other.length for other in others)], np.float64)
    shared = (counts > 0).sum(axis=0) * COMMON >= len(counts)
    counts = counts[:, shared]
    shape, rate = _habits(counts, lengths)
    gammas = _gammas(shape)
    alone = _logs(counts, lengths, shape, rate, gammas)
    both = _logs(counts[1:] + counts[0], lengths[1:] + lengths[0], shape, rate, gammas)
    weighed: Floats = (both - alone[1:] - alone[0]).sum(axis=1) - log(len(others))
    return weighed


def _habits(counts: Int64s, lengths: Floats) -> tuple[Floats, Floats]:
    """Shape and rate of the gamma distribution of each habit among all, by moments; what chance adds is taken off."""
    mean = counts.sum(axis=0) / lengths.sum()
    spread = (counts / lengths[:, None]).var(axis=0) - mean * (1 / lengths).mean()
    between = np.maximum(spread, mean * mean * LEAST_VARIATION)
    return mean * mean / between, mean / between


def _gammas(shape: Floats) -> Floats:
    """float64[count, habit]: the log of gamma(count + shape) for every count that two texts can have together."""
    return np.array([[lgamma(count + a) for a in shape.tolist()] for count in range(2 * MOST_COUNT + 1)])


def _logs(counts: Int64s, lengths: Floats, shape: Floats, rate: Floats, gammas: Floats) -> Floats:
    """float64[n, habit]: log probability of counts whose rate nobody knows, but for what cancels in the odds."""
    known = shape * np.log(rate) - gammas[0]
    exposed: Floats = np.take_along_axis(gammas, counts, axis=0) - (counts + shape) * np.log(rate + lengths[:, None])
    return known + exposed
