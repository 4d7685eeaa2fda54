"""What tells who or where a person is, beside contacts: names that are introduced, exact addresses, coordinates.

Found only to be masked. Word lists are data (`lexicons/private.toml`), patterns are fixed and bounded; linear in
the text. Names that nothing introduces are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from manumit.detectors.text.contacts import Contact
from manumit.detectors.text.lexicon import UNSPACED_RANGES, Lexicon, lexicon
from manumit.detectors.text.normalise import Folded, fold

Span = tuple[str, int, int]  # kind, then half-open span in the folded text

LOOK_BACK = 72  # characters before a street word in which its number stands
NUMBER = r"\d{1,5}(?:\s?[a-z](?!\w))?(?:\s?[-/]\s?\d{1,4})?"
FLAT = re.compile(
    r"\.?(?:[,.]?\s{0,2}(?:apt|apartment|unit|suite|ste|flat|room|floor|piso|puerta|apto|bloco|etaj|ap|кв|квартира|#)"
    r"\.?\s?#?\s?\d{1,5}[a-z]?(?!\w))?"
)
NUMBER_FIRST = re.compile(rf"(?<![\w.,]){NUMBER},?\s(?P<words>(?:[^\W\d_][\w'.-]{{0,20}}\s){{1,3}})$")
NUMBER_BEFORE = re.compile(rf"(?<![\w.,]){NUMBER}\s?$")
STREET_NAME = re.compile(r"\s?[^\s\d,;:()\[\]]{1,40}(?:\s[^\s\d,;:()\[\]]{1,24}){0,2}")
NUMBER_LAST = re.compile(
    r"\s?(?:[^\s,;:()\[\]]{1,40}[\s,]{1,2}){1,4}(?:nr|no|n[ºo°]|num|numero|number|số|so|дом|д|№|#)?\.?\s?"
    rf"{NUMBER}(?![\w%€$£]|[.,:]\d|\s?(?:eur|usd|km|min|m2|kg|hours?|days?))"
)
HOUSE = re.compile(r"\s\d{1,4}(?:\s?[a-z](?!\w))?(?![\w%€$£]|[.,:]\d|\s?(?:eur|usd|km|min|m2|kg))")
STREET_ENDS = re.compile(r"(?:strasse|str\.|weg|platz|allee|gasse|damm|ufer|gata|gate|veien|straat|laan)(?=\s\d)")
OTHER_FORMS = re.compile(
    r"[\u4e00-\u9fff]{1,10}(?:路|街|道|巷|弄)\s?\d{1,5}\s?[号號](?:[\u4e00-\u9fff\d]{0,12}(?:室|楼|樓|单元|棟|栋))?"
    r"|(?<![\d.])-?\d{1,2}\.\d{3,12}\s?[,;/ ]\s?-?\d{1,3}\.\d{3,12}(?![\d.])"  # coordinates
    r"|(?<!\w)[a-z]{1,2}\d[a-z\d]?\s\d[abd-hjlnp-uw-z]{2}(?!\w)"  # postcodes of the United Kingdom
    r"|(?<!\w)(?:https?://)?(?:maps\.app\.goo\.gl|goo\.gl/maps|(?:www\.|maps\.)?google\.[a-z.]{2,6}/maps)/\S{1,300}"
)
NO_STREET = frozenset(
    ("and", "at", "bath", "baths", "bed", "beds", "for", "from", "guests", "in", "min", "mins", "minutes", "miles")
) | frozenset(("near", "of", "off", "on", "people", "room", "rooms", "the", "to", "walk", "with", "km", "hours"))
NO_WAY = frozenset(("email", "mail", "paypal", "phone", "signal", "skype", "sms", "telegram", "wechat", "whatsapp"))
WAY_NAME = re.compile(r"\s([^\W\d_]{2,40})")
NAME = re.compile(
    rf"\s{{0,2}}[:：,-]?\s{{0,2}}(?P<first>[^\W\d_{UNSPACED_RANGES}][\w'’-]{{1,24}})(?P<second>\s[^\W\d_][\w'’-]{{1,24}})?"
)
UNSPACED_NAME = re.compile(r"\s?[:：]?\s?(?:[\u3400-\u9fff]{2,3}|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{2,14})")
SHORTEST_POSTER = 3


def private(text: str, folded: Folded, poster: str = "") -> Iterator[Contact]:
    """Spans of kind `address` and `name` in the original text, maybe overlapping; `poster` wherever it stands.

    `folded` is `fold(text)`.
    """
    words = lexicon("private")
    for kind, start, stop in chain(
        _addresses(text, folded, words), _names(text, folded, words), _posters(folded.text, poster)
    ):
        yield Contact(f"{kind}:", *folded.origin(start, stop))


def _addresses(original: str, folded: Folded, words: Lexicon) -> Iterator[Span]:
    text = folded.text
    for match in OTHER_FORMS.finditer(text):
        yield "address", *match.span()
    for facet in ("street_after", "street_noun"):
        for hit in words.hits(facet, text):
            ahead = max(0, hit.start - LOOK_BACK)
            first = NUMBER_FIRST.search(text[ahead : hit.start])
            capital = facet == "street_after" or original[folded.at[hit.start]].isupper()
            if first is not None and capital and NO_STREET.isdisjoint(first["words"].split()):
                yield "address", ahead + first.start(), _flat_end(text, hit.stop)
    for hit in words.hits("street_before", text):
        yield from _street(text, hit.start, hit.stop)
    for hit in words.hits("street_way", text):
        word = WAY_NAME.match(text, hit.stop)
        if word is not None and original[folded.at[word.start(1)]].isupper() and word[1] not in NO_WAY:
            yield from _street(text, hit.start, hit.stop)
    for match in STREET_ENDS.finditer(text):
        house, start = HOUSE.match(text, match.end()), _word_start(text, match.start())
        if house is not None and match.start() - start > 1:
            yield "address", start, _flat_end(text, house.end())


def _street(text: str, start: int, stop: int) -> Iterator[Span]:
    """`12 rue de …` or `calle … 12`."""
    ahead = max(0, start - LOOK_BACK)
    number = NUMBER_BEFORE.search(text[ahead:start])
    if number is not None and (name := STREET_NAME.match(text, stop)):
        yield "address", ahead + number.start(), _flat_end(text, name.end())
    elif last := NUMBER_LAST.match(text, stop):
        yield "address", start, _flat_end(text, last.end())


def _flat_end(text: str, stop: int) -> int:
    flat = FLAT.match(text, stop)
    return stop if flat is None else flat.end()


def _word_start(text: str, stop: int) -> int:
    start = stop
    while start > max(0, stop - LOOK_BACK) and text[start - 1].isalpha():
        start -= 1
    return start


def _names(text: str, folded: Folded, words: Lexicon) -> Iterator[Span]:
    for hit in words.hits("introduced", folded.text):
        yield from _name(text, folded, hit.stop, must_be_capital=False)
    for hit in words.hits("asked_for", folded.text):
        yield from _name(text, folded, hit.stop, must_be_capital=True)


def _name(text: str, folded: Folded, at: int, *, must_be_capital: bool) -> Iterator[Span]:
    """The name that follows; a second word belongs to it when both are written with a capital."""
    unspaced = UNSPACED_NAME.match(folded.text, at)
    if unspaced is not None:
        yield "name", at, unspaced.end()
        return
    match = NAME.match(folded.text, at)
    if match is None:
        return
    first = text[folded.at[match.start("first")]]
    capital = first.isupper() or not first.islower()
    if must_be_capital and not capital:
        return
    second = match["second"] is not None and text[folded.at[match.start("second") + 1]].isupper()
    yield "name", match.start("first"), match.end("second") if capital and second else match.end("first")


def _posters(text: str, poster: str) -> Iterator[Span]:
    name = " ".join(fold(poster).text.split())
    if len(name) < SHORTEST_POSTER or not any(c.isalpha() for c in name):
        return
    start = text.find(name)
    while start >= 0:
        stop = start + len(name)
        if not text[max(0, start - 1) : start].isalnum() and not text[stop : stop + 1].isalnum():
            yield "name", start, stop
        start = text.find(name, stop)
