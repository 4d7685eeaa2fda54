"""Transfers in table form: the columns the engine reads, and a way back to the whole record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manumit.schemas.transfer import Transfer

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Int8s = npt.NDArray[np.int8]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

USD_UNKNOWN = -1
MICRO_USD = 1_000_000
MAX_MICRO_USD = 10**15  # one transfer above a billion USD is a fake token or a bad rate


@dataclass(frozen=True, slots=True)
class TextColumn:
    """n texts as UTF-8 bytes end to end: text i is data[offsets[i]:offsets[i+1]]. offsets: int64[n+1]."""

    data: Bytes
    offsets: Int64s

    @classmethod
    def of(cls, texts: Sequence[str]) -> TextColumn:
        raw = [text.encode() for text in texts]
        offsets = np.zeros(len(raw) + 1, np.int64)
        np.cumsum([len(r) for r in raw], out=offsets[1:])
        return cls(np.frombuffer(b"".join(raw), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> str:
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes().decode()

    def slice(self, start: int, stop: int) -> TextColumn:
        return TextColumn(self.data, self.offsets[start : stop + 1])

    def equals(self, other: TextColumn) -> npt.NDArray[np.bool_]:
        """bool[n]: where the two columns hold the same text."""
        sizes = np.diff(self.offsets)
        same: npt.NDArray[np.bool_] = sizes == np.diff(other.offsets)
        if len(self) and len(self.data) and len(other.data):
            for end in (0, 1):  # most differ at the first or last byte, so few are compared whole
                mine, theirs = self._byte(end), other._byte(end)
                same &= mine == theirs
        for i in np.flatnonzero(same):
            same[i] = self[int(i)] == other[int(i)]
        return same

    def _byte(self, end: int) -> Bytes:
        """uint8[n]: the fourth byte of each text (0) or its last (1), cut to what there is."""
        place = self.offsets[:-1] + 3 if end == 0 else self.offsets[1:] - 1
        return self.data[np.clip(place, 0, len(self.data) - 1)]

    @classmethod
    def gathered(cls, columns: Sequence[TextColumn], order: Int64s) -> TextColumn:
        """The rows of several columns, one after the other, then put in `order` (int64[n])."""
        texts = [c.data[c.offsets[0] : c.offsets[-1]] for c in columns]
        bases = np.cumsum([0, *map(len, texts[:-1])]) - [c.offsets[0] for c in columns]
        starts = np.concatenate([c.offsets[:-1] + base for c, base in zip(columns, bases, strict=True)])[order]
        sizes = np.concatenate([np.diff(c.offsets) for c in columns])[order]
        offsets = np.zeros(len(order) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        places = np.repeat(starts - offsets[:-1], sizes) + np.arange(offsets[-1])
        return cls(np.concatenate(texts)[places], offsets)


@dataclass(frozen=True, slots=True)
class TransferBlock:
    """n transfers in event-time order (ties keep their order).

    at_us int64[n] UTC microseconds; usd_micro int64[n] micro-USD, USD_UNKNOWN where no rate is known;
    chain int32[n] index into `chains`; sender, receiver: addresses without the chain; op int8[n].
    `row(i)` decodes the whole record i; it is called for evidence only. `known` int64[n] holds the label bits that
    the records themselves told, the sender's << 32 | the receiver's; None: they told nothing.
    """

    at_us: Int64s
    usd_micro: Int64s
    chains: tuple[str, ...]
    chain: Int32s
    sender: TextColumn
    receiver: TextColumn
    op: Int8s
    row: Callable[[int], Transfer]
    known: Int64s | None = None

    def __len__(self) -> int:
        return len(self.at_us)

    @classmethod
    def of(cls, transfers: Sequence[Transfer]) -> TransferBlock:
        rows = tuple(transfers)
        chains = tuple(dict.fromkeys(t.chain for t in rows))
        place = {name: i for i, name in enumerate(chains)}
        return cls(
            at_us=np.array([t.at_us for t in rows], np.int64),
            usd_micro=np.array([micro_usd(t.amount_usd) for t in rows], np.int64),
            chains=chains,
            chain=np.array([place[t.chain] for t in rows], np.int32),
            sender=TextColumn.of([t.sender for t in rows]),
            receiver=TextColumn.of([t.receiver for t in rows]),
            op=np.array([t.op for t in rows], np.int8),
            row=rows.__getitem__,
        )

    def slice(self, start: int, stop: int) -> TransferBlock:
        row = self.row
        return TransferBlock(
            at_us=self.at_us[start:stop],
            usd_micro=self.usd_micro[start:stop],
            chains=self.chains,
            chain=self.chain[start:stop],
            sender=self.sender.slice(start, stop),
            receiver=self.receiver.slice(start, stop),
            op=self.op[start:stop],
            row=lambda i: row(i + start),
            known=None if self.known is None else self.known[start:stop],
        )

    def take(self, rows: Int64s) -> TransferBlock:
        """The transfers at `rows` (int64[k], ascending)."""
        row = self.row
        return TransferBlock(
            at_us=self.at_us[rows],
            usd_micro=self.usd_micro[rows],
            chains=self.chains,
            chain=self.chain[rows],
            sender=TextColumn.gathered([self.sender], rows),
            receiver=TextColumn.gathered([self.receiver], rows),
            op=self.op[rows],
            row=lambda i: row(int(rows[i])),
            known=None if self.known is None else self.known[rows],
        )

    def between_two(self) -> TransferBlock:
        """Without transfers from an account to itself, which move nothing."""
        same = self.sender.equals(self.receiver)
        return self.take(np.flatnonzero(~same)) if same.any() else self

    @classmethod
    def merged(cls, blocks: Sequence[TransferBlock]) -> TransferBlock:
        """Several blocks as one in event-time order; at the same microsecond earlier blocks come first."""
        if len(blocks) == 1:
            return blocks[0]
        at_us = np.concatenate([b.at_us for b in blocks])
        order = np.argsort(at_us, kind="stable")
        chains = tuple(dict.fromkeys(name for b in blocks for name in b.chains))
        codes = [np.array([chains.index(name) for name in b.chains], np.int32)[b.chain] for b in blocks]
        whose = np.repeat(np.arange(len(blocks)), [len(b) for b in blocks])[order]
        local = np.concatenate([np.arange(len(b)) for b in blocks])[order]
        rows = tuple(b.row for b in blocks)
        return cls(
            at_us=at_us[order],
            usd_micro=np.concatenate([b.usd_micro for b in blocks])[order],
            chains=chains,
            chain=np.concatenate(codes)[order],
            sender=TextColumn.gathered([b.sender for b in blocks], order),
            receiver=TextColumn.gathered([b.receiver for b in blocks], order),
            op=np.concatenate([b.op for b in blocks])[order],
            row=lambda i: rows[whose[i]](int(local[i])),
            known=_all_known(blocks, order),
        )

    def account(self, i: int, *, sender: bool) -> str:
        """The CAIP-10 account id of one side of transfer i."""
        column = self.sender if sender else self.receiver
        return f"{self.chains[self.chain[i]]}:{column[i]}"

    def accounts(self, rows: Int64s, *, sender: bool) -> list[str]:
        """`account` of many transfers, int64[k]."""
        column = self.sender if sender else self.receiver
        cuts = zip(column.offsets[rows].tolist(), column.offsets[rows + 1].tolist(), strict=True)
        texts, chains = column.data.data, self.chain[rows].tolist()
        return [
            f"{self.chains[chain]}:{str(texts[start:stop], 'utf-8')}"
            for chain, (start, stop) in zip(chains, cuts, strict=True)
        ]


def _all_known(blocks: Sequence[TransferBlock], order: Int64s) -> Int64s | None:
    if all(block.known is None for block in blocks):
        return None
    told = [np.zeros(len(block), np.int64) if block.known is None else block.known for block in blocks]
    return np.concatenate(told)[order]


def micro_usd(usd: float | None) -> int:
    """Whole micro-USD, capped at MAX_MICRO_USD; USD_UNKNOWN for null. Rounds half to even."""
    if usd is None or usd != usd:
        return USD_UNKNOWN
    return round(min(usd * MICRO_USD, MAX_MICRO_USD)) if usd >= 0 else USD_UNKNOWN
