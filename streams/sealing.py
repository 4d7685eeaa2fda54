"""Refused records that may name people: what is kept of them is why, which field, where, and a keyed hash.

The hash tells two letters of one record apart from two records, and lets whoever holds key and record prove that
they belong together; it cannot be turned back.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from manumit.connectors.tokens import kind_tokeniser
from manumit.detectors.text.reading import quiet_text
from manumit.schemas.dead_letter import REASONS, DeadLetter
from manumit.schemas.fields import kinds_of
from manumit.schemas.listing import Listing
from manumit.schemas.records import RECORDS, name_of
from manumit.schemas.unfit import fitted

LISTING = name_of(Listing)
NAMED = re.compile(r"\$\.(\w{1,40})|(?:^|: )(\w{1,40}) is ")  # how our readers and msgspec name a field
PLACED = re.compile(r"\b(?:byte|line|column|row) \d{1,9}\b")
SEALED = "sealed "
Seal = Callable[[DeadLetter], DeadLetter]


def sealed(letter: DeadLetter, tokenise: Callable[[str, str], str]) -> DeadLetter:
    """The letter without the words of its record; one that names nobody comes back as it is.

    `tokenise(kind, text)` is a keyed hash (`connectors.tokens.kind_tokeniser`). The id changes with the key: an
    unkeyed digest of a short record could be guessed.
    """
    letter = msgspec.structs.replace(fitted(letter), payload=letter.payload)  # a payload is the record, or is sealed
    if not letter.may_name_people:
        return letter
    private = letter.record in ("", LISTING)
    return msgspec.structs.replace(
        letter,
        letter_id=tokenise("letter", letter.letter_id),
        place=quiet_text(letter.place) if private else letter.place,
        message=_message(letter),
        payload=f"{SEALED}{tokenise('record', letter.payload)}, {len(letter.payload)} characters",
    )


def _message(letter: DeadLetter) -> str:
    """The reason in our own words, with the field and the place in the record where they are known: a reader's
    message quotes the record."""
    parts = [REASONS[letter.reason]]
    field = next((name for pair in NAMED.findall(letter.message) for name in pair if name in _fields(letter)), "")
    parts += [f"field {field}"] if field else []
    parts += [found[0] for found in [PLACED.search(letter.message)] if found is not None]
    return "; ".join(parts)


def _fields(letter: DeadLetter) -> frozenset[str]:
    struct = RECORDS.get(letter.record, Listing)
    return frozenset(kinds_of(struct))


def without_a_key(letter: DeadLetter) -> DeadLetter:
    """Sealed under a key that everybody knows: for a desk that was given none."""
    return sealed(letter, kind_tokeniser(b"no key"))
