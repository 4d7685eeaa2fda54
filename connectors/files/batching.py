"""Read rows to items, and items to batches. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.connectors.contract import Batch
from manumit.connectors.files.order import Item, runs
from manumit.connectors.files.own import Event
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer

WINDOW_RUNS = 2
"""How many batches a row may be displaced in its file and still come out in order."""


def batches_of(items: Iterator[Item], size: int) -> Iterator[Batch]:
    """Batches of about `size` rows; the position of each is that of its last row in the file."""
    for position, run in runs(items, size, WINDOW_RUNS * size):
        yield batch_of(position, run)


def batch_of(position: str, run: list[Item]) -> Batch:
    """One batch, its outcomes sorted into the contract's places."""
    outcomes = [item.outcome for item in run]
    transfers = [o for o in outcomes if isinstance(o, Transfer)]
    return Batch(
        position=position,
        transfers=TransferBlock.of(transfers) if transfers else None,
        listings=tuple(o for o in outcomes if isinstance(o, Listing)),
        customers=tuple(o for o in outcomes if isinstance(o, Customer)),
        account_events=tuple(o for o in outcomes if isinstance(o, AccountEvent)),
        labels=tuple(o for o in outcomes if isinstance(o, Label)),
        dead_letters=tuple(o for o in outcomes if isinstance(o, DeadLetter)),
    )


def time_of(event: Event | None, before: int) -> int:
    """The event's time; labels and rows without an event stand where the row before them stood."""
    return before if event is None or isinstance(event, Label) else event.at_us


def op_of(event: Event | None, before: int) -> int:
    """+1 or -1; what is no transfer stays with the row before it."""
    return event.op if isinstance(event, Transfer) else before
