"""Invented people as adverts tell them: contacts, names and addresses of many shapes, and what must be found nowhere.

Telephone numbers come from ranges kept for fiction, hosts from those kept for documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from bench.obfuscation import FRAMES, FURTHER, NINE, samples
from manumit.detectors.text.normalise import fold

EACH = 1
TELLING = 12  # characters of half a spelt number: fewer may stand elsewhere
SHORTEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """`text` is a line of an advert; `needles` are what tells who or where somebody is, in every form we know."""

    kind: str
    text: str
    needles: tuple[str, ...]
    place: str = "US"


def telephones() -> Iterator[Secret]:
    for sample in samples({**NINE, **FURTHER}, EACH, seed=41):
        digits, spelt = sample.number.removeprefix("+"), spelling(sample.text)
        halves = [half for half in (spelt[: len(spelt) // 2], spelt[len(spelt) // 2 :]) if len(half) >= TELLING]
        needles = (digits, *national(digits), spelt, *halves)
        yield Secret(kind=sample.kind, text=sample.text, needles=needles, place=sample.region)


def spelling(text: str) -> str:
    """The number as the line spells it, without the frame around it."""
    ends = [frame.split("{}") for frame in FRAMES]
    inside = [text[len(a) : len(text) - len(b)] for a, b in ends if text.startswith(a) and text.endswith(b)]
    return min(inside, key=len)


def national(digits: str) -> tuple[str, ...]:
    """What stays when the country is left out, long enough to be nobody else's."""
    return tuple(digits[code:] for code in (1, 2) if len(digits) - code >= 9)


def mails() -> Iterator[Secret]:
    spellings = (
        "{0}@{1}.{2}", "{0} @ {1}.{2}", "{0}(at){1}(dot){2}", "{0} [at] {1} [dot] {2}", "{0} arroba {1} punto {2}",
        "{0} at {1} dot {2}", "mailto:{0}@{1}.{2}", "{0}＠{1}.{2}", "{0}{{at}}{1}.{2}", "{0} (a) {1}.{2}",
        "{0} @ {1} . {2}",
    )  # fmt: skip
    for number, spelling in enumerate(spellings):
        local = f"quendrix.vossle{number}"
        yield Secret(
            kind=f"mail {spelling}",
            text=f"write to {spelling.format(local, 'example', 'com')} soon",
            needles=(local, f"vossle{number}"),
        )


def spaced_mails() -> Iterator[Secret]:
    """Letters one by one, or a house that everybody knows and no dot."""
    for number, spelling in enumerate(("{} @ g m a i l . c o m", "{} @ mail . com", "{} at gmail dot com")):
        letters = " ".join(f"quenvossle{number}")
        yield Secret(kind=f"mail {spelling}", text=f"mail: {spelling.format(letters)} soon", needles=(letters[-9:],))
    for number, spelling in enumerate(("{}@gmail,com", "{} @ gmail com", "{} gmail.com", "{} at gmail com")):
        name = f"vambrelquen{number}"
        yield Secret(kind=f"mail {spelling}", text=f"mail: {spelling.format(name)} soon", needles=(name,))


def handles() -> Iterator[Secret]:
    spellings = (
        "telegram: @{0}", "t.me/{0}", "https://t.me/{0}", "tg {0}", "WeChat：{0}", "wechat id {0}", "instagram @{0}",
        "instagram.com/{0}", "IG: {0}", "signal: {0}", "line id: {0}", "@{0}", "snapchat {0}", "skype: {0}",
        "телеграм @{0}", "微信 {0}", "kik: {0}", "kik {0}",
        "discord {0}#4821", "discord.gg/{0}", "snap: {0}", "sc: {0}",
        "linktr.ee/{0}", "onlyfans.com/{0}", "https://www.tiktok.com/@{0}", "x.com/{0}", "fansly.com/{0}",
        "https://wa.me/message/{0}", "cashapp ${0}", "paypal.me/{0}", "viber: {0}", "V：{0}", "ไลน์ {0}",
        "https://{0}.example/about", "www.{0}.example", "{0}.com",
    )  # fmt: skip
    for number, spelling in enumerate(spellings):
        name = f"zorvane_{number}kx"
        yield Secret(kind=f"handle {spelling}", text=f"Nice place. {spelling.format(name)}", needles=(name,))


NAMED = {
    "My name is {}": "Quillory Drazen", "I am called {}, see you": "Ortensia Vambrel",
    "ask for {}": "Bramwick Ostrelle",
    "me llamo {}": "Zulmira Pontevros", "mi nombre es {}": "Ximara Toledrez", "me chamo {}": "Querina Salvatrez",
    "je m'appelle {}": "Oriande Vellaquoi", "mein Name ist {}": "Trudhilde Vossmanz",
    "mi chiamo {}": "Zefirella Brandacci",
    "mă numesc {}": "Vioricana Drăgzescu", "quhem {}": "Zamirela Hoxhvari", "меня зовут {}": "Зельмира Кривозорова",
    "اسمي {}": "زلميرانا", "tên em là {}": "Quỳnzara", "nama saya {}": "Sukmawrati Zendrani",
    "ang pangalan ko ay {}": "Zamboriza Dalisayra", "我叫{}": "戚曌娜", "ฉันชื่อ {}": "ซลมิรา",
    "I'm {}, evenings": "Zelmoranda", "I am {}": "Ulverinda", "im {} call me": "yolvandra", "This is {}.": "Xanvorette",
    "please ask for {}": "wenderilla",
    "Hi, {} here": "Vorlisande", "Call {} now": "Tramborine", "Name: {}": "Sorvelline Quast",
    "contact: {}": "Rolmirande Vex", "Ask for Ms. {}": "Quollinger", "Soy {}": "Pelvarita", "sou a {}": "Olvarinha",
    "je suis {}": "Nervoline", "ich bin die {}": "Mervoltrud", "unë jam {}": "Lirvoneza", "Eu sunt {}": "Kirvoleana",
    "Это {}": "Йервалина", "أنا {}": "يرفالينا", "em là {}": "Jirvolinh", "saya {}": "Irvolanti",
    "ito si {}": "Hirvolita",
    "我是{}": "戚曌嫿", "姓名：{}": "戚曌媗", "ฉันคือ{}": "ฌิรวลินา", "ឈ្មោះ {}": "ឈិរវលិណា", "ကျွန်မနာမည်က {}": "ဈိရဝလိနာ",
}  # fmt: skip

ADDRESSES = {
    "Room at {}, near the park": "1274 Quorvane Street",
    "visit {}": "88 Zelbroke Avenue, apt 9",
    "{} is the place": "17-19 Ostrelane Road",
    "12e etage {}": "12 rue de Vambrelaine",
    "vivo en {}": "calle Zulmarejo 45",
    "fica na {}": "Rua Querinhosa 77",
    "in der {}": "Vossmanzstraße 14",
    "{}, scala B": "via Zefirandola 8",
    "pe {}": "strada Drăgzeilor nr. 9",
    "rr. {}": "rruga Hoxhvarit 21",
    "адрес: {}": "ул. Кривозоркина, д. 5",
    "地址 {}": "戚曌路88号",
    "pin {}": "59.9123477, 10.7532177",
    "map https://maps.app.goo.gl/{}": "Zq7Vambrel9",
    "postcode {}": "ZQ9 7XD",
    "jalan {}": "Jalan Zendrani 14",
    "here {}": "59.9147, 10.7522",
    "gps {}": "lat 59.9163 lon 10.7581",
    "at {}": "59°54'50\"N 10°45'08\"E",
    "come to {}": "Quorvelane Street 1288",
    "flat in {}": "Vossmanzgaten 17, 0150 Oslo",
    "im Haus {}": "10999 Berlin, Zelbrokering 31",
    "nha {}": "129/7 đường Quỳnzarathi",
    "住 {}": "戚曌嫿小区3号楼5027室",
    "場所 {}": "東京都戚曌区1-27-38",
    "บ้าน {}": "128/45 ถนนซลมิรานา",
    "ផ្ទះ {}": "ផ្ទះលេខ 1274 ផ្លូវ 2467",
    "нахожусь {}": "Кривозоркинская улица 127",
    "ask at {}": "Room 5027, Zelbrokane Tower",
}


def names() -> Iterator[Secret]:
    for frame, name in NAMED.items():
        yield Secret(kind=f"name {frame}", text=frame.format(name), needles=tuple(name.split()))


def addresses() -> Iterator[Secret]:
    for frame, place in ADDRESSES.items():
        telling = tuple(
            word for word in place.replace(",", " ").split() if len(word) > 6 or any(map(str.isdigit, word))
        )
        needles = tuple(word for word in telling if len(word) > 4) or (place,)
        yield Secret(kind=f"address {frame}", text=frame.format(place), needles=needles)


def secrets() -> list[Secret]:
    return [*telephones(), *mails(), *spaced_mails(), *handles(), *names(), *addresses()]


def forms(needle: str) -> frozenset[bytes]:
    """A needle in lower case as UTF-8, folded as our reader folds it, in JSON, in UTF-16, and its unkeyed digests."""
    written = {needle, needle.lower(), needle.casefold(), fold(needle).text.strip(), " ".join(needle.split())}
    plain = {text.encode() for text in written} | {text.encode("utf-16-le") for text in written}
    plain |= {text.encode("ascii", "backslashreplace") for text in written}
    plain |= {msgspec.json.encode(text)[1:-1] for text in written}
    named = {f"{kind}{text}" for text in written for kind in ("", "tel:+", "tel:", "email:", "telegram:", "name:")}
    digests = {sha256(text.encode()).hexdigest()[:16].encode() for text in named}
    return frozenset(form.lower() for form in plain if len(form) >= SHORTEST) | digests
