"""What an advert says, read into its fields: language, prices, contacts as tokens, wallets, payments.

Pure: the same listing and the same `tokenise` give the same reading. The contacts leave the text too, so
nothing downstream holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import msgspec
from phonenumbers import SUPPORTED_REGIONS

from manumit.detectors.text.advert import MAX_CHARACTERS, said
from manumit.detectors.text.contacts import Contact, contacts, masked, tokens
from manumit.detectors.text.language import language
from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.normalise import fold
from manumit.detectors.text.prices import prices
from manumit.detectors.text.wallets import account, accounts
from manumit.schemas.listing import Listing

TOKEN = "contact:"  # noqa: S105 - the prefix of a contact token, not a password
MAX_PAYMENTS = 12


def read(listing: Listing, tokenise: Callable[[str], str]) -> Listing:
    """The listing with its fields filled from title and text; what the source already gave stays.

    `tokenise("tel:+12025550123")` returns a `contact:…` token. Contacts the source gave in the clear become
    tokens as well, poster names too. Title and text come back with their contacts masked and at most
    MAX_CHARACTERS long.
    """
    region = _region(listing.place)
    title, text = listing.title[:MAX_CHARACTERS], listing.text[:MAX_CHARACTERS]
    in_title, in_text = contacts(title, region), contacts(text, region)
    given = (_given(contact, region, tokenise) for contact in listing.contacts)
    wallets = (*_checked(listing.wallets), *accounts(said(listing)))
    quiet = msgspec.structs.replace(listing, title=masked(title, in_title), text=masked(text, in_text))
    return msgspec.structs.replace(
        quiet,
        language=listing.language or language(said(quiet)),
        prices=listing.prices or prices(said(quiet)),
        contacts=tuple(dict.fromkeys((*given, *tokens((*in_title, *in_text), tokenise)))),
        wallets=tuple(dict.fromkeys(wallets)),
        payments=listing.payments or _payments(said(quiet)),
        poster=_poster(listing, tokenise),
    )


def _region(place: str) -> str:
    """The country at the head of a coarse cell such as `US-NY`, else ""."""
    head = place[:2].upper()
    return head if head in SUPPORTED_REGIONS and not place[2:3].isalnum() else ""


def _given(contact: str, region: str, tokenise: Callable[[str], str]) -> str:
    if contact.startswith(TOKEN):
        return contact
    found: tuple[Contact, ...] = contacts(contact, region)
    return tokenise(found[0].identifier if found else f"other:{fold(contact).text.strip()}")


def _poster(listing: Listing, tokenise: Callable[[str], str]) -> str:
    if not listing.poster or listing.poster.startswith(TOKEN):
        return listing.poster
    return tokenise(f"poster:{listing.source}:{listing.poster}")


def _checked(wallets: tuple[str, ...]) -> tuple[str, ...]:
    """Wallets the source gave, as CAIP-10 accounts; those whose checksum is wrong are left out."""
    found = ((name if name.count(":") == 2 else account(name)) for name in wallets)
    return tuple(name for name in found if name is not None)


def _payments(text: str) -> tuple[str, ...]:
    """The means of payment a text names, in its own folded words."""
    words, folded = lexicon("payments"), fold(text).text
    hits = (hit for facet in ("crypto", "fiat") for hit in words.hits(facet, folded))
    return tuple(dict.fromkeys(folded[hit.start : hit.stop] for hit in islice(hits, MAX_PAYMENTS)))
