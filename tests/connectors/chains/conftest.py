"""Nodes and sources for the chain tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manumit.connectors.chains.web3_import import load_web3
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.sources import Following
from tests.servers import anvil_path


@pytest.fixture(scope="session")
def anvil_binary() -> Path:
    load_web3()  # in a follower's thread it would touch the recursion limit while hypothesis watches it
    return anvil_path()


@pytest.fixture
def anvil(anvil_binary: Path) -> Iterator[Anvil]:
    """A fresh chain with a token deployed in block 1."""
    node = Anvil(anvil_binary, "--auto-impersonate")
    try:
        node.deploy_token()
        yield node
    finally:
        node.close()


@pytest.fixture
def following(anvil: Anvil, tmp_path: Path) -> Iterator[Callable[..., Following]]:
    """Makes followers of `anvil` that are stopped at the end of the test."""
    made: list[Following] = []

    def make(*, after: str | None = None, **options: object) -> Following:
        made.append(Following(anvil.url, tmp_path, after=after, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
