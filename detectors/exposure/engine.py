"""The compiled exposure engine. Same interface and same answers as `oracle.Oracle`, which defines it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.exposure import kernel
from manumit.detectors.exposure.contract import UNDO_DEPTH, Piece, Standing
from manumit.detectors.exposure.state import (
    ACCOUNTS,
    BALANCE,
    ENTRIES,
    FLOOR,
    HOP_UNIT,
    JOURNAL,
    KEPT,
    LENGTH,
    PAID,
    PIECES,
    RECEIVED,
    SEED,
    SENT,
    SPAN_COUNT,
    SPANS,
    UNVALUED_IN,
    UNVALUED_OUT,
    State,
    lowest,
    new_state,
    roomier,
    with_accounts,
    with_span_room,
)
from manumit.detectors.exposure.terms import METHOD_VERSION, NOBODY_BIT, Asked, Exposure, Side, Terms
from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.engine import DEFAULT_SEED
from manumit.detectors.windows.interner import KEY_BYTES, KEY_WORDS, MAX_CHAINS, MAX_KEY_TEXT, find, row_tag, write_row
from manumit.schemas.addresses import NOBODY
from manumit.schemas.block import Int64s, TextColumn, TransferBlock
from manumit.schemas.errors import Broken, ConfigError
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import LABEL_CATEGORIES

DIGEST_BYTES = 32
SIDES = {"sender": 0, "receiver": 1}
WHOLES = {"transfer": kernel.OF_TRANSFER, "received": kernel.OF_RECEIVED, "sent": kernel.OF_SENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """n transfers. columns int64[asked, n]; ends int64[2, n]: the accounts of both ends by number; balances
    int64[n]: micro-USD the sender held before."""

    columns: Int64s
    ends: Int64s
    balances: Int64s


class Engine:
    """`undo_depth` transfers can be taken back; `seed` keys the hash of account names."""

    def __init__(self, terms: Terms, *, undo_depth: int = UNDO_DEPTH, seed: int = DEFAULT_SEED) -> None:
        self.terms = terms
        self._undo_depth = undo_depth
        self._chains: dict[str, int] = {}
        self._state = new_state(terms, undo_depth=undo_depth, seed=seed)

    @property
    def length(self) -> int:
        return int(self._state.used[LENGTH])

    @property
    def accounts(self) -> int:
        """How many accounts have a number, those that only a label names among them."""
        return int(self._state.used[ACCOUNTS])

    @property
    def chains(self) -> tuple[str, ...]:
        return tuple(self._chains)

    @property
    def state(self) -> State:
        """As it is now; a push or a label may replace its arrays."""
        return self._state

    @property
    def size_bytes(self) -> int:
        """Bytes held by the state's arrays."""
        return sum(array.nbytes for array in self._state)

    def push(self, block: TransferBlock, asked: Sequence[Asked] = ()) -> Int64s:
        return self.take(block, asked).columns

    def take(self, block: TransferBlock, asked: Sequence[Asked] = ()) -> Taken:
        """As `push`, and what a log of the transfers needs."""
        self._check(block)
        taken = Taken(
            columns=np.zeros((len(asked), len(block)), np.int64),
            ends=np.zeros((2, len(block)), np.int64),
            balances=np.zeros(len(block), np.int64),
        )
        table = np.array([_asked_row(*one) for one in asked], np.int64).reshape(-1, 4)
        codes = np.array([self._chain(name) for name in block.chains], np.int64)
        texts = (block.sender.data, block.sender.offsets, block.receiver.data, block.receiver.offsets)
        given = [_frozen(array) for array in (block.at_us, block.usd_micro, codes, block.chain, *texts)]
        done = 0
        while done < len(block):
            self._state = roomier(self._state)
            done = kernel.push(self._state, *given, table, taken.columns, taken.ends, taken.balances, done)
        return taken

    def _check(self, block: TransferBlock) -> None:
        if not len(block):
            return
        if (block.op != 1).any():
            raise Broken("a retraction reached push; undo it instead")
        if len(self._chains.keys() | set(block.chains)) > MAX_CHAINS:
            raise Broken(f"more than {MAX_CHAINS} chains in one engine")
        for column in (block.sender, block.receiver):
            if np.diff(column.offsets).max() > MAX_KEY_TEXT:
                raise Broken(f"an address is longer than {MAX_KEY_TEXT} bytes")

    def recount(self, at_us: Int64s, usd_micro: Int64s, ends: Int64s) -> Int64s:
        """Begin anew and take these transfers, with the labels as they are now; ends as `take` gave them.

        Returns what each sender held before, int64[n].
        """
        self._state.accounts[:, :SPANS] = 0
        self._state.used[[ENTRIES, JOURNAL, LENGTH, FLOOR]] = 0
        balances = np.zeros(len(at_us), np.int64)
        given = [_frozen(array) for array in (at_us, usd_micro, ends)]
        done = 0
        while done < len(at_us):
            self._state = roomier(self._state)
            done = kernel.recount(self._state, *given, balances, done)
        return balances

    def undo(self, count: int) -> None:
        oldest = lowest(self._state)
        if count > self.length - oldest:
            raise Broken(f"cannot take back {count} transfers: {self.length - oldest} are kept for that")
        self._state.used[FLOOR] = oldest
        if count:
            kernel.undo(self._state, count)

    def label(self, spans: Sequence[LabelSpan]) -> None:
        for span in spans:
            self._label(self._account(span.chain, span.address), span)

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        self._state.accounts[:, SPANS] = 0
        self._state.used[SPAN_COUNT] = 0
        for chain in self._chains:
            self.label(_nobodies(chain))
        self.label(spans)

    def _label(self, account: int, span: LabelSpan) -> None:
        state = self._state = with_span_room(self._state)
        at = int(state.used[SPAN_COUNT])
        state.spans[at] = span.valid_from_us, span.valid_to_us, span.bits, state.accounts[account, SPANS]
        state.accounts[account, SPANS] = at + 1
        state.used[SPAN_COUNT] = at + 1

    def _account(self, chain: str, address: str) -> int:
        self._state = roomier(self._state)
        row = self._key_row(chain, address)
        return int(kernel.account_of(self._state, row, 0, row_tag(row, 0, self._state.used[SEED])))

    def _chain(self, name: str) -> int:
        if name not in self._chains:
            if len(self._chains) >= MAX_CHAINS:
                raise Broken(f"more than {MAX_CHAINS} chains in one engine")
            self._chains[name] = len(self._chains)
            self.label(_nobodies(name))
        return self._chains[name]

    def _key_row(self, chain: str, address: str) -> Int64s:
        text = TextColumn.of([address])
        if len(text.data) > MAX_KEY_TEXT:
            raise Broken(f"an address is longer than {MAX_KEY_TEXT} bytes")
        row = np.zeros((1, KEY_WORDS), np.int64)
        write_row(row, 0, self._chain(chain), _frozen(text.data), 0, len(text.data))
        return row

    def number(self, chain: str, address: str) -> int:
        """The account's number, -1 where no transfer that stands has named it."""
        if chain not in self._chains or len(address.encode()) > MAX_KEY_TEXT:
            return -1
        row, state = self._key_row(chain, address), self._state
        found = int(find(state.slots, state.rows, row, 0, row_tag(row, 0, state.used[SEED])))
        return -1 if found < 0 or kernel.unseen(state, found) else found

    def name(self, number: int) -> str:
        """The CAIP-10 id of an account's number."""
        raw = self._state.rows[number].tobytes()
        return f"{self.chains[raw[KEY_BYTES - 1]]}:{raw[: raw[KEY_BYTES - 2]].decode()}"

    def standing(self, chain: str, address: str) -> Standing | None:
        number = self.number(chain, address)
        return None if number < 0 else standing_of(self._state.accounts, self._state.entries, number)

    def snapshot(self) -> bytes:
        """Everything but the labels: the SHA-256 of an npz archive, then the archive."""
        state, used = self._state, self._state.used
        cut = {"rows": used[ACCOUNTS], "accounts": used[ACCOUNTS], "entries": used[ENTRIES], "journal": used[JOURNAL]}
        arrays = {name: getattr(state, name)[: cut.get(name)] for name in KEPT}
        about = {"method": _method(self.terms, self._undo_depth), "chains": list(self._chains)}
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)
        archive = buffer.getvalue()
        return sha256(archive).digest() + archive

    @classmethod
    def restore(cls, terms: Terms, data: bytes, *, undo_depth: int = UNDO_DEPTH) -> Engine:
        """An engine that goes on where the snapshot stood, without labels: `relabel` it.

        Raises ConfigError when the snapshot is damaged or was made under other terms: rebuild from the log.
        """
        stored = data[DIGEST_BYTES:]
        if sha256(stored).digest() != data[:DIGEST_BYTES]:
            raise ConfigError("the snapshot of exposures is damaged: rebuild it from the log")
        with np.load(io.BytesIO(stored), allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
            if about["method"] != _method(terms, undo_depth):
                raise ConfigError("the snapshot of exposures was made under other terms: rebuild it from the log")
            arrays = {name: archive[name] for name in KEPT}
        engine = cls(terms, undo_depth=undo_depth)
        engine._chains = {name: i for i, name in enumerate(about["chains"])}
        engine._fill(arrays)
        return engine

    def _fill(self, arrays: dict[str, Int64s]) -> None:
        count = len(arrays["rows"])
        state = with_accounts(self._state, max(1024, 1 << (2 * count).bit_length()))
        state = state._replace(used=arrays["used"], marks=arrays["marks"])
        state.rows[:count], state.accounts[:count] = arrays["rows"], arrays["accounts"]
        for name in ("entries", "journal"):
            room = np.zeros((2 * len(arrays[name]) + len(getattr(state, name)), arrays[name].shape[1]), np.int64)
            room[: len(arrays[name])] = arrays[name]
            state = state._replace(**{name: room})
        kernel.index(state)
        self._state = state


def standing_of(accounts: Int64s, entries: Int64s, number: int) -> Standing:
    """One account out of the arrays of a state."""
    line = accounts[number]
    gained: dict[Piece, int] = {}
    held: dict[Piece, int] = {}
    paid: dict[str, int] = {}
    first, count = int(line[PIECES]) >> 8, int(line[PIECES]) & 0xFF
    for key, kept, amount, _ in entries[first : first + count].tolist():
        if key >= PAID:
            paid[LABEL_CATEGORIES[key - PAID]] = amount
        else:
            piece = (LABEL_CATEGORIES[key % HOP_UNIT], key // HOP_UNIT)
            gained[piece], held[piece] = amount, kept
    return Standing(
        balance=int(line[BALANCE]),
        received=int(line[RECEIVED]),
        sent=int(line[SENT]),
        unvalued_in=int(line[UNVALUED_IN]),
        unvalued_out=int(line[UNVALUED_OUT]),
        gained={piece: amount for piece, amount in sorted(gained.items()) if amount},
        held={piece: amount for piece, amount in sorted(held.items()) if amount},
        paid={category: amount for category, amount in sorted(paid.items()) if amount},
    )


def _asked_row(side: Side, wanted: Exposure) -> tuple[int, int, int, int]:
    return SIDES[side], WHOLES[wanted.of], LABEL_CATEGORIES.index(wanted.category), wanted.hops


def _nobodies(chain: str) -> list[LabelSpan]:
    return [
        LabelSpan(chain=chain, address=address, bits=NOBODY_BIT, valid_from_us=YEAR_1970_US, valid_to_us=YEAR_2200_US)
        for address in NOBODY
    ]


def _method(terms: Terms, undo_depth: int) -> str:
    return f"{METHOD_VERSION} {terms!r} {undo_depth}"


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """One array type for the compiler, whether the bytes came from Arrow, a file or numpy."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
