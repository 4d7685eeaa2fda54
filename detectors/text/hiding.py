"""How a telephone number is written: plainly, or so that a filter for digits misses it."""

from __future__ import annotations

import re
from typing import Literal, get_args

Manner = Literal["words", "letters", "signs", "single digits"]
MANNERS: tuple[Manner, ...] = get_args(Manner)
AHEAD = re.compile(r"^\W{0,3}(?:plus|tel|phone)?(?=\W)", re.IGNORECASE)  # what a number may begin with in plain writing
LOOKALIKES = frozenset("oOlIiqQzZsSbB")
WORD = re.compile(r"[^\W\d_]{2,}")
ORDINARY = frozenset(
    " \t\n\r\u00a0\u2009\u202f()[]{}+-./,:;|"  # blanks and separators
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u200e\u200f\uff0d\uff0b\uff08\uff09"  # dashes, marks, fullwidth
)
FULLWIDTH = re.compile("[\uff10-\uff19]")
WIDE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # kana, Han, Hangul
STYLED = range(0x1D7CE, 0x1D800)  # mathematical digits: 𝟎 to 𝟿
MIN_SINGLE = 6  # digits written one by one: `2 0 2 5 5 5`


def manner(written: str, text: str = "") -> Manner | None:
    """Of a number as it stands in `text`; None where it is digits (of any script) and usual separators.

    Digits of Arabic, Thai or Burmese are plain writing, fullwidth digits beside a script that uses them.
    """
    told = AHEAD.sub("", written)
    if any(not LOOKALIKES.issuperset(word) for word in WORD.findall(told)):
        return "words"
    if any(c.isalpha() for c in told):
        return "letters"
    if any((not c.isdecimal() and c not in ORDINARY) or ord(c) in STYLED for c in told):
        return "signs"
    if FULLWIDTH.search(told) and not WIDE_SCRIPT.search(text):
        return "signs"
    groups = re.findall(r"\d+", told)
    singles = sum(len(group) == 1 for group in groups)
    return "single digits" if singles >= MIN_SINGLE and 2 * singles > len(groups) else None
