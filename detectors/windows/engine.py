"""The compiled window engine. Same interface and same answers as `oracle.Oracle`, which defines it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.windows import kernel
from manumit.detectors.windows.contract import DEFAULT_UNDO_DEPTH, LabelSpan, Pushed, no_row
from manumit.detectors.windows.features import NEVER
from manumit.detectors.windows.interner import (
    KEY_BYTES,
    KEY_WORDS,
    MAX_CHAINS,
    MAX_KEY_TEXT,
    find,
    live_ids,
    place,
    row_tag,
    take_id,
    write_row,
)
from manumit.detectors.windows.neighbours import LogMemory
from manumit.detectors.windows.plan import Plan
from manumit.detectors.windows.snapshot import packed, said_of, unpacked
from manumit.detectors.windows.state import (
    AT,
    ENDS,
    FIRST,
    FLOOR,
    HELD,
    LOW_32,
    NEXT,
    SPANS,
    USD,
    new_state,
    new_work,
    roomy,
    with_label_room,
)
from manumit.schemas.block import Int64s, TextColumn, TransferBlock
from manumit.schemas.errors import Broken, ConfigError

SNAPSHOT_VERSION = 6
DEFAULT_SEED = 0x6D616E756D6974
BLOCK_ROWS = 16_384
COLUMN_PADDING = 24
NONE_KNOWN = np.zeros(0, np.int64)


class Engine:
    """State lives in numpy arrays only, so nothing here is walked by the garbage collector.

    `undo_depth` transfers can be taken back; `seed` keys the hash of account names.
    """

    def __init__(self, plan: Plan, *, undo_depth: int = DEFAULT_UNDO_DEPTH, seed: int = DEFAULT_SEED) -> None:
        self.plan = plan
        self._undo_depth = undo_depth
        self._chains: dict[str, int] = {}
        self._state = new_state(
            total_columns=plan.total_columns,
            pair_columns=plan.pair_columns,
            windows=len(plan.tables.windows),
            seed=seed,
        )
        self._work = new_work()

    @property
    def length(self) -> int:
        return int(self._state.progress[NEXT])

    @property
    def live_accounts(self) -> int:
        return live_ids(self._state.key_used)

    @property
    def size_bytes(self) -> int:
        """Bytes held by the state's arrays."""
        return sum(array.nbytes for array in self._state)

    def push(self, block: TransferBlock) -> Pushed:
        first = self.length
        self._check(block)
        rows = len(block)
        columns = np.empty((len(self.plan.requests), rows + COLUMN_PADDING), np.int64)
        labels = np.empty((2, rows), np.int64)
        for start in range(0, rows, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, rows)
            self._push(block.slice(start, stop), start, columns, labels)
        return Pushed(
            plan=self.plan,
            block=block,
            first=first,
            columns=columns[:, :rows],
            sender_labels=labels[0].astype(np.uint32),
            receiver_labels=labels[1].astype(np.uint32),
        )

    def _check(self, block: TransferBlock) -> None:
        if not len(block):
            return
        if (block.op != 1).any():
            raise Broken("a retraction reached push; undo it instead")
        if kernel.first_out_of_order(_frozen(block.at_us), self._latest()) >= 0:
            raise Broken("transfers must be pushed in event-time order")
        if len(self._chains.keys() | set(block.chains)) > MAX_CHAINS:
            raise Broken(f"more than {MAX_CHAINS} chains in one engine")
        for column in (block.sender, block.receiver):
            if kernel.longest(_frozen(column.offsets)) > MAX_KEY_TEXT:
                raise Broken(f"an address is longer than {MAX_KEY_TEXT} bytes")

    def _latest(self) -> int:
        log = self._state.log
        return int(log[(self.length - 1) & (len(log) - 1), 0]) if self.length else -(2**62)

    def _push(self, block: TransferBlock, start: int, columns: Int64s, labels: Int64s) -> None:
        self._state = roomy(self._state, len(block))
        codes = np.array([self._chain(name) for name in block.chains], np.int32)
        kernel.push(
            self.plan.tables,
            self._state,
            self._work,
            _frozen(block.at_us),
            _frozen(block.usd_micro),
            codes,
            _frozen(block.chain),
            _frozen(block.sender.data),
            _frozen(block.sender.offsets),
            _frozen(block.receiver.data),
            _frozen(block.receiver.offsets),
            _frozen(NONE_KNOWN if block.known is None else block.known),
            self._undo_depth,
            self.plan.horizon_us,
            start,
            columns,
            labels,
        )

    def _chain(self, name: str) -> int:
        if name not in self._chains and len(self._chains) >= MAX_CHAINS:
            raise Broken(f"more than {MAX_CHAINS} chains in one engine")
        return self._chains.setdefault(name, len(self._chains))

    def undo(self, count: int) -> None:
        kept = self.length - self.undoable_from
        if count > kept:
            raise Broken(f"cannot take back {count} transfers: {kept} are kept for that")
        kernel.undo(self.plan.tables, self._state, count)

    def label(self, spans: Sequence[LabelSpan]) -> None:
        for span in spans:
            self._label(span)

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        """Forget every label and take these instead."""
        fresh = new_state(total_columns=0, pair_columns=0, windows=0, seed=int(self._state.key_used[2]))
        labels = {name: array for name, array in fresh._asdict().items() if name.startswith("label_")}
        self._state = self._state._replace(spans=fresh.spans, **labels)
        self._state.progress[SPANS] = 0
        self._state.accounts[:, HELD] &= LOW_32
        self.label(spans)

    def _label(self, span: LabelSpan) -> None:
        self._state = with_label_room(self._state)
        state = self._state
        row = self._key_row(span.chain, span.address)
        keys = state.label_keys
        tag = row_tag(row, 0, keys.used[2])
        key = find(keys.slots, keys.rows, row, 0, tag)
        if key < 0:
            key = take_id(keys.free, keys.used)
            keys.rows[key] = row[0]
            place(keys.slots, tag, key)
            self._attach(row, key)
        at = int(state.progress[SPANS])
        state.progress[SPANS] = at + 1
        state.spans[at] = span.valid_from_us, span.valid_to_us, span.bits, state.label_head[key]
        state.label_head[key] = at

    def _attach(self, row: Int64s, label: int) -> None:
        keys = self._state.keys
        account = find(keys.slots, keys.rows, row, 0, row_tag(row, 0, keys.used[2]))
        if account >= 0:
            held = self._state.accounts[account, HELD] & LOW_32
            self._state.accounts[account, HELD] = held | (label + 1) << 32

    def _key_row(self, chain: str, address: str) -> Int64s:
        text = TextColumn.of([address])
        if len(text.data) > MAX_KEY_TEXT:
            raise Broken(f"an address is longer than {MAX_KEY_TEXT} bytes")
        row = np.zeros((1, KEY_WORDS), np.int64)
        write_row(row, 0, self._chain(chain), _frozen(text.data), 0, len(text.data))
        return row

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
        if chain not in self._chains or len(address.encode()) > MAX_KEY_TEXT:
            return []
        row = self._key_row(chain, address)
        keys = self._state.keys
        account = find(keys.slots, keys.rows, row, 0, row_tag(row, 0, keys.used[2]))
        if account < 0:
            return []
        return [int(s) for s in kernel.recent(self._state, account, limit, last, until_us, after_us)]

    def entries(self, first: int, stop: int, rows: Sequence[int]) -> TransferBlock:
        names = list(self._chains)
        entries = self._state.log[(np.arange(first, stop) & (len(self._state.log) - 1))[list(rows)]]
        senders = [_spelled(row) for row in self._state.key_rows[entries[:, ENDS] >> 32]]
        receivers = [_spelled(row) for row in self._state.key_rows[entries[:, ENDS] & LOW_32]]
        return TransferBlock(
            at_us=entries[:, AT].copy(),
            usd_micro=entries[:, USD].copy(),
            chains=tuple(names),
            chain=np.array([chain for chain, _ in senders], np.int32),
            sender=TextColumn.of([text for _, text in senders]),
            receiver=TextColumn.of([text for _, text in receivers]),
            op=np.ones(len(entries), np.int8),
            row=no_row,
        )

    def memory(self) -> LogMemory:
        return LogMemory(self._state, tuple(self._chains))

    @property
    def remembered(self) -> int:
        """Sequence number of the oldest transfer still in memory."""
        return int(self._state.progress[FIRST])

    @property
    def undoable_from(self) -> int:
        return max(int(self._state.progress[FLOOR]), self.length - self._undo_depth)

    def snapshot(self) -> bytes:
        """Everything needed to go on after a restart, as `snapshot.packed` lays it out."""
        about = {"version": SNAPSHOT_VERSION, "plan": self.plan.digest, "chains": list(self._chains)}
        return packed(self._state, about)

    @classmethod
    def restore(cls, plan: Plan, data: bytes, *, undo_depth: int = DEFAULT_UNDO_DEPTH) -> Engine:
        """An engine that goes on where the snapshot stood.

        Raises ConfigError when the snapshot is damaged, or of another version or feature set: rebuild from
        the log.
        """
        about = said_of(data)
        if about.get("version") != SNAPSHOT_VERSION or about.get("plan") != plan.digest:
            raise ConfigError("the snapshot was made with another version or feature set: rebuild it from the log")
        engine = cls(plan, undo_depth=undo_depth)
        engine._chains = {name: i for i, name in enumerate(about["chains"])}
        engine._state = unpacked(data)
        return engine


def _spelled(row: Int64s) -> tuple[int, str]:
    """A key row as (chain code, text)."""
    raw = row.tobytes()
    return raw[KEY_BYTES - 1], raw[: raw[KEY_BYTES - 2]].decode()


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """One array type for the compiler, whether the bytes came from Arrow, a file or numpy."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
