"""What an advert says, read into its fields: language, place, prices, contacts as tokens, wallets, payments.

Pure: the same listing and the same `tokenise` give the same reading. Contacts, introduced names and exact addresses
leave the text too, so nothing downstream holds one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice

import msgspec
from phonenumbers import SUPPORTED_REGIONS

from manumit.detectors.campaigns.rooms import room_photos
from manumit.detectors.text.advert import MAX_CHARACTERS, said
from manumit.detectors.text.contacts import Contact, apart, contacts, contacts_in, masked, tokens
from manumit.detectors.text.defaults import UNSAID, Defaults
from manumit.detectors.text.identifiers import quiet_identifier
from manumit.detectors.text.language import language
from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.places.cells import cell, cell_in
from manumit.detectors.text.prices import prices_in
from manumit.detectors.text.private import private
from manumit.detectors.text.wallets import account, accounts
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.listing import Listing, Price
from manumit.schemas.unfit import fit, fitted

TOKEN = "contact:"  # noqa: S105 - the prefix of a contact token, not a password
MAX_TITLE = 1_000  # characters; of the text MAX_CHARACTERS are read
MAX_PAYMENTS = 12
TOO_LONG = "[payment]"
LONGEST_PAYMENT = 64  # characters; what is longer names no means of payment
MAX_PRICES = 50
MAX_WALLETS = 50
LONGEST_POSTER = 200  # characters by which a poster is found in the text
MAX_TOKENS = 40  # contacts of one advert that become tokens; all of them are masked
MAX_GIVEN_CHARACTERS = 1_000  # of the contacts that a source gave; those beyond become tokens unread
EACH_GIVEN = 20  # characters that a contact counts at least: even a short one costs time
LONGEST_WALLET = 200
IS_TOKEN = re.compile(rf"{TOKEN}(?!\d+$)[0-9a-f]{{8,64}}")  # as `connectors.tokens` makes them; no name looks so
# source: CAIP-10; an account is longer than any name or number by which a person is reached
ACCOUNT = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:(?=[a-zA-Z]{0,60}\d)[a-zA-Z0-9]{24,128}")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
AMOUNT = re.compile(r"\d{1,30}(?:\.\d{1,18})?")
COINS = ("BTC", "ETH", "USDT", "USDC", "TRX", "LTC", "XMR", "BNB", "SOL", "DAI", "XRP", "TON", "BUSD", "TUSD", "DOGE")
CURRENCIES = frozenset(COINS) | frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
    """.split()  # noqa: SIM905 - ISO 4217
)


def read(listing: Listing, tokenise: Callable[[str], str], defaults: Defaults = UNSAID) -> Listing:
    """The listing with its fields filled from title and text; what the source already gave stays, cleaned.

    `tokenise("tel:+12025550123")` returns a `contact:…` token. Contacts the source gave in the clear become
    tokens as well, poster names too. Title and text come back with contacts, introduced names and exact addresses
    masked, without characters that turn text round. `place` becomes a coarse cell. What is longer or more than the
    bounds above is left out, or stands as a mask or token; it is never read and never kept as it was. `defaults` are
    those of the listing's source.
    """
    place = cell(listing.place)
    region = _region(place) or defaults.country
    poster = "" if _is_token(listing.poster) else listing.poster[:LONGEST_POSTER]
    title, in_title = _quiet(fit(listing.title[:MAX_TITLE]), region, poster)
    text, in_text = _quiet(fit(listing.text[:MAX_CHARACTERS]), region, poster)
    given = _given(listing.contacts[:MAX_TOKENS], region, tokenise)
    wallets = (*_checked(listing.wallets[:MAX_WALLETS]), *accounts(said(listing)))
    quiet = msgspec.structs.replace(listing, title=title, text=text)
    told = said(quiet)
    folded = fold(told)
    every = dict.fromkeys((*given, *tokens((*in_title, *in_text), tokenise)))
    return msgspec.structs.replace(
        quiet,
        source=fit(listing.source),
        listing_id=quiet_identifier(listing.listing_id, tokenise),
        language=listing.language if LANGUAGE.fullmatch(listing.language) else language(told) or defaults.language,
        place=place or cell_in(told, folded),
        prices=tuple(filter(_is_price, listing.prices[:MAX_PRICES])) or prices_in(folded, defaults.currency),
        contacts=tuple(islice(every, MAX_TOKENS)),
        wallets=tuple(dict.fromkeys(wallets)),
        payments=_clean(listing.payments, region, poster) or _payments(folded),
        poster=_poster(listing, tokenise),
        photos=room_photos(listing),
    )


def quiet_text(text: str) -> str:
    """Any text, such as that of an advert nobody could read, with what would tell who or where a person is masked."""
    return _quiet(fit(text), "", "")[0]


def quiet_note(event: AccountEvent) -> AccountEvent:
    """The event with its payment note masked the same way; who paid whom stands in its tokens."""
    plain = fitted(event)
    return msgspec.structs.replace(plain, note=quiet_text(plain.note[:MAX_CHARACTERS])) if plain.note else plain


def _quiet(text: str, region: str, poster: str) -> tuple[str, tuple[Contact, ...]]:
    """The masked text, and the contacts that were in it."""
    folded = fold(text)
    found = contacts_in(folded, region)
    return masked(text, apart(chain(found, private(text, folded, poster)), len(text))), found


def _region(place: str) -> str:
    """The country at the head of a coarse cell such as `US-NY`, else ""."""
    head = place[:2]
    return head if head in SUPPORTED_REGIONS and not place[2:3].isalnum() else ""


def _given(given: tuple[str, ...], region: str, tokenise: Callable[[str], str]) -> Iterator[str]:
    """Tokens of contacts in the clear; those that come after too many characters are not read for what they are."""
    left = MAX_GIVEN_CHARACTERS
    for contact in given:
        if _is_token(contact):
            yield contact
            continue
        left -= max(EACH_GIVEN, len(contact))
        found: tuple[Contact, ...] = contacts(contact, region) if left >= 0 else ()
        spelt = fold(contact).text if left >= 0 else fit(contact)
        yield tokenise(found[0].identifier if found else f"other:{spelt.strip()}")


def _is_token(name: str) -> bool:
    return IS_TOKEN.fullmatch(name) is not None


def _poster(listing: Listing, tokenise: Callable[[str], str]) -> str:
    if not listing.poster or _is_token(listing.poster):
        return listing.poster
    return tokenise(f"poster:{listing.source}:{fit(listing.poster)}")


def _checked(wallets: tuple[str, ...]) -> tuple[str, ...]:
    """Wallets the source gave, as CAIP-10 accounts; those whose checksum is wrong are left out."""
    short = (name for name in wallets if len(name) <= LONGEST_WALLET)
    found = ((name if ACCOUNT.fullmatch(name) else account(name)) for name in short)
    return tuple(name for name in found if name is not None)


def _payments(folded: Folded) -> tuple[str, ...]:
    """The means of payment a text names, in its own folded words."""
    words = lexicon("payments")
    hits = (hit for facet in ("crypto", "fiat") for hit in words.hits(facet, folded.text))
    return tuple(dict.fromkeys(folded.text[hit.start : hit.stop] for hit in islice(hits, MAX_PAYMENTS)))


def _clean(payments: tuple[str, ...], region: str, poster: str) -> tuple[str, ...]:
    """Masked; what is too long to name a means of payment stands as `[payment]`."""
    return tuple(
        _quiet(fit(words), region, poster)[0] if len(words) <= LONGEST_PAYMENT else TOO_LONG
        for words in payments[:MAX_PAYMENTS]
    )


def _is_price(price: Price) -> bool:
    return AMOUNT.fullmatch(price.amount) is not None and price.currency.upper() in CURRENCIES
