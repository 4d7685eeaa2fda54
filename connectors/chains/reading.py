"""What following a chain needs of its node, whatever kind of chain it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from manumit.connectors.chains.rpc import Rpc
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.transfer import Finality, Transfer
from manumit.schemas.utxo import UtxoTransaction


class Header(Protocol):
    """Where a block stands."""

    @property
    def height(self) -> int: ...

    @property
    def hash(self) -> str: ...

    @property
    def parent_hash(self) -> str: ...

    @property
    def at_us(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one block holds. `transactions` are the whole ones of chains that spend outputs."""

    transfers: tuple[Transfer, ...] = ()
    transactions: tuple[UtxoTransaction, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A block that was looked at. `find(at_us, finality)` reads what it holds; None: it was not asked for whole."""

    height: int
    hash: str
    parent_hash: str
    at_us: int
    find: Callable[[int, Finality], Found] | None = None


class ChainReader(Protocol):
    """Questions and checked answers. Each may raise Lie, and NodeFault `not-yet` for what the node lacks for now."""

    @property
    def rpc(self) -> Rpc: ...

    @property
    def clock(self) -> Callable[[], int]:
        """UTC microseconds, for `seen_us`."""
        ...

    def check_chain(self, chain: str) -> None:
        """Raises ConfigError when the node serves another chain than the CAIP-2 id says."""
        ...

    def head(self) -> Sight:
        """The newest block."""
        ...

    def final_height(self, tag: str) -> int:
        """Height of the block the node itself calls `tag`."""
        ...

    def block(self, height: int) -> Sight | None:
        """The block at `height`, to be read; None when the node has none."""
        ...

    def hash_at(self, height: int) -> str | None:
        """Hash of the block at `height`, None when the node has none."""
        ...

    def joined(self, parent_hash: str, parent_at_us: int, block: Sight) -> Sight:
        """`block` as the child of that parent, at its time in the stream. Raises Lie when it is no child of it."""
        ...

    def span(self, first: int, last: int, final: int, parent: tuple[str, int] | None) -> list[tuple[Header, Found]]:
        """Blocks first to last, each joined to the one before; `parent` is hash and at_us of the block before.

        Blocks up to `final` are final.
        """
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...
