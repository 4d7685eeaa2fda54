"""Digits of a folded text however they are spelt, joined into runs that may be telephone numbers.

One pass over the text: stretches of digit-like pieces (digits, digit words, look-alike letters) become groups,
groups that follow each other closely become runs. Linear in the text; nothing here knows numbering plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, dropwhile, repeat

from manumit.detectors.text.lexicon import UNSPACED, any_of, terms
from manumit.detectors.text.normalise import fold

BAR = "|"  # a 1 or a separator: both are tried
LOOKS_LIKE = {
    **dict.fromkeys("oqоοօ", "0"),
    **dict.fromkeys("ilіιӏ", "1"),
    **dict.fromkeys("z", "2"),
    **dict.fromkeys("зЗ", "3"),
    **dict.fromkeys("s", "5"),
    **dict.fromkeys("б", "6"),
    **dict.fromkeys("b", "8"),
    BAR: BAR,
}
LETTERS = "".join(letter for letter in LOOKS_LIKE if letter != BAR) + re.escape(BAR)
LONGEST_GAP = 5  # characters without a letter or digit between two groups of one number
TOO_LOUD = "$€£¥₹₫฿₽₩₱₦₺₴₪%#@&+"  # signs that begin or end something else than a number
QUIET = rf"[^\w{TOO_LOUD}]|_"
PLUS = re.compile(r"(?<!\d)\+\s?[(\[]?$|(?<!\w)plus\s?$")
TIMES = {"double": 2, "dbl": 2, "doble": 2, "doppel": 2, "triple": 3, "tripel": 3}
MAX_LEADING = 3  # look-alikes before the first digit of a stretch
MOSTLY = 2  # look-alikes for each sure digit of a stretch
ENDS_PLUS = ("+", "(", "[", "s", " ", "\n")
MIN_BEFORE_LETTER = 3  # fewer digits right before a letter are a measure: `60m`, `0x`
BARRIER = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-./]\d\d?[-./]\d\d?(?!\d)"  # dates
    r"|(?<!\d)\d\d?[-./]\d\d?[-./](?:19|20)\d\d(?!\d)"
    r"|(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])"  # times of the day
    r"|(?<![\d/.-])(?:24\s?/\s?7|7\s?/\s?24|24[x*]7|24h)(?!\d|[/.-]\d)"
    r"|[$€£¥₹₫฿₽₩₱]\s?\d{1,3}(?:[.,']?\d{3}){0,4}(?:[.,]\d\d)?(?!\d)"  # amounts
    r"|(?<![\d.,'-])\d{1,3}(?:[.,']?\d{3}){0,4}(?:[.,]\d\d)?\s?[$€£¥₹₫฿₽₩₱%](?!\d)"
)


FILLER = (
    "and|then|and then|dash|hyphen|dot|space|minus|y|luego|guion|punto|e|ponto|puis|et|tiret|und|dann|strich|"
    "и|потом|а потом"
)
FOLLOWS = re.compile(
    rf"(?:{QUIET}){{0,{LONGEST_GAP}}}(?:(?:{FILLER})(?:{QUIET}){{1,3}}){{0,2}}|\+|([^\w\s{TOO_LOUD}]|_)\1{{0,11}}"
)
MAX_FILLED = 30  # characters a gap may have with words in it


@dataclass(frozen=True, slots=True)
class Group:
    """Digits read from text[start:stop]; `plus` when a + stands before, `spelt` when letters were read as digits."""

    digits: str
    start: int
    stop: int
    plus: bool
    spelt: bool


Run = Sequence[Group]


def runs(text: str) -> Iterator[Run]:
    """Groups of folded text that follow each other closely."""
    current: list[Group] = []
    for group in _groups(text):
        if current and (group.plus or not _follows(text, current[-1].stop, group.start)):
            yield current
            current = []
        current.append(group)
    if current:
        yield current


def digits_of(run: Run) -> str:
    """All digits of the run; may hold BAR."""
    return "".join(group.digits for group in run)


def is_letter(character: str) -> bool:
    """True for a letter that makes what stands beside it part of a longer word."""
    return character.isalpha() and (character.isascii() or not UNSPACED.match(character))


def _follows(text: str, stop: int, start: int) -> bool:
    return start - stop <= MAX_FILLED and FOLLOWS.fullmatch(text, stop, start) is not None


def _groups(text: str) -> Iterator[Group]:
    """Pieces that touch each other: `202`, `fiveone`, `2o2555ol23`. Letters count only beside a digit."""
    beyond = (len(text) + 1, len(text) + 1)
    barriers = chain((match.span() for match in BARRIER.finditer(text)), repeat(beyond))
    barrier = next(barriers)
    for match in _stretch().finditer(text):
        start, stop = match.span()
        while barrier[1] <= start:
            barrier = next(barriers)
        group = None if barrier[0] < stop else _group(text, match[0], start, stop)
        if group is not None:
            yield group


def _group(text: str, written: str, start: int, stop: int) -> Group | None:
    before, after = text[start - 1 : start], text[stop : stop + 1]
    if written.isdigit() and not before.isalpha() and not after.isalpha():
        return _with_plus(text, written, start, stop)
    pieces = list(_piece().finditer(text, start, stop))
    if is_letter(before):  # the word goes on to the left: `phone` ends in `one`
        pieces = list(dropwhile(lambda piece: not piece[0].isdigit(), pieces))
    cut = is_letter(after)
    if cut:
        pieces = list(dropwhile(lambda piece: not piece[0].isdigit(), reversed(pieces)))[::-1]
    letters = sum(piece[0] in LOOKS_LIKE for piece in pieces)
    if not pieces or (cut and len(pieces) < MIN_BEFORE_LETTER) or letters > MOSTLY * (len(pieces) - letters) + 1:
        return None
    return _with_plus(text, "".join(map(_digits, pieces)), pieces[0].start(), pieces[-1].end())


def _with_plus(text: str, digits: str, start: int, stop: int) -> Group:
    spelt = digits != text[start:stop]
    plus = PLUS.search(text[max(0, start - 6) : start]) if text[start - 1 : start] in ENDS_PLUS else None
    return Group(digits, start if plus is None else start - len(plus[0]), stop, plus is not None, spelt)


def _digits(piece: re.Match[str]) -> str:
    times, written = TIMES.get(piece["times"] or "", 1), piece["digit"]
    return times * (written if written.isdigit() else LOOKS_LIKE.get(written) or _words()[written])


@cache
def _words() -> Mapping[str, str]:
    return {fold(word).text: digit for digit, row in terms("numbers").items() for word in row["words"]}


@cache
def _spelt() -> str:
    return any_of(tuple(re.escape(c) for c in word) for word in _words())


@cache
def _piece() -> re.Pattern[str]:
    return re.compile(rf"(?:(?P<times>{'|'.join(TIMES)})[\s-]{{1,2}})?(?P<digit>\d|{_spelt()}|[{LETTERS}])")


@cache
def _stretch() -> re.Pattern[str]:
    """A digit or digit word, with look-alikes around; or a look-alike that stands alone."""
    sure = rf"(?:(?:{'|'.join(TIMES)})[\s-]{{1,2}})?(?:\d|{_spelt()})"
    return re.compile(
        rf"[{LETTERS}]{{0,{MAX_LEADING}}}{sure}(?:{sure}|[{LETTERS}])*|(?<=[\w{LETTERS}]\s)[{LETTERS}](?=\s\w)"
    )
