"""Which accounts are nobody's, or a business's: no story leads through them. And how an alert calls its parties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from manumit.detectors.books import KIOSK, subject_of
from manumit.detectors.labelled import BUSINESSES
from manumit.detectors.windows.view import View
from manumit.schemas.addresses import NOBODY
from manumit.schemas.label import label_bit

OUTSIDE = "~"
NUMBER = OUTSIDE  # in a story's role, between blanks: no account's name holds it there
BUSINESS_BITS = sum(map(label_bit, BUSINESSES))


def is_somebody(account: str) -> bool:
    """False for the other side of an account event, and for addresses nobody holds. `account` is a CAIP-10 id."""
    address = account.rpartition(":")[2]
    return OUTSIDE not in account and address not in NOBODY


def is_person(view: View, account: int) -> bool:
    """True for an account that carries no business's label at the event's time and belongs to somebody."""
    return not view.carries(account, BUSINESS_BITS) and is_somebody(view.memory.name(account))


def kiosk_sender(name: str) -> tuple[str, bool, str]:
    """(place, own, customer) of `~PLACE~o~CUSTOMER`, as `streams.movements.kiosk_name` writes it."""
    _, place, owner, customer = name.rpartition(":")[2].split(OUTSIDE)
    return place, owner == "o", customer


def called(account: str) -> str:
    """The account in words for people: a kiosk's customer is told by the place and never by the key inside."""
    if not (account.startswith(f"{KIOSK}:") and OUTSIDE in account):
        return subject_of(account)
    place, own, _ = kiosk_sender(account)
    where = f"in the cell {place}" if place else "in an unknown place"
    return f"{where}, who calls the address their own" if own else where


def numbered(parties: Iterable[str]) -> tuple[str, ...]:
    """`worker ~ ACCOUNT` of all signals of an alert, each account once and each with a number of its own."""
    told: Counter[str] = Counter()
    found: list[str] = []
    for party in dict.fromkeys(parties):
        stem, marked, rest = party.partition(f" {NUMBER} ")
        told[stem] += bool(marked)
        found.append(f"{stem} {told[stem]} {rest}" if marked else party)
    return tuple(found)
