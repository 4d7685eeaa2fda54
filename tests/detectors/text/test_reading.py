from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.listings.crypto_discount_or_only import FLAG as CRYPTO
from manumit.detectors.listings.job_all_paid_travel import FLAG as TRAVEL
from manumit.detectors.stories import advert
from manumit.detectors.text.advert import said
from manumit.detectors.text.contacts import contacts, masked
from manumit.detectors.text.language import language
from manumit.detectors.text.phones import phones
from manumit.detectors.text.prices import prices
from manumit.detectors.text.reading import quiet_note, read
from manumit.detectors.text.wallets import account, accounts, everywhere
from manumit.schemas.account_event import AccountEvent

NUMBER = "2025550147"  # 555-01xx is reserved for fiction
WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "ru": "ноль один два три четыре пять шесть семь восемь девять",
    "vi": "không một hai ba bốn năm sáu bảy tám chín",
    "id": "nol satu dua tiga empat lima enam tujuh delapan sembilan",
}


def token(identifier: str) -> str:
    return "contact:" + sha256(identifier.encode()).hexdigest()[:16]


def spelt(language: str) -> Callable[[str], str]:
    return lambda number: " ".join(WORDS[language].split()[int(digit)] for digit in number)


OBFUSCATIONS: dict[str, Callable[[str], str]] = {
    "plain": lambda n: n,
    "dashes": lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}",
    "brackets": lambda n: f"({n[:3]}) {n[3:6]} {n[6:]}",
    "blanks": " ".join,
    "glued words": lambda n: "".join(WORDS["en"].split()[int(d)] if i % 2 else d for i, d in enumerate(n)),
    "letters": lambda n: n.replace("0", "O").replace("1", "l"),
    "wide": lambda n: "".join(chr(0xFF10 + int(d)) for d in n),
    "keycaps": lambda n: " ".join(d + "\ufe0f\u20e3" for d in n),
    "stars": lambda n: f"{n[:3]}*{n[3:6]}*{n[6:]}",
    "Arabic digits": lambda n: "".join(chr(0x0660 + int(d)) for d in n),
    "Chinese words": lambda n: "".join("零一二三四五六七八九"[int(d)] for d in n),
    "Thai digits": lambda n: "".join(chr(0x0E50 + int(d)) for d in n),
    "zero width": lambda n: "\u200b".join(n),
    **{f"words {name}": spelt(name) for name in WORDS},
}


@pytest.mark.parametrize("kind", list(OBFUSCATIONS))
@pytest.mark.parametrize("last", range(100, 200, 7))
def test_phones_however_they_are_written(kind: str, last: int) -> None:
    number = f"202555{last:04d}"
    text = f"great place {OBFUSCATIONS[kind](number)}, today"
    assert [phone.number for phone in phones(text, "US")] == [f"+1{number}"]


@pytest.mark.parametrize(
    "text",
    [
        "rent 1200 usd month 2 rooms 60 m2 floor 3",
        "posted 2024-05-12 10:30 ref 4432",
        "salary 12000000 VND monthly, 12.000.000 đ",
        "2 bed 1 bath 1,850 sqft $1,525,000 built 1998",
        "open 9 to 5 monday to friday",
        "one of two rooms for one or two people, three stops from the centre",
        "post id 7141106057",
        "IBAN DE89370400440532013000",
        "card 4111 1111 1111 1111",
        "0x127701abaceede09db639d79be721f9e20a052f4",
        "500 600 700 800",
    ],
)
def test_ordinary_numbers_are_no_phones(text: str) -> None:
    assert phones(text, "US") == ()


def test_a_number_without_its_country_needs_a_region() -> None:
    assert phones("call 202 555 0147") == ()
    assert [phone.number for phone in phones("call +1 202 555 0147 or 00 44 7700 900123")] == [
        "+12025550147",
        "+447700900123",
    ]


def test_contacts_and_their_masks() -> None:
    text = "Mail jane.roe(at)example(dot)com, telegram: @made_up_name, WeChat：fiction88 or call +1 202-555-0147!"
    found = contacts(text)
    assert [contact.identifier for contact in found] == [
        "email:jane.roe@example.com",
        "telegram:made_up_name",
        "wechat:fiction88",
        "tel:+12025550147",
    ]
    assert masked(text, found) == "Mail [email], [telegram], [wechat] or call [tel]!"


def test_links_and_words() -> None:
    assert [c.identifier for c in contacts("wa.me/12025550147")] == ["tel:+12025550147"]
    assert [c.identifier for c in contacts("t.me/made_up_name")] == ["telegram:made_up_name"]
    assert [c.identifier for c in contacts("roe at example dot org")] == ["email:roe@example.org"]
    assert [c.identifier for c in contacts("@made_up.name")] == ["handle:made_up.name"]
    assert contacts("size 38 @ shop, read us at 9 at the dot") == ()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("3k usd per month", [("3000", "USD", "month")]),
        ("800-1500 usd", [("800", "USD", "unknown"), ("1500", "USD", "unknown")]),
        ("80 eur/h, 150€", [("80", "EUR", "hour"), ("150", "EUR", "unknown")]),
        ("IDR 12jt per bulan", [("12000000", "IDR", "month")]),
        ("1.500,50 €", [("1500.5", "EUR", "unknown")]),
        ("$1,525,000 built 1998", [("1525000", "USD", "unknown")]),
        ("1,500 to 6,000 GBP", [("1500", "GBP", "unknown"), ("6000", "GBP", "unknown")]),
        ("5000 руб в час", [("5000", "RUB", "hour")]),
        ("120.000đ", [("120000", "VND", "unknown")]),
        ("US$ 100 overnight", [("100", "USD", "night")]),
        ("250 USD pe oră", [("250", "USD", "hour")]),
        ("3 rooms 60 m2", []),
    ],
)
def test_prices(text: str, want: list[tuple[str, str, str]]) -> None:
    assert [(price.amount, price.currency, price.per) for price in prices(text)] == want


# Published examples of EIP-55 and of Bitcoin's address formats (BIP-173, BIP-350); nobody's till.
ETH = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
BTC = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"


def test_wallets_are_checked() -> None:
    text = f"send to {ETH} or {BTC} not to {ETH[:-1]}D"
    assert list(accounts(text)) == [f"eip155:1:{ETH.lower()}", f"bip122:000000000019d6689c085ae165831e93:{BTC.lower()}"]
    assert list(accounts(ETH[:10] + "\u200b" + ETH[10:])) == [f"eip155:1:{ETH.lower()}"]
    assert account("0x1234") is None


def test_an_evm_wallet_stands_on_every_evm_chain() -> None:
    names = everywhere(f"eip155:1:{ETH.lower()}")
    assert f"eip155:137:{ETH.lower()}" in names
    assert len(set(names)) == len(names) > 3
    assert everywhere("tron:0x2b6653dc:Txyz") == ("tron:0x2b6653dc:Txyz",)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Room for rent near the station, call me in the evening", "en"),
        ("Se busca personal para trabajar en el extranjero con alojamiento", "es"),
        ("Требуются девушки для работы за границей, проживание оплачивается", "ru"),
        ("Tuyển nhân viên làm việc ở nước ngoài, lương cao", "vi"),
        ("招聘海外客服人员，包吃住，月薪两万", "zh"),
        ("", ""),
        ("12345 !!!", ""),
    ],
)
def test_language(text: str, want: str) -> None:
    assert language(text) == want


def test_reading_an_advert() -> None:
    listing = msgspec.structs.replace(
        advert(
            "a", "escort", f"Bitcoin only, 200 USD per hour. Call 202 555 0147. {ETH}", title="Call +1 202 555 0147"
        ),
        place="US-NY",
        poster="made_up",
        contacts=("roe@example.org", "contact:5f1c0e9a", "contact:roe"),
    )
    got = read(listing, token)
    assert got.title == "Call [tel]"
    assert got.text == f"Bitcoin only, 200 USD per hour. Call [tel]. {ETH}"
    assert got.contacts == (
        token("email:roe@example.org"),
        "contact:5f1c0e9a",
        token("other:contact:roe"),
        token("tel:+12025550147"),
    )
    assert got.wallets == (f"eip155:1:{ETH.lower()}",)
    assert [(p.amount, p.currency, p.per) for p in got.prices] == [("200", "USD", "hour")]
    assert got.payments == ("bitcoin",)
    assert got.poster == token("poster:made-up-board:made_up")
    assert "2025550147" not in str(got).replace(" ", "")


def test_reading_twice_changes_nothing() -> None:
    once = read(advert("a", "job", "Free flight, call +1 202 555 0147, @made_up_name, 3k usd a month"), token)
    assert read(once, token) == once


@pytest.mark.parametrize(
    "name",
    [
        "https://board.example/ads/vera-exampleova-12", "https://board.example/rooms?tel=%2B12025550147",
        "02079460123", "202-555-0147", "roe@example.org", "vera_exampleova", "call 202 555 0147",
    ],
)  # fmt: skip
def test_an_id_that_tells_somebody_becomes_one_token(name: str) -> None:
    once = read(msgspec.structs.replace(advert("a", "job", "Call me"), listing_id=name), token)
    gone = msgspec.structs.replace(advert("a", "job", ""), listing_id=name, op=-1)
    assert once.listing_id.startswith("listing-")
    assert read(gone, token).listing_id == read(once, token).listing_id == once.listing_id


@pytest.mark.parametrize(
    "name", ["7141106057", "ad-12", "4f3a2b1c9d8e7f60", "https://my-board.example/ads/12345", "e1.3"]
)
def test_plain_ids_stay(name: str) -> None:
    assert read(msgspec.structs.replace(advert("a", "job", ""), listing_id=name), token).listing_id == name


def test_a_note_of_a_payment_is_masked() -> None:
    event = AccountEvent(
        exchange="x", account_event_id="1", customer_id="c", at_us=0, kind="note", note="for room, call +1 202 555 0147"
    )
    assert quiet_note(event).note == "for room, call [tel]"


def test_what_the_source_gave_stays() -> None:
    listing = msgspec.structs.replace(advert("a", "job", "Call me"), language="xx", payments=("cash",))
    got = read(listing, token)
    assert (got.language, got.payments) == ("xx", ("cash",))


ALPHABET = st.sampled_from(
    [*"a1@.+-_ \n:0xO，。", "one", "btc", "only", "no ", "free", "visa", "\u200b", "é", "只收", "ไม่"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ALPHABET, max_size=80).map("".join) | st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing raises, spans stay inside, and no contact survives in the text."""
    listing = advert("a", "escort", text)
    got = read(listing, token)
    assert contacts(got.text) == ()
    for flag in (CRYPTO, TRAVEL):
        for span in flag.find(listing, flag.about.values()):
            assert said(listing)[span.start : span.stop] == span.text or span.facet == "payments"


BAIT = {
    "digits": "1" * 20_000,
    "ones": "one " * 5_000,
    "letters and digits": "0o" * 10_000,
    "pipes": "1|" * 10_000,
    "dashes": "1-" * 10_000,
    "at signs": "a at a dot " * 1_800,
    "coins": "btc only no " * 1_600,
    "flights": "free flight visa meals " * 800,
    "spells": "fly 1 days " * 1_800,
    "amounts": "1,000 " * 3_000,
    "marks": "e" + "\u0301" * 20_000,
    "mixed letters": "аa" * 10_000,
    "base58": ("1" + "A" * 33 + " ") * 550,
    "bullets": "\n- " * 6_000,
    "Chinese": "只收usdt" * 3_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", list(BAIT))
def test_bait_costs_linear_time(name: str) -> None:
    """Twice the text may not cost much more than twice the time: the timeout stops anything explosive."""
    listing = advert("a", "escort", BAIT[name])
    read(listing, token)
    CRYPTO.find(listing, CRYPTO.about.values())
    TRAVEL.find(msgspec.structs.replace(listing, kind="job"), TRAVEL.about.values())
