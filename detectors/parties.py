"""Which accounts are nobody's: they are never a subject, and no story leads through them."""

from __future__ import annotations

OUTSIDE = "~"
NOBODY = (
    "0x0000000000000000000000000000000000000000",  # minting and burning of tokens
    "0x000000000000000000000000000000000000dead",
    "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",  # the same on TRON
)


def is_somebody(account: str) -> bool:
    """False for the other side of an account event, and for addresses nobody holds. `account` is a CAIP-10 id."""
    address = account.rpartition(":")[2]
    return OUTSIDE not in account and address not in NOBODY
