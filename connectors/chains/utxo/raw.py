"""A transaction's bytes: what it spends, what it makes, and its id. Pure.

Sources: Bitcoin developer reference (raw transaction format), BIP-144 (witness), LIP-2 (Litecoin's flag 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

WITNESS_FLAG, MWEB_FLAG = 1, 8
COINBASE_INDEX = 2**32 - 1
NOTHING = bytes(32)


class Malformed(ValueError):
    """Bytes that are no transaction; the caller knows whose fault that is."""


@dataclass(frozen=True, slots=True)
class Output:
    """`amount` in base units, `script` the locking script."""

    amount: int
    script: bytes


@dataclass(frozen=True, slots=True)
class RawTransaction:
    """`spends` are (transaction id, output index) in order; a coinbase spends nothing."""

    tx_hash: str
    spends: tuple[tuple[str, int], ...]
    outputs: tuple[Output, ...]

    @property
    def is_coinbase(self) -> bool:
        return not self.spends


def double_sha256(data: bytes) -> bytes:
    """SHA-256 twice."""
    return sha256(sha256(data).digest()).digest()


def shown(digest: bytes) -> str:
    """A hash as people write it: the bytes backwards."""
    return digest[::-1].hex()


class Cursor:
    """Reads forward through bytes. Raises Malformed at their end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise Malformed(f"{count} bytes wanted at {self.at}, there are {len(self.data) - self.at}")
        part = self.data[self.at : end]
        self.at = end
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def count(self) -> int:
        """A compact size."""
        first = self.number(1)
        return first if first < 253 else self.number({253: 2, 254: 4, 255: 8}[first])

    def text(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.count())


def transaction(data: bytes) -> RawTransaction:
    """The transaction these bytes are, from first to last. Raises Malformed."""
    cursor = Cursor(data)
    found = transaction_at(cursor)
    if cursor.at != len(data):
        raise Malformed(f"{len(data) - cursor.at} bytes stand behind the transaction")
    return found


def transaction_at(cursor: Cursor) -> RawTransaction:
    """The transaction at the cursor, which moves behind it. Raises Malformed."""
    version = cursor.take(4)
    flags = 0
    if cursor.data[cursor.at : cursor.at + 1] == b"\0" and cursor.data[cursor.at + 1 : cursor.at + 2] != b"\0":
        cursor.take(1)
        flags = cursor.number(1)
    body = cursor.at
    spends = tuple(_spend(cursor) for _ in range(cursor.count()))
    outputs = tuple(Output(cursor.number(8), cursor.text()) for _ in range(cursor.count()))
    end = cursor.at
    if flags & WITNESS_FLAG:
        for _ in spends:
            for _ in range(cursor.count()):
                cursor.text()
    if flags & MWEB_FLAG and cursor.number(1):
        raise Malformed("a block does not hold extension transactions")
    locked = cursor.take(4)
    digest = double_sha256(version + cursor.data[body:end] + locked)
    is_coinbase = len(spends) == 1 and spends[0] == (shown(NOTHING), COINBASE_INDEX)
    return RawTransaction(shown(digest), () if is_coinbase else spends, outputs)


def _spend(cursor: Cursor) -> tuple[str, int]:
    source = shown(cursor.take(32)), cursor.number(4)
    cursor.text()
    cursor.take(4)
    return source


def merkle_root(hashes: list[str]) -> str:
    """The root over transaction ids, as a block header holds it."""
    row = [bytes.fromhex(h)[::-1] for h in hashes]
    while len(row) > 1:
        if len(row) % 2:
            row.append(row[-1])
        row = [double_sha256(row[i] + row[i + 1]) for i in range(0, len(row), 2)]
    return shown(row[0]) if row else shown(NOTHING)
