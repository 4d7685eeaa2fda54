"""Wallet addresses printed in a text, kept only when their checksum holds. CAIP-10 accounts come out.

An EVM address is the same on every EVM chain; it comes out on Ethereum's main net and `everywhere` names
the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from manumit.detectors.text.normalise import visible
from manumit.schemas.addresses import BITCOIN, ETHEREUM, TRON, chain_of, normalise

DEVELOPMENT = "eip155:31337"  # local test nodes and the generated world
LOCAL_CHAIN = "eip155:31337"  # a developer's own node, and generated worlds
EVM_CHAINS = (
    "eip155:1",
    "eip155:10",
    "eip155:56",
    "eip155:137",
    "eip155:8453",
    "eip155:42161",
    "eip155:43114",
    LOCAL_CHAIN,
)
CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z])(?:0x[0-9A-Fa-f]{40}|(?:bc1|BC1)[0-9A-Za-z]{11,87}|[13T][1-9A-HJ-NP-Za-km-z]{25,34})(?![0-9A-Za-z])"
)
MAX_CANDIDATES = 50


def accounts(text: str) -> Iterator[str]:
    """Each account once, in order of appearance."""
    found = (account(match[0]) for match in islice(CANDIDATE.finditer(visible(text)), MAX_CANDIDATES))
    yield from dict.fromkeys(name for name in found if name is not None)


def account(text: str) -> str | None:
    """The CAIP-10 account of an address or account text, None when no checksum fits."""
    address = text.rpartition(":")[2]
    chain = chain_of(address, among=(ETHEREUM, TRON, BITCOIN))
    return None if chain is None else f"{chain}:{normalise(chain, address)}"


def everywhere(name: str) -> tuple[str, ...]:
    """The accounts an address stands for: an EVM key pair acts on every EVM chain."""
    chain, _, address = name.rpartition(":")
    others = (f"{evm}:{address}" for evm in EVM_CHAINS) if chain.startswith("eip155:") else ()
    return tuple(dict.fromkeys((name, *others)))
