"""Which accounts are nobody's, or a business's: no story leads through them."""

from __future__ import annotations

from manumit.detectors.labelled import BUSINESSES
from manumit.detectors.windows.view import View
from manumit.schemas.addresses import NOBODY
from manumit.schemas.label import label_bit

OUTSIDE = "~"
BUSINESS_BITS = sum(map(label_bit, BUSINESSES))


def is_somebody(account: str) -> bool:
    """False for the other side of an account event, and for addresses nobody holds. `account` is a CAIP-10 id."""
    address = account.rpartition(":")[2]
    return OUTSIDE not in account and address not in NOBODY


def is_person(view: View, account: int) -> bool:
    """True for an account that carries no business's label at the event's time and belongs to somebody."""
    return not view.carries(account, BUSINESS_BITS) and is_somebody(view.memory.name(account))
