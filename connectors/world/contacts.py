"""Contacts nobody owns: telephone ranges kept for fiction, names under example.org.

United States and Canada: 555-0100 to 555-0199 in any area (NANPA). United Kingdom: 07700 900000 to 900999
(Ofcom). Australia: the 0491 570 numbers that ACMA keeps for drama.
"""

from __future__ import annotations

import numpy as np

AREAS = ("212", "305", "415", "702", "613")
AUSTRALIAN = ("006", "110", "156", "157", "158", "159")
FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")


def phone(dice: np.random.Generator) -> str:
    country = int(dice.integers(3))
    if country == 0:
        return f"+1 {AREAS[int(dice.integers(len(AREAS)))]} 555 01{int(dice.integers(100)):02}"
    if country == 1:
        return f"+44 7700 900{int(dice.integers(1000)):03}"
    return f"+61 491 570 {AUSTRALIAN[int(dice.integers(len(AUSTRALIAN)))]}"


def disguised(dice: np.random.Generator, number: str) -> str:
    """The number as people hide it from filters: dots, spaced digits, full-width digits, or as it is."""
    style = int(dice.integers(5))
    if style == 0:
        return number.replace(" ", ".")
    if style == 1:
        return "+" + " ".join(number.removeprefix("+").replace(" ", ""))
    if style == 2:
        return number.translate(FULL_WIDTH)
    return number if style == 3 else number.replace(" ", "-")


def handle(dice: np.random.Generator) -> str:
    """A messenger name too odd to be anyone's."""
    return f"@fiction_{int(dice.integers(16**8)):08x}"


def email(dice: np.random.Generator) -> str:
    return f"box{int(dice.integers(10**6)):06}@example.org"
