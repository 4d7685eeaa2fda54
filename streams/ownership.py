"""The cluster of one account, from the links of the store."""

from __future__ import annotations

from dataclasses import dataclass

from manumit.connectors.contract import Store
from manumit.detectors.clusters.union import Cluster, Clusters
from manumit.schemas.addresses import normalise
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.stored import from_stored
from manumit.schemas.utxo import ClusterLink
from manumit.streams.label_book import split_account

ADDRESSES_A_QUESTION = 500
MOST_ADDRESSES = 20_000
# Of the rows of one link the engine keeps the one seen last; op -1 says that its block was taken back.
LINKS_SQL = """SELECT * FROM cluster_links FINAL
WHERE chain = {chain:String} AND op = 1
AND (first IN {addresses:Array(String)} OR second IN {addresses:Array(String)})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """An account's cluster, its addresses in order, and the links that hold it together.

    `held` are links the guards did not follow. `whole` is False when there was more than MOST_ADDRESSES.
    """

    cluster: Cluster
    addresses: tuple[str, ...]
    links: tuple[ClusterLink, ...]
    held: tuple[ClusterLink, ...]
    whole: bool


def ownership(store: Store, account: str, *, most: int = MOST_ADDRESSES) -> Ownership:
    """Links are followed outward from the address, then folded in the chain's order. Raises ConfigError."""
    chain, address = _address(account)
    found, reached = _reached(store, chain, address, most)
    clusters = Clusters()
    ordered = sorted(found.values(), key=lambda link: (link.block_height, link.tx_hash, link.position))
    for link in ordered:
        clusters.add(link)
    name = clusters.of(address).name
    held = clusters.held
    return Ownership(
        cluster=clusters.of(address),
        addresses=tuple(sorted(one for one in reached if clusters.of(one).name == name)),
        links=tuple(link for link in ordered if link not in held and clusters.of(link.first).name == name),
        held=held,
        whole=len(reached) <= most,
    )


def _address(account: str) -> tuple[str, str]:
    chain, address = split_account(account)
    try:
        return chain, normalise(chain, address)
    except BadRecord as error:
        raise ConfigError(
            f"{error}; say CHAIN:ADDRESS, for example bip122:000000000019d6689c085ae165831e93:…"
        ) from error


def _reached(
    store: Store, chain: str, address: str, most: int
) -> tuple[dict[tuple[str, str, int], ClusterLink], set[str]]:
    """Every link on the way, and every address it names, outward until there is nothing new or too much."""
    found: dict[tuple[str, str, int], ClusterLink] = {}
    reached, waiting = {address}, [address]
    while waiting and len(reached) <= most:
        asked, waiting = waiting[:ADDRESSES_A_QUESTION], waiting[ADDRESSES_A_QUESTION:]
        for row in store.query(LINKS_SQL, {"chain": chain, "addresses": asked}):
            link = from_stored(ClusterLink, row)
            found[link.block_hash, link.tx_hash, link.position] = link
            fresh = sorted({link.first, link.second} - reached)
            reached.update(fresh)
            waiting += fresh
    return found, reached
