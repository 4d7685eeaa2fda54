"""Exact addresses and places on a map, in Latin, Cyrillic, Arabic and unspaced scripts. Found only to be masked.

Word lists are data (`lexicons/private.toml`), patterns are fixed and bounded; linear in the text. A town or a part of
it stays: it is coarse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.normalise import Folded

Span = tuple[str, int, int]  # kind, then half-open span in the folded text

LOOK_BACK = 72  # characters before a street word in which its number stands
NUMBER = r"\d{1,5}(?:\s?(?:bis|ter|quater|[a-z])(?!\w))?(?:\s?[-/]\s?\d{1,4})?"
UNITS = (
    r"(?![\w%€$£¥฿₫]|[.,:]\d|\s?(?:eur|usd|gbp|nok|sek|km|mins?|minutes?|min|m2|kg|hours?|hrs?|days?|weeks?|months?|"
    r"nights?|guests?|beds?|rooms?|people|miles?|€|\$|£|k(?!\w)|руб|мин|kr|baht|dong))"
)
FLAT = re.compile(
    r"\.?(?:\s(?:nw|ne|sw|se|n|s|e|w|north|south|east|west)(?!\w))?"
    r"(?:[,.]?\s{0,2}(?:apt|apartment|unit|suite|ste|flat|room|floor|piso|puerta|apto|bloco|bl|sc|scara|etaj|ap|кв|квартира|#)"
    r"\.?\s?#?\s?\d{1,5}[a-z]?(?!\w)){0,2}"
)
POSTAL = re.compile(r"[,\s]{1,3}(?:[a-z]{1,2}-)?\d{4,6}(?=\s[^\W\d_]{3})")
POSTAL_AHEAD = re.compile(r"(?<![\w.,$€£])(?:[a-z]{1,2}-)?\d{4,6}(?=\s[^\W\d_]{2,30}(?:\s[^\W\d_]{2,30})?,\s$)")
PART = r"(?:\d{1,3}(?:st|nd|rd|th)|[^\W\d_][\w'.-]{0,20})"
BLANK = r"[^\S\n]"
NUMBER_FIRST = re.compile(rf"(?<![\w.,:/]){NUMBER},?{BLANK}(?P<words>(?:{PART}{BLANK}){{1,3}})$")
NUMBER_BEFORE = re.compile(rf"(?<![\w.,:/]){NUMBER}{BLANK}?,?{BLANK}?$")
WORDS_BEFORE = re.compile(rf"(?<!\w)(?P<words>(?:{PART}{BLANK}){{1,2}})$")
NUMBER_BEHIND = re.compile(rf"\.?,?\s(?:no\.?|nr\.?|д\.?|дом|#|№)?\s?{NUMBER}{UNITS}")
STREET_NAME = re.compile(r"[^\S\n]?[^\s\d,;:()\[\]]{1,40}(?:[^\S\n][^\s\d,;:()\[\]]{1,24}){0,2}")
NUMBER_LAST = re.compile(
    r"[^\S\n]?(?:[^\s,;:()\[\]]{1,40}(?:[^\S\n]|,){1,2}){1,4}(?:nr|no|n[ºo°]|num|numero|number|số|so|дом|д|№|#)?\.?\s?"
    rf"{NUMBER}(?![\w%€$£]|[.,:]\d|\s?(?:eur|usd|km|min|m2|kg|hours?|days?))"
)
HOUSE = re.compile(r"\s\d{1,4}(?:\s?[a-z](?!\w))?(?![\w%€$£]|[.,:]\d|\s?(?:eur|usd|km|min|m2|kg))")
STREET_ENDS = re.compile(
    r"(?:strasse|str\.|weg|platz|allee|gasse|damm|ufer|gata|gate|gaten|veien|vegen|vagen|gade|vej|straat|laan)(?=\s\d)"
)
COORDINATE = r"[+-]?\d{1,3}[.]\d{2,14}"
MONEY = r"(?![\d.,]|\s{0,2}(?:usd|eur|gbp|[$€£¥₹₫฿]|per|/|kr|rub|руб))"
MAP = re.compile(
    rf"(?<![\d.,$€£¥₹₫฿/-])(?<![$€£¥]\s){COORDINATE}\s{{0,2}}[,;/ ]\s{{0,2}}{COORDINATE}{MONEY}"
    r"|(?<!\w)lat(?:itude)?\W{0,4}[+-]?\d{1,2}[.,]\d{1,14}\W{0,6}(?:lon|lng|long|longitude)\W{0,4}[+-]?\d{1,3}[.,]\d{1,14}"
    r"|(?<![\d.])\d{1,2}(?:\.\d{1,12})?\s?[°º]?\s?[ns](?!\w)[,;\s]{0,3}\d{1,3}(?:\.\d{1,12})?\s?[°º]?\s?[ewo](?!\w)"
    r"|\d{1,2}\s?[°º]\s?\d{1,2}\s?['′’]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?(?:\"|″|”|''))?\s?[nsew]?[,;\s]{0,3}"
    r"\d{1,3}\s?[°º]\s?\d{1,2}\s?['′’]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?(?:\"|″|”|''))?\s?[nsewo]?"
    r"|(?<!\w)(?=[a-z]{0,8}\d)[23456789cfghjmpqrvwx]{4,8}\+[23456789cfghjmpqrvwx]{2,3}(?!\w)"  # open location codes
    r"|/{3}[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}(?!\w)"
    r"|(?<!\w)(?:https?://)?(?:maps\.app\.goo\.gl|goo\.gl/maps|(?:www\.|maps\.)?google\.[a-z.]{2,6}/maps|"
    r"maps\.apple\.com|yandex\.[a-z]{2,3}/maps|2gis\.[a-z]{2,3}|waze\.com/ul|osm\.org|(?:www\.)?openstreetmap\.org)/\S{1,300}"
)
PLACED = re.compile(r"\d\.\d|\d\s?[°º'′ ns]|[a-z\d]\+[a-z\d]|///|/\S|lat")  # without which there is none of them
HAN = "[\u3400-\u9fff]"
COUNTED = r"(?![\d.]|\s?(?:分|米|公里|元|个|個|年|天|人|块|小时|小時|岁|歲|万|平))"
UNSPACED_FORMS = re.compile(
    rf"{HAN}{{1,10}}(?:路|街|道|巷|弄|胡同)\s?\d{{1,5}}\s?[号號弄](?:[\u4e00-\u9fff\d-]{{0,12}}(?:室|楼|樓|单元|單元|棟|栋|号|號))?"
    rf"|{HAN}{{1,10}}(?:路|街|大道|胡同)\s?\d{{1,5}}{COUNTED}"
    rf"|{HAN}{{1,10}}(?:小区|小區|大厦|大廈|花园|花園|公寓|广场|廣場|新村|家园|家園|大楼|大樓|酒店|宾馆|賓館|城)\s?"
    rf"(?:[a-z]?\d{{1,5}}\s?(?:号楼|號樓|号|號|栋|棟|幢|座|层|層|楼|樓|期|单元|單元|室|-)?\s?){{1,4}}{COUNTED}"
    rf"|{HAN}{{1,10}}[区區市町村]{HAN}{{0,8}}\d{{1,4}}(?:丁目|番地|番|号|[-−‐–ー])\d{{0,4}}(?:(?:番地|番|号|[-−‐–ー])\d{{0,4}}){{0,3}}"
    r"|〒\s?\d{3}-?\d{4}"
    r"|(?:บ้านเลขที่|เลขที่)\s?\d{1,5}(?:/\d{1,5})?(?:\s?(?:หมู่|ม\.)\s?\d{1,3})?"
    r"|\d{1,5}(?:/\d{1,5})?\s?(?:หมู่ที่|หมู่|ม\.)\s?\d{1,3}"
    r"|\d{1,5}/\d{1,5}\s?(?:ซอย|ถนน|ซ\.|ถ\.)\s?\S{1,40}"
    r"|(?:ផ្ទះ(?:លេខ)?\s?#?\s?\d{1,5}[a-z\d]{0,4}[,\s]{0,3})?(?:ផ្លូវ)\s?(?:លេខ\s?)?\d{1,5}"
    r"|(?:ផ្ទះលេខ|ផ្ទះ)\s?#?\s?\d{1,5}"
    r"|(?:အမှတ်|အိမ်အမှတ်|တိုက်)\s?[(]?\d{1,5}[)]?(?:[^\n\d]{0,40}လမ်း)?"
)
OTHER_FORMS = re.compile(
    r"(?<!\w)(?:blk|block)\.?\s?\d{1,4}[a-z]?,?\s{0,2}lot\s?\d{1,4}(?:\s[^\W\d_]{2,24}){0,2}"
    r"|(?<!\w)[a-z]{1,2}\d[a-z\d]?\s?\d[abd-hjlnp-uw-z]{2}(?!\w)"  # postcodes of the United Kingdom
    r"|(?:(?:al|ak|az|ar|ca|co|ct|de|fl|ga|hi|ia|id|il|in|ks|ky|la|ma|md|me|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|oh|ok"
    r"|or|pa|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy|dc)(?<=[,\s]..))\s(?P<zip>\d{5}(?:-\d{4})?)(?![\w.,]\d|\w)"
)
CAPITALISED = re.compile(
    rf"(?<!\w)(?P<house>(?:room|rm|suite|ste|flat|apt|apartment|unit|condo)\.?\s?\#?\s?\d{{1,5}}[a-z]?,?\s)(?P<name>{PART}(?:\s{PART})?)"
    r"\s(?:tower|towers|house|building|bldg|plaza|court|hotel|residence|residences|condo|condominium|mansion|inn|lodge)(?!\w)"
    rf"|(?<![\w.,/])(?P<number>{NUMBER}),?\s(?P<way>[^\W\d_]{{2,24}}(?:\s[^\W\d_]{{2,24}}){{0,3}}),\s"
    r"(?:quan|phuong|p\.|q\.|huyen|tp\.?)\s?[\w.]{1,20}(?:\s[^\W\d_]{2,20})?"
    r"|(?<![\w.,$€£])\d{4,6}\s(?P<town>[^\W\d_]{3,30}(?:\s[^\W\d_]{3,30})?),\s(?P<road>[^\W\d_]{2,30}(?:\s[^\W\d_]{2,30}){0,3})"
    rf"\s\d{{1,4}}[a-z]?{UNITS}"
)
STARTS = ("name", "way", "road")  # groups that must be written with a capital
NO_STREET = frozenset(
    ("and", "at", "bath", "baths", "bed", "beds", "for", "from", "guests", "in", "min", "mins", "minutes", "miles")
) | frozenset(("near", "of", "off", "on", "people", "room", "rooms", "the", "to", "walk", "with", "km", "hours"))
NO_WAY = frozenset(("email", "mail", "paypal", "phone", "signal", "skype", "sms", "telegram", "wechat", "whatsapp"))
WAY_NAME = re.compile(r"\s([^\W\d_]{2,40})")


def addresses(original: str, folded: Folded) -> Iterator[Span]:
    """Spans of kind `address` in the folded text, maybe overlapping; `folded` is `fold(original)`."""
    text = folded.text
    if not text.isascii():
        for match in UNSPACED_FORMS.finditer(text):
            yield "address", *match.span()
    if PLACED.search(text):
        for match in MAP.finditer(text):
            yield "address", *match.span()
    for match in OTHER_FORMS.finditer(text):
        if match["zip"] is None:
            yield "address", *match.span()
        elif original[folded.at[match.start()]].isupper():
            yield "address", *match.span("zip")
    for match in CAPITALISED.finditer(text):
        starts = [match.start(name) for name in STARTS if match[name] is not None]
        if all(original[folded.at[start]].isupper() for start in starts):
            yield "address", *match.span()
    for _, start, stop in _streets(original, folded):
        ahead = max(0, start - LOOK_BACK)
        postal = POSTAL_AHEAD.search(text[ahead:start])
        if postal is not None:
            yield "address", ahead + postal.start(), ahead + postal.end()
        behind = POSTAL.match(text, stop)
        capital = behind is not None and original[folded.at[behind.end() + 1]].isupper()
        yield "address", start, behind.end() if behind is not None and capital else stop


def _streets(original: str, folded: Folded) -> Iterator[Span]:
    text, words = folded.text, lexicon("private")
    for facet in ("street_after", "street_noun"):
        for hit in words.hits(facet, text):
            yield from _named(original, folded, hit.start, hit.stop, always=facet == "street_after")
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


def _named(original: str, folded: Folded, start: int, stop: int, *, always: bool) -> Iterator[Span]:
    """`12 Oak Street`, or `Oak Street 12`."""
    text, ahead = folded.text, max(0, start - LOOK_BACK)
    first = NUMBER_FIRST.search(text[ahead:start])
    capital = original[folded.at[start]].isupper()
    if first is not None and (always or capital) and NO_STREET.isdisjoint(first["words"].split()):
        yield "address", ahead + first.start(), _flat_end(text, stop)
        return
    last, before = NUMBER_BEHIND.match(text, stop), WORDS_BEFORE.search(text[ahead:start])
    if last is None or before is None:
        return
    word = ahead + before.end() - len(before["words"].split()[-1]) - 1
    if before["words"].split()[-1] not in NO_STREET and original[folded.at[word]].isupper():
        yield "address", word, _flat_end(text, last.end())


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
