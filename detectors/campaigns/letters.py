"""What each character counts as when adverts are compared: one table, any script.

Case, width, accents and look-alike letters are folded as in `text.normalise`. Digits, punctuation and emoji
are no letters: prices and numbers are what copies of one template differ in. Scripts written without spaces
between words have classes of their own, because there a phrase is a run of characters, not of words.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from manumit.detectors.text.normalise import LOOKALIKES, fold

Table = npt.NDArray[np.uint32]

IGNORED, BREAK, WORD, IDEOGRAPH, UNSPACED = range(5)
CLASS_SHIFT = 24
TABLE_SIZE = 0x20000  # beyond stand only rare ideographs and private characters
LAST_IDEOGRAPH = 0x3FFFF

# Unicode 15 blocks; the characters inside keep their marks, which there are letters
IDEOGRAPHS = ((0x3005, 0x3007), (0x3041, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0xA980, 0xA9DF),  # Javanese
    (0xA9E0, 0xA9FF),  # Burmese, extended
    (0xAA60, 0xAA7F),  # Burmese, extended
    (0xAA80, 0xAADF),  # Tai Viet
)
OPTIONAL_MARKS = (
    (0x0300, 0x036F),  # accents on Latin, Greek, Cyrillic
    (0x0591, 0x05C7),  # Hebrew points
    (0x0640, 0x0640),  # Arabic tatweel
    (0x064B, 0x065F),  # Arabic vowel marks
    (0x0670, 0x0670),
    (0xFE00, 0xFE0F),  # variation selectors
)


@cache
def letter_table() -> Table:
    """uint32[TABLE_SIZE]: class << 24 | the folded character's code point."""
    table = np.full(TABLE_SIZE, BREAK << CLASS_SHIFT, np.uint32)
    for code in range(TABLE_SIZE):
        category = unicodedata.category(chr(code))
        if category[0] in "LM" or category in ("Cf", "So"):
            table[code] = _entry(code, category)
    table.flags.writeable = False
    return table


def _entry(code: int, category: str) -> int:
    if category == "Cf" or _within(code, OPTIONAL_MARKS):
        return IGNORED << CLASS_SHIFT
    if _within(code, IDEOGRAPHS):
        return IDEOGRAPH << CLASS_SHIFT | code
    if _within(code, UNSPACED_SCRIPTS):
        return UNSPACED << CLASS_SHIFT | code
    folded = fold(chr(code)).text[:1].translate(LOOKALIKES)
    if not folded or unicodedata.category(folded)[0] not in "LM":
        return BREAK << CLASS_SHIFT
    return WORD << CLASS_SHIFT | ord(folded)


def _within(code: int, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in blocks)
