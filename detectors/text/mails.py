"""E-mail addresses however they are spelt: `(at)`, words, letters one by one, a comma or blank for the dot.

Folded text in; patterns are fixed and bounded, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SAID_AT = "at|arroba|chez|собака|arobase|chiocciola"
SAID_DOT = "dot|punto|ponto|point|punkt|точка"
AT = re.compile(r"@\s?|\s@\s|\s?[(\[{<*]\s?(?:at|arroba|a|@|собака|arobase)\s?[)\]}>*]\s?")
DOT = rf"(?:\s?[(\[{{<]\s?(?:{SAID_DOT}|\.)\s?[)\]}}>]\s?|\s?\.|\s\.\s|\s(?:{SAID_DOT})\s)"
DOMAIN = re.compile(rf"[a-z0-9-]{{1,63}}(?:{DOT}[a-z0-9-]{{1,63}}){{0,3}}{DOT}[a-z]{{2,24}}(?![\w-])")
# letters one by one on either side of a dot; the dot may be said
ONE_BY_ONE = re.compile(
    rf"(?:[a-z0-9-] ?){{1,63}}\s?(?:\.|,|\(dot\)|\[dot\]|{SAID_DOT})\s?"
    r"(?:[a-z](?: [a-z]){1,5}|[a-z]{2,24})(?![\w-])"
)
SPACED_AT = re.compile(rf" (?:@|[(\[]\s?(?:at|a|@)\s?[)\]]|a t|{SAID_AT}) ")
HOUSES = (
    "gmail|googlemail|g mail|yahoo|ymail|hotmail|outlook|live|msn|aol|icloud|mail|protonmail|proton|tutanota|tuta|gmx|"
    "yandex|rambler|inbox|zoho|web|163|126|foxmail|naver|daum|rediffmail"
)
ENDS = "com|net|org|ru|de|me|fr|es|it|br|vn|th|id|co|uk|cn|ph|al|ro|info|io"
AT_A_HOUSE = re.compile(
    rf"(?<![\w.%+-])(?P<name>[a-z0-9][a-z0-9._%+-]{{1,63}})\s?(?:@|[(\[]\s?at\s?[)\]]|\s(?:{SAID_AT})\s)\s?"
    rf"(?P<house>{HOUSES})\s?(?:[.,·•-]|\s|{DOT})\s?(?P<end>{ENDS})(?!\w)"
)
NO_SIGN = re.compile(
    rf"(?<![\w.%+-])(?P<name>[a-z0-9][a-z0-9._-]{{2,63}})\s(?P<house>gmail|googlemail|hotmail|protonmail|outlook)"
    rf"\s?(?:\.|,|{DOT})\s?(?P<end>{ENDS})(?!\w)"
)
WORDED = re.compile(
    rf"(?<![\w.%+-])(?P<name>[a-z0-9._%+-]{{1,64}}) (?:{SAID_AT}) "
    rf"(?P<domain>[a-z0-9-]{{1,63}}(?: (?:{SAID_DOT}) [a-z0-9-]{{1,63}}){{0,3}} (?:{SAID_DOT}) [a-z]{{2,24}})(?![\w-])"
)
DOTS = re.compile(rf"\s?[(\[{{<]\s?(?:{SAID_DOT}|\.)\s?[)\]}}>]\s?|\s(?:{SAID_DOT})\s|\s?[.,]\s?")
LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-")
LONGEST_LOCAL = 64
FEWEST_APART = 2

Mail = tuple[str, int, int]  # `name@domain`, then the half-open span in the folded text


def mails(text: str) -> Iterator[Mail]:
    """Every address; a place may be given twice, the wider reading first."""
    yield from _one_by_one(text)
    for match in AT.finditer(text):
        start, domain = _local_start(text, match.start()), DOMAIN.match(text, match.end())
        if domain is not None and start < match.start():
            yield f"{text[start : match.start()]}@{DOTS.sub('.', domain[0])}", start, domain.end()
    for match in WORDED.finditer(text):
        yield f"{match['name']}@{DOTS.sub('.', match['domain'])}", *match.span()
    for pattern in (AT_A_HOUSE, NO_SIGN):
        for match in pattern.finditer(text):
            yield f"{match['name']}@{match['house'].replace(' ', '')}.{match['end']}", *match.span()


def _one_by_one(text: str) -> Iterator[Mail]:
    """`a n n a @ m a i l . c o m`, and `a n n a @ mail . com`."""
    for match in SPACED_AT.finditer(text):
        start = match.start()
        while start >= 1 and _stands_alone(text, start - 1) and match.start() - start < 2 * LONGEST_LOCAL:
            start -= 2
        domain = ONE_BY_ONE.match(text, match.end())
        letters = text[start + 1 : match.start()].split()
        if domain is not None and len(letters) >= FEWEST_APART:
            told = DOTS.sub(".", domain[0]).replace(" ", "")
            yield f"{''.join(letters)}@{told}", start + 1, domain.end()


def _stands_alone(text: str, at: int) -> bool:
    """One letter of a name with a blank, or nothing, before it."""
    return text[at] in LOCAL and (at == 0 or text[at - 1] == " ")


def _local_start(text: str, stop: int) -> int:
    """Where the part before the @ begins; `stop` itself when there is none, or it is part of a longer word."""
    start = stop
    while start > 0 and stop - start < LONGEST_LOCAL and text[start - 1] in LOCAL:
        start -= 1
    return stop if start > 0 and (text[start - 1].isalnum() or text[start - 1] in LOCAL) else start
