"""A litecoind for the session, its chain long enough that early coins can be spent, and followers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.chains.sources import Following
from tests.connectors.chains.utxo.litecoin import CHAIN, MATURITY, Key, Litecoin, Unspent
from tests.servers import litecoind_path

RIPE = 60


@pytest.fixture(scope="session")
def shared_litecoin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Litecoin]:
    """Coins of blocks 1 to RIPE belong to key 1 and can be spent; later ones go to nobody the tests spend from."""
    node = Litecoin(litecoind_path(), tmp_path_factory.mktemp("litecoin"), "-txindex=1")
    try:
        node.mine(RIPE, Key(1))
        node.mine(MATURITY, Key(99))
        yield node
    finally:
        node.close()


@pytest.fixture
def litecoin(shared_litecoin: Litecoin) -> Litecoin:
    """The shared node with an empty pool."""
    shared_litecoin.mine()
    return shared_litecoin


@pytest.fixture(scope="session")
def purse() -> Iterator[int]:
    """Heights of coinbases not spent yet."""
    return iter(range(1, RIPE + 1))


@pytest.fixture
def coin(litecoin: Litecoin, purse: Iterator[int]) -> Callable[[], Unspent]:
    """A fresh 50-coin output of key 1."""
    return lambda: litecoin.coinbase(next(purse), Key(1))


@pytest.fixture
def follow(litecoin: Litecoin, tmp_path: Path) -> Iterator[Callable[..., Following]]:
    """Makes followers of the node, from the block that is the head now on."""
    made: list[Following] = []
    start = litecoin.height()

    def make(*, after: str | None = None, url: str = "", folder: str = "", **options: Any) -> Following:
        given = {"chain": CHAIN, "start_height": start, **options}
        made.append(Following(url or litecoin.url, tmp_path / folder, after=after, **given))
        return made[-1]

    yield make
    for one in made:
        one.close()
