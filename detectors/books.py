"""The books of account a row of the engine stands in, told by its chain. A detector reads those it names.

Beside what moved on a chain (`chain`) and over a customer's account (`customers`), one event may be written into
another book, so that a feature can count something else of the same subject:

- `trades`: a customer's purchases and sales; the other side is the coin. No money leaves the account by them.
- `places`: a deposit once more; the sender is the place, so distinct senders are distinct places.
- `kiosks`: a kiosk's payout, on the receiving address; the sender's name tells place, ownership and customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from manumit.schemas.block import TransferBlock

Book = Literal["chain", "customers", "trades", "places", "kiosks"]
CUSTOMER, TRADE, PLACE, KIOSK = "customer", "trade", "place", "kiosk"
PREFIXES: dict[str, Book] = {CUSTOMER: "customers", TRADE: "trades", PLACE: "places", KIOSK: "kiosks"}


def book_of(chain: str) -> Book:
    return PREFIXES.get(chain.partition(":")[0], "chain")


def in_books(block: TransferBlock, books: Sequence[Book]) -> npt.NDArray[np.bool_] | None:
    """bool[n]: the rows that stand in one of `books`; None when all do, as for every block of a chain alone."""
    read = [book_of(chain) in books for chain in block.chains]
    return None if all(read) else np.array(read, np.bool_)[block.chain]


def subject_of(account: str) -> str:
    """Whose account it is that a book calls so: the customer, or for a kiosk's payout the address on its chain."""
    prefix, _, rest = account.partition(":")
    if prefix in (TRADE, PLACE):
        return f"{CUSTOMER}:{rest}"
    return rest if prefix == KIOSK else account
