"""What an advert is called: its source's own id or address, kept only where it can tell nobody.

Numbers, hashes and addresses of nothing but those and a board's own words stay, so that whoever may look the advert
up finds it. All else becomes a keyed token, the same for every revision.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from manumit.detectors.text.contacts import LINK, contacts
from manumit.detectors.text.normalise import fold
from manumit.detectors.text.private import private
from manumit.schemas.unfit import UNFIT

TOKEN = "contact:"  # noqa: S105 - the prefix of a contact token, not a password
LONGEST_IDENTIFIER = 256
HASH = r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){2,6}"
PLAIN_ID = re.compile(rf"[A-Za-z]{{1,3}}[-_:]?\d{{0,8}}|[1-9]\d{{0,8}}|(?:listing-)?{HASH}")
NUMBER = re.compile(r"[1-9]\d{9,11}")
WORDED_ID = re.compile(r"(?P<word>[A-Za-z]{1,12})[-_:]?\d{0,8}")
DIALLED = re.compile(r"(?:\+|00?)[1-9]\d{7,14}")
PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
HOST = re.compile(r"^[a-z]{3,8}://[^/?#]{1,255}")
WEB = re.compile(r"https?://")
SLUG = re.compile(r"[^\W\d_]{3,}[-_+]{1,2}[^\W\d_]{3,}|\s|\d{2,5}[-_.()+/]{1,2}\d{2,5}[-_.()+/]{1,2}\d{2,5}")
GROUPED = re.compile(r"(?<!\d)(?!\d{4}-\d{2}-\d{2}(?!\d))\d{2,4}(?:[-. ]\d{2,4}){2,4}(?!\d)")  # no dates
JOINTS = str.maketrans("-_/+&=?", "       ")
STEPS = re.compile(r"[/?&=#.,;:]+")
STEP = re.compile(rf"[A-Za-z]{{0,2}}|[A-Za-z]{{0,3}}[-_]?\d{{1,9}}|{HASH}|\d{{10}}", re.IGNORECASE)
OF_A_BOARD = frozenset(
    """
    ad ads advert adverts anuncio anuncios annonce annonces anzeige anzeigen article board booking case category
    classified classifieds detail details entry escort escorts event feed guid housing html item items job jobs lets
    listing listings massage message messages offer offers page php post posting posts rental rentals rent room rooms
    row show sms test travel unit view work
    """.split()  # noqa: SIM905 - rows of words are read
)


def quiet_identifier(name: str, tokenise: Callable[[str], str]) -> str:
    """The source's own id, unless it may tell somebody: then a token that is the same for every revision.

    So it rests on the id alone. Slugs of words go too: they repeat titles, and titles name people and places.
    """
    if PLAIN_ID.fullmatch(name) or _is_worded(name):
        return name
    if len(name) > LONGEST_IDENTIFIER or UNFIT.search(name):
        return tokenise(f"listing:{name!a}").replace(TOKEN, "listing-")
    return tokenise(f"listing:{name}").replace(TOKEN, "listing-") if _tells(name) else name


def _tells(name: str) -> bool:
    if NUMBER.fullmatch(name):
        return any(contact.kind == "tel" for contact in contacts(name))
    path = HOST.sub("", PERCENT.sub(_decoded, name))
    if WEB.match(name) and not _is_plain_path(name):
        return True
    spaced = path.translate(JOINTS)
    worded = any((SLUG.search(path), DIALLED.fullmatch(name), GROUPED.search(name)))
    return worded or _reaches(name) or _reaches(spaced) or any(private(spaced, fold(spaced)))


def _reaches(text: str) -> bool:
    return any(contact.kind != LINK for contact in contacts(text))


def _is_worded(name: str) -> bool:
    """A board's own word and a number: `listing-12`."""
    match = WORDED_ID.fullmatch(name)
    return match is not None and match["word"].lower() in OF_A_BOARD


def _is_plain_path(address: str) -> bool:
    """An address that holds no user, and beyond its host nothing but numbers, hashes and a board's own words."""
    host = HOST.match(address)
    if host is None or "@" in host[0]:
        return False
    return all(step.lower() in OF_A_BOARD or STEP.fullmatch(step) for step in STEPS.split(address[host.end() :]))


def _decoded(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("%", "")).decode("utf-8", "replace")
