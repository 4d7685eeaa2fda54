"""Names of people that a text introduces. Found only to be masked.

Word lists are data (`lexicons/private.toml`, `lexicons/name_words.toml`). A sure introduction (`my name is`) masks
what follows. A loose one (`I'm`, `ask for`) masks a word that is no common word, is no term of any list that flags
read, and is written as a name, or ends its phrase. Names that nothing introduces are not found.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from manumit.detectors.text.lexicon import UNSPACED_RANGES, lexicon, terms
from manumit.detectors.text.marks import places_of
from manumit.detectors.text.normalise import Folded, fold

Span = tuple[str, int, int]  # kind, then half-open span in the folded text

WORD = rf"[^\W\d_{UNSPACED_RANGES}][\w'’-]{{1,24}}"
NAME = re.compile(
    rf"\s{{0,2}}[:：,-]?\s{{0,2}}[\"'«“*]?(?P<first>{WORD})(?P<second>[^\S\n]{WORD})?(?P<third>[^\S\n]{WORD})?"
)
UNSPACED_NAME = re.compile(r"\s?[:：]?\s?(?:[\u3400-\u9fff]{2,3}|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{2,14})")
WHOLE_RUN = re.compile(r"\s?[:：]?\s?[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{2,20}(?![\u0e00-\u0eff\u1000-\u17ff])")
SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭田董潘袁蔡蒋蔣余于杜"
    "叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鐘姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅方邹鄒熊白孟秦邱侯江尹薛闫閆段雷龙龍黎史陶贺賀毛郝顾顧龚龔"
    "邵万萬覃武戴钱錢严嚴莫孔向汤湯欧歐戚柳岑柯梅殷俞阮洪施"
)
HAN_NAME = re.compile(
    rf"\s?[:：]?\s?(?:小[\u3400-\u9fff]{{1,2}}|[{SURNAMES}][\u3400-\u9fff]{{1,2}})(?![\u3400-\u9fff]{{2}})"
)
HAN_TITLED = re.compile(
    rf"(?:小[\u3400-\u9fff]|[{SURNAMES}][\u3400-\u9fff]?)(?=小姐|先生|女士|太太|老师|老師|经理|經理|阿姨)"
)
ENDS_PHRASE = re.compile(
    r"\s{0,2}(?:$|[\n,.;:!?()/|*~+\-–—،؟။។]|\d|(?:call|text|whatsapp|at|on|from|here|and|now|or|aus|de|do|da|din|nga|из|из|من)(?!\w))"
)
NOWHERE = re.compile(r"(?!)")
NO_NAME = re.compile(r"(?:ing|ed|ly|ful|less|able)$")  # endings of English words
COLON = re.compile(r"\s{0,2}[:：=]\s{0,2}")
GREETED = re.compile(
    rf"(?<!\w)(?:hi|hello|hey|hola|ola|ciao|salut|bonjour|hallo|привет|halo|xin chao)[,!\s]{{1,3}}(?P<first>{WORD})"
    r"\s(?:here|aqui|ici|hier|qui|тут|здесь|day)(?!\w)"
)
SHORTEST_POSTER = 3
SHORTEST = 3  # letters of a name behind a loose introduction


def names(text: str, folded: Folded) -> Iterator[Span]:
    """Spans of kind `name` in the folded text, maybe overlapping; `folded` is `fold(text)`."""
    words = lexicon("private")
    for hit in words.hits("introduced", folded.text):
        yield from _surely(text, folded, hit.stop)
    for hit in words.hits("honorific", folded.text):
        match = NAME.match(folded.text, hit.stop + folded.text.startswith(".", hit.stop))
        if match is not None and all(_is_capital(text, folded, at) for at in (hit.start, match.start("first"))):
            yield "name", match.start("first"), _stop(text, folded, match)
    for hit in words.hits("labelled", folded.text):
        colon = COLON.match(folded.text, hit.stop)
        if colon is not None and not _is_common(folded.text, colon.end()):
            yield from _surely(text, folded, colon.end())
    for facet in ("asked_for", "said_of_oneself"):
        for hit in words.hits(facet, folded.text):
            yield from _loosely(text, folded, hit.stop)
    for hit in words.hits("addressed", folded.text):
        yield from _loosely(text, folded, hit.stop, ends=NOWHERE)
    for match in GREETED.finditer(folded.text):
        if match["first"] not in _common() and not _is_needed(folded.text, *match.span("first")):
            yield "name", *match.span("first")
    for match in HAN_TITLED.finditer(folded.text):
        yield "name", *match.span()


def _surely(text: str, folded: Folded, at: int) -> Iterator[Span]:
    """The name that follows; further words belong to it when all are written with a capital."""
    unspaced = UNSPACED_NAME.match(folded.text, at)
    match = NAME.match(folded.text, at)
    if unspaced is not None:
        yield "name", at, unspaced.end()
    elif match is not None:
        yield "name", match.start("first"), _stop(text, folded, match)


def _loosely(text: str, folded: Folded, at: int, ends: re.Pattern[str] = ENDS_PHRASE) -> Iterator[Span]:
    """`ends`: behind what a name may be written small."""
    told = folded.text
    for pattern in (HAN_NAME, WHOLE_RUN):
        run = pattern.match(told, at)
        if run is not None and not _is_needed(told, at, run.end()):
            yield "name", at, run.end()
            return
    match = NAME.match(told, at)
    if match is None or match["first"] in _common() or len(match["first"]) < SHORTEST:
        return
    if _is_needed(told, *match.span("first")):
        return
    capital = _is_capital(text, folded, match.start("first"))
    if capital or (NO_NAME.search(match["first"]) is None and ends.match(told, match.end("first"))):
        yield "name", match.start("first"), _stop(text, folded, match) if capital else match.end("first")


def _stop(text: str, folded: Folded, match: re.Match[str]) -> int:
    """Where a name of up to three words ends, of which the further ones are written with a capital."""
    stop = match.end("first")
    if not _is_capital(text, folded, match.start("first")):
        return stop
    for part in ("second", "third"):
        word = match[part]
        if word is None or word.strip() in _common() or not _is_capital(text, folded, match.start(part) + 1):
            return stop
        stop = match.end(part)
    return stop


def _is_capital(text: str, folded: Folded, at: int) -> bool:
    """Written with a capital letter in a script that has them."""
    return text[folded.at[at]].isupper()


def _is_common(text: str, at: int) -> bool:
    match = NAME.match(text, at)
    return match is not None and match["first"] in _common()


def _is_needed(text: str, start: int, stop: int) -> bool:
    """A term that some flag reads lies there."""
    spans = places_of(text)
    upto = bisect_right(spans, (stop - 1, len(text)))
    return any(begin < stop and start < end for begin, end in spans[max(0, upto - 12) : upto])


@cache
def _common() -> frozenset[str]:
    """Folded words that often follow a loose introduction and are nobody's name."""
    return frozenset(fold(word).text for row in terms("name_words").values() for each in row.values() for word in each)


def posters(text: str, poster: str) -> Iterator[Span]:
    """A poster's own name wherever it stands in folded `text`."""
    name = " ".join(fold(poster).text.split())
    if len(name) < SHORTEST_POSTER or not any(c.isalpha() for c in name):
        return
    start = text.find(name)
    while start >= 0:
        stop = start + len(name)
        if not text[max(0, start - 1) : start].isalnum() and not text[stop : stop + 1].isalnum():
            yield "name", start, stop
        start = text.find(name, stop)
