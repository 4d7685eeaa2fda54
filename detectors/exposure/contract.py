"""What an exposure engine does, whether compiled (`engine`) or plain Python (`oracle`, the definition)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from manumit.detectors.exposure.terms import Asked
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.block import Int64s, TransferBlock

UNDO_DEPTH = 65_536
Piece = tuple[str, int]
"""A label category, and how many transfers ago value left it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One account. All amounts are micro-USD; transfers of unknown worth are only counted.

    `gained`: of `received`, by piece. `held`: of `balance`, what is still there and may be passed on.
    `paid`: of `sent`, what went straight to a category.
    """

    balance: int
    received: int
    sent: int
    unvalued_in: int
    unvalued_out: int
    gained: Mapping[Piece, int] = field(default_factory=dict)
    held: Mapping[Piece, int] = field(default_factory=dict)
    paid: Mapping[str, int] = field(default_factory=dict)


class ExposureEngine(Protocol):
    """Haircut exposure over one stream of transfers in event-time order."""

    @property
    def length(self) -> int:
        """How many transfers it has taken."""
        ...

    def push(self, block: TransferBlock, asked: Sequence[Asked] = ()) -> Int64s:
        """int64[asked, n] in parts per million, as of each transfer. Raises Broken for a retraction."""
        ...

    def undo(self, count: int) -> None:
        """Take the last `count` transfers back exactly. Raises Broken for more than are kept."""
        ...

    def label(self, spans: Sequence[LabelSpan]) -> None:
        """Add label spans; they hold for later pushes only."""
        ...

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        """Forget every label and take these instead, for later pushes."""
        ...

    def standing(self, chain: str, address: str) -> Standing | None:
        """None for an account that no transfer has named."""
        ...
