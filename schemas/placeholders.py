"""What forms and exports hold where nothing is known: `N/A`, `none`, `-`, `xxx`, `0000`. Pure.

Taken for data, such a cell hides a gap and joins strangers by an identifier that none of them has.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 32  # ours: longer texts are not looked at; tokens are longer
REPEATED = 3  # ours: one letter or digit three times and nothing else
WORDS = frozenset(
    """
    anon anonymous asdf asdfgh blank default dummy empty example fake missing na nan nil noaddress nodata nodocument
    noemail noname none nophone notapplicable notavailable notgiven notknown notprovided null placeholder qwerty sample
    tba tbc tbd test tester testing undefined unknown unspecified xx
    aucun brak desconhecido desconocido geen inconnu keine keiner nenhum nessuno nieznany ninguno onbekend sconosciuto
    unbekannt нет неизвестно 无 未知 不明 なし
    """.split()  # noqa: SIM905 - rows of words are read, a list of strings is not
)
WHOSE = frozenset(("user", "customer", "client", "account", "name", "person"))
SHORTEST_PART = 4  # ours: Na and Nan are names of people, and so is Na Na
COUNTED = re.compile(r"12345(6(7(8(90?)?)?)?)?", re.ASCII)
ZEROS = re.compile(r"0+", re.ASCII)


def is_placeholder(text: str) -> bool:
    """True for a text that stands for no data, never for an empty one or one with control characters.

    A whole text decides, not a part of it: there are people called Null. Of several words each must say nothing
    (`Unknown Unknown`, `Test User`). Behind the prefix of a token (`document:n/a`)
    only words decide, since such a token may be a number.
    """
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        return False
    local, at, domain = text.partition("@")
    if at and local:
        return _says_nothing(local) and _says_nothing(domain.partition(".")[0])
    return _says_nothing(text) or _letters(text.rpartition(":")[2]) in WORDS


def filled(text: str) -> str:
    """The text, empty where it stands for no data."""
    return "" if is_placeholder(text) else text


def _says_nothing(text: str) -> bool:
    letters = _letters(text)
    if not letters or letters in WORDS or ZEROS.fullmatch(letters) or COUNTED.fullmatch(letters):
        return True
    if letters.isascii() and len(letters) >= REPEATED and len(set(letters)) == 1:
        return True
    return _words_say_nothing(text)


def _words_say_nothing(text: str) -> bool:
    first, *others = map(_letters, text.split())
    empty = all(len(part) >= SHORTEST_PART and part in WORDS | WHOSE for part in (first, *others))
    return bool(others) and first in WORDS and empty


def _letters(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
