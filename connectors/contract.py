"""What an edge must do. Everything that can fail for reasons outside us lives behind these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.utxo import UtxoTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events of one source in event-time order; each kind is sorted by at_us on its own.

    `position` resumes the source right after this batch. `final` gives, per chain, the highest
    block that can no longer be taken back. Transfers with op -1 come as a block of their own,
    newest first, and always take back the newest transfers of their chain. `transactions` are those
    that transfers were derived from, op -1 where a reorg took them back: evidence, and no events.
    `reorged`: blocks were taken back, whether or not they held transfers; what follows may be older than
    what came before. `caught_up`: the source has given all it has for now; until it says so, the others
    wait for it, and then it may still date what comes next up to `behind_us` before the clock.
    """

    position: str
    transfers: TransferBlock | None = None
    transactions: tuple[UtxoTransaction, ...] = ()
    listings: tuple[Listing, ...] = ()
    customers: tuple[Customer, ...] = ()
    account_events: tuple[AccountEvent, ...] = ()
    labels: tuple[Label, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    final: Mapping[str, int] = field(default_factory=dict)
    reorged: bool = False
    caught_up: bool = False
    behind_us: int = 0


class Source(Protocol):
    """A place events come from. `name` is stable: checkpoints are kept under it."""

    @property
    def name(self) -> str: ...

    @property
    def live(self) -> bool:
        """True when the source never ends by itself."""
        ...

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Every batch after `after` (None: from the start). Raises EdgeDown, ConfigError."""
        ...

    def total(self) -> int | None:
        """Bytes, blocks or rows in all, for a progress bar; None when unknown."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """A live source also knows how to end `batches` soon, from any thread."""

    def stop(self) -> None: ...


@runtime_checkable
class OnChain(Protocol):
    """A source of one chain's blocks; `chain` is its CAIP-2 id."""

    @property
    def chain(self) -> str: ...


@runtime_checkable
class Measured(Protocol):
    """A source that can say how far a position is, in the unit of `total`."""

    def done(self, position: str) -> int: ...


class Store(Protocol):
    """Rows of `schemas/sql` tables. One instance may be used from several threads."""

    def migrate(self) -> tuple[str, ...]:
        """Apply the numbered SQL files not yet applied; returns their names. Idempotent."""
        ...

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        """Returns only when durable; writing the same rows twice is harmless. Raises EdgeDown."""
        ...

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dicts. `{name:Type}` placeholders take parameters; text is never spliced in."""
        ...

    def close(self) -> None: ...
