"""Contacts, names and addresses of every shape we know, in any field of an advert: none is left of it when it is read.

The whole program with its tables, topics, logs and checkpoints is asked the same in `tests/cli/test_nothing_raw.py`.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.stories import advert
from manumit.detectors.text.reading import quiet_text, read
from manumit.schemas.listing import LISTING_KINDS, Listing, Price
from tests.cli.remains import told
from tests.cli.secrets import Secret

SYLLABLES = ("zor", "vel", "quin", "dra", "mor", "lis", "tar", "ven", "bro", "hul")
NAMES = st.lists(st.sampled_from(SYLLABLES), min_size=3, max_size=4).map("".join)
DIGITS = st.integers(10_000, 99_999)
MAILS = (
    "{0}@example.com", "{0} @ example . com", "{0} at example dot com", "{0}(at)example(dot)com", "{0} (a) example.com",
    "{0}@gmail,com", "{0} arroba example punto com", "{1} @ e x a m p l e . c o m", "{1} @ mail . com", "{0} gmail.com",
)  # fmt: skip
HANDLES = (
    "kik: {0}", "discord {0}#1234", "snap: {0}", "ig @{0}", "telegram: {0}", "t.me/{0}", "linktr.ee/{0}", "@{0}",
    "onlyfans.com/{0}", "https://{0}.example/me", "www.{0}.example", "instagram.com/{0}", "x.com/{0}", "viber: {0}",
    "微信：{0}", "cashapp ${0}", "https://www.tiktok.com/@{0}", "wechat id {0}", "vx {0}", "wa.me/message/{0}",
)  # fmt: skip
INTRODUCED = (
    "My name is {0}", "I'm {0}.", "ask for {0}", "Call {0} now", "Name: {0}", "me llamo {0}", "Soy {0}", "me chamo {0}",
    "je m'appelle {0}", "ich bin {0}", "quhem {0}", "mă numesc {0}", "меня зовут {0}", "اسمي {0}", "tên em là {0}",
    "ฉันชื่อ {0}", "我叫 {0}", "nama saya {0}", "ang pangalan ko ay {0}", "ខ្ញុំឈ្មោះ {0}", "ကျွန်မနာမည် {0}", "Hi, {0} here",
)  # fmt: skip
STREETS = (
    "{1} {0} Street", "{0} Street {1}", "{1} {0} Ave, apt 4", "calle {0} {1}", "rua {0}, {1}", "{1} rue {0}",
    "{0}straße 17", "via {0} 17", "strada {0} nr. 17", "rruga {0} 17", "ул. {0}, д. 17", "شارع {0} 17",
    "đường {0} 17", "jalan {0} 17", "Room 17, {0} Tower",
)  # fmt: skip
KINDS = ("mail", "handle", "name", "address", "place")
FIELDS = ("title", "text", "place", "contacts", "payments", "listing_id", "poster", "wallets", "language", "prices")


def token(contact: str) -> str:
    return "contact:" + sha256(b"a key" + contact.encode()).hexdigest()[:32]


@st.composite
def secrets(draw: st.DrawFn) -> Secret:
    kind, name, digits = draw(st.sampled_from(KINDS)), draw(NAMES), draw(DIGITS)
    if kind == "place":
        shape = draw(st.sampled_from(("{0}, {1}", "{0},{1}", "lat {0} lon {1}", "{0} N, {1} E")))
        north, east = f"{digits % 80}.{digits}", f"{digits % 170}.{digits + 1}"
        return Secret(kind=shape, text=shape.format(north, east), needles=(north, east))
    shapes = {"mail": MAILS, "handle": HANDLES, "name": INTRODUCED, "address": STREETS}[kind]
    shape = draw(st.sampled_from(shapes))
    written = name.capitalize() if kind in ("name", "address") else name
    spelt = {"mail": " ".join(name), "address": str(digits)}.get(kind, "")
    return Secret(kind=shape, text=shape.format(written, spelt), needles=(name, *filter(None, (spelt,))))


def put(secret: Secret, field: str, kind: str) -> Listing:
    listing = msgspec.structs.replace(advert("a", "other", "Evenings, 200 USD."), kind=kind, contacts=())
    given: object = {
        "contacts": (secret.text,),
        "payments": ("cash", secret.text),
        "wallets": (secret.text, f"x:y:{secret.needles[0]}"),
        "listing_id": f"https://board.example/{secret.needles[0]}?q={secret.text}"[:500],
        "prices": (Price(amount="200", currency=secret.needles[0]),),
        "title": f"New. {secret.text}",
        "text": f"Near the park. {secret.text}\nEvenings only.",
    }.get(field, secret.text)
    return msgspec.structs.replace(listing, **{field: given})


@settings(max_examples=600, deadline=None)
@given(secrets(), st.sampled_from(FIELDS), st.sampled_from(LISTING_KINDS))
def test_no_shape_survives_in_any_field(secret: Secret, field: str, kind: str) -> None:
    once = read(put(secret, field, kind), token)
    left = told({"listing": msgspec.json.encode(once), "repr": repr(once).encode()}, [secret])
    assert not left, (secret.text, field, once)
    assert read(once, token) == once


@given(secrets())
def test_what_flags_need_stays(secret: Secret) -> None:
    """A price, an age, a measure and a span of time beside it."""
    text = f"200 USD per hour, 25 years old, 60 m2, open 10:00 to 22:00, bitcoin only.\n{secret.text}\nFree visa."
    quiet = quiet_text(text)
    for word in ("200 USD per hour", "25 years old", "60 m2", "10:00 to 22:00", "bitcoin only", "Free visa"):
        assert word in quiet, (secret.text, quiet)
