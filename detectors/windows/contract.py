"""What a window engine does, whether compiled (`engine`) or plain Python (`oracle`, the definition)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from manumit.detectors.contract import FeatureBlock, Masks
from manumit.detectors.windows.features import NEVER, Feature, Side
from manumit.detectors.windows.plan import Plan
from manumit.detectors.windows.view import Memory
from manumit.schemas.block import MICRO_USD, Floats, Int64s, TransferBlock
from manumit.schemas.errors import Broken
from manumit.schemas.transfer import Transfer

DEFAULT_UNDO_DEPTH = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """Features of n transfers. `first` is the sequence number of row 0; columns int64[requests, n];
    sender_labels, receiver_labels uint32[n]."""

    plan: Plan
    block: TransferBlock
    first: int
    columns: Int64s
    sender_labels: Masks
    receiver_labels: Masks

    def usd(self) -> Floats:
        """USD of each transfer, NaN where unknown."""
        usd: Floats = self.block.usd_micro / MICRO_USD
        usd[self.block.usd_micro < 0] = float("nan")
        return usd

    def features(self, side: Side, wanted: Mapping[str, Feature], usd: Floats | None = None) -> FeatureBlock:
        """The block as a rule of that side sees it; pass `usd()` once computed for many rules."""
        own, other = (self.sender_labels, self.receiver_labels)
        if side == "receiver":
            own, other = other, own
        return FeatureBlock(
            at_us=self.block.at_us,
            usd=self.usd() if usd is None else usd,
            own_labels=own,
            other_labels=other,
            columns={name: self.columns[self.plan.column(side, feature)] for name, feature in wanted.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSpan:
    """Label bits of one account for event times in [valid_from_us, valid_to_us)."""

    chain: str
    address: str
    bits: int
    valid_from_us: int
    valid_to_us: int


class WindowEngine(Protocol):
    """Exact sliding windows over one log of transfers in event-time order."""

    @property
    def length(self) -> int:
        """Sequence number of the next transfer."""
        ...

    def push(self, block: TransferBlock) -> Pushed:
        """Append a block. Raises Broken when it is older than the log or holds a retraction."""
        ...

    def undo(self, count: int) -> None:
        """Take back the last `count` transfers exactly. Raises Broken beyond the undo depth, which counts
        from the furthest the log has ever been: what lies deeper may be forgotten for good."""
        ...

    def label(self, spans: Sequence[LabelSpan]) -> None:
        """Add label spans; they hold for later pushes only."""
        ...

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        """Forget every label and take these instead; they hold for later pushes only."""
        ...

    def recent(
        self,
        chain: str,
        address: str,
        limit: int,
        *,
        last: int = NEVER,
        until_us: int = NEVER,
        after_us: int = -NEVER,
    ) -> list[int]:
        """Sequence numbers of the account's latest remembered transfers, newest first: none after `last` or
        `until_us`, none at or before `after_us`."""
        ...

    def entries(self, first: int, stop: int, rows: Sequence[int]) -> TransferBlock:
        """Of the log entries first to stop those at `rows`, as a block that could be pushed again. Its `row`
        raises Broken: the log does not keep whole records, nor the label bits that came with them."""
        ...

    def memory(self) -> Memory:
        """The log by account, for stories; good until the next push, undo or label."""
        ...

    @property
    def remembered(self) -> int:
        """Sequence number of the oldest transfer that can still be asked for."""
        ...

    @property
    def undoable_from(self) -> int:
        """Sequence number of the oldest transfer that can still be taken back."""
        ...


def no_row(i: int) -> Transfer:
    """For blocks made from the log."""
    raise Broken(f"the log keeps no whole record of its entry {i}")
