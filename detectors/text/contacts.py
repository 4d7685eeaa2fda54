"""Ways to reach a poster: telephone, e-mail, handles. Found only to become keyed tokens at once.

Patterns are fixed and bounded, so hostile text costs linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from manumit.detectors.text.handles import handles
from manumit.detectors.text.hiding import manner
from manumit.detectors.text.links import links
from manumit.detectors.text.mails import mails
from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.phones import numbers

LINK = "link"  # a place on the web
UNPLACED = "number"  # digits that may tell who somebody is, but stand in no numbering plan
TOKENLESS = (UNPLACED, LINK)


@dataclass(frozen=True, slots=True)
class Contact:
    """`identifier` is normalised (`tel:+…`, `email:…`, `telegram:…`); the span is in the original text."""

    identifier: str
    start: int
    stop: int
    dialled: bool = field(default=False, compare=False)  # a number read from its digits, not from a link

    @property
    def kind(self) -> str:
        return self.identifier.partition(":")[0]


def contacts(text: str, region: str = "") -> tuple[Contact, ...]:
    """Every contact once per place, in order of place; where two overlap the earlier kind wins.

    Kind `number` is what only looks like a contact, `link` a place on the web: both are masked, and never become a
    token.
    """
    return contacts_in(fold(text), region)


def contacts_in(folded: Folded, region: str = "") -> tuple[Contact, ...]:
    """The same for a text that is folded already."""
    return apart(_all(folded, region), folded.at[-1])


def apart(found: Iterable[Contact], length: int) -> tuple[Contact, ...]:
    """Those that overlap none before them, in order of place, in a text of `length` characters."""
    taken = bytearray(length)
    kept: list[Contact] = []
    for contact in found:
        if contact.start < contact.stop and not any(taken[contact.start : contact.stop]):
            taken[contact.start : contact.stop] = b"\x01" * (contact.stop - contact.start)
            kept.append(contact)
    return tuple(sorted(kept, key=lambda contact: contact.start))


def _all(folded: Folded, region: str) -> Iterator[Contact]:
    for name, start, stop in mails(folded.text):
        yield Contact(f"email:{name}", *folded.origin(start, stop))
    for handle in handles(folded.text):
        yield Contact(handle.identifier, *folded.origin(handle.start, handle.stop))
    for phone in numbers(folded, region):
        name = f"tel:{phone.number}" if phone.number else f"{UNPLACED}:"
        yield Contact(name, phone.start, phone.stop, dialled=bool(phone.number))
    for start, stop in links(folded.text):
        yield Contact(f"{LINK}:", *folded.origin(start, stop))


def masked(text: str, found: tuple[Contact, ...]) -> str:
    """The text with every contact replaced by its kind, such as `[tel]`; `[tel in words]` where it was hidden."""
    pieces: list[str] = []
    done = 0
    for contact in found:
        how = manner(text[contact.start : contact.stop], text) if contact.dialled else None
        pieces += [text[done : contact.start], f"[{contact.kind} in {how}]" if how else f"[{contact.kind}]"]
        done = contact.stop
    return "".join((*pieces, text[done:]))


def tokens(found: Iterable[Contact], tokenise: Callable[[str], str]) -> tuple[str, ...]:
    """A keyed token for each different contact; from here on the contact itself is gone."""
    return tuple(dict.fromkeys(tokenise(contact.identifier) for contact in found if contact.kind not in TOKENLESS))
