"""Names that are no names, and numbers whose check digits fail. Pure."""

from __future__ import annotations

import re
import unicodedata

FILLERS = frozenset(
    """
    anonymous anon asdf asdfgh customer client dummy example fake firstname lastname fullname name na nil none noname
    notapplicable notavailable notprovided null qwerty sample surname tba tbd test tester testing undefined unknown user
    username xx
    """.split()  # noqa: SIM905 - rows of words are read, a list of strings is not
)
REPEATED = 3  # ours: one letter three times and nothing else is nobody's name
LEI = re.compile(r"[0-9A-Z]{20}")


def is_filler(*parts: str | None) -> bool:
    """True when every given part of a name is filler: no letter, one letter repeated, or a word that stands for none.

    A whole name decides, not a part of it: there are people called Null and people called Test.
    """
    given = [part for part in parts if part]
    return bool(given) and (all(map(_fills, given)) or _is_initial(given))


def _fills(part: str) -> bool:
    letters = [letter for letter in unicodedata.normalize("NFKC", part).casefold() if letter.isalnum()]
    if not any(letter.isalpha() for letter in letters):
        return True
    if len(letters) >= REPEATED and len(set(letters)) == 1:
        return True
    return "".join(letters) in FILLERS


def _is_initial(parts: list[str]) -> bool:
    """One Latin letter alone; a single syllable sign of another script is a name."""
    return len(parts) == 1 and len(parts[0].strip(" .")) == 1 and parts[0].strip(" .").isascii()


def same_name(one: str, other: str) -> bool:
    return _letters(one) == _letters(other) != ""


def _letters(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


def has_lei_form(text: str) -> bool:
    """20 digits and capitals (ISO 17442)."""
    return LEI.fullmatch(text) is not None


def lei_checks(text: str) -> bool:
    """The check digits of a text in LEI form agree (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1
