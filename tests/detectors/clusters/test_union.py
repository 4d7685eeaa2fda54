"""Clusters equal connected components, in any order, and undoing is exact."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.clusters.union import MOST_JOINED, Cluster, Clusters
from manumit.schemas.errors import Broken
from manumit.schemas.utxo import ClusterLink
from tests.detectors.clusters.coins import link

NAMES = [f"n{i:02}" for i in range(14)]
some_links = st.lists(
    st.builds(link, st.sampled_from(NAMES), st.sampled_from(NAMES), confidence=st.sampled_from((0.5, 0.7, 0.9))),
    max_size=30,
)


def clusters_of(links: Sequence[ClusterLink], *, most_joined: int = MOST_JOINED) -> Clusters:
    found = Clusters(most_joined=most_joined)
    for one in links:
        found.add(one)
    return found


def components(links: Sequence[ClusterLink]) -> dict[str, frozenset[str]]:
    """By walking, without union-find."""
    found: dict[str, frozenset[str]] = {}
    for name in NAMES:
        seen, waiting = {name}, [name]
        while waiting:
            here = waiting.pop()
            near = {other for one in links for other in (one.first, one.second) if here in (one.first, one.second)}
            waiting += near - seen
            seen |= near
        found[name] = frozenset(seen)
    return found


def everything(clusters: Clusters) -> dict[str, Cluster]:
    return {name: clusters.of(name) for name in NAMES}


@given(some_links)
def test_equal_to_connected_components(links: list[ClusterLink]) -> None:
    clusters = clusters_of(links)
    for name, members in components(links).items():
        found = clusters.of(name)
        assert (found.name, found.size) == (min(members), len(members))
        assert found.confidence >= min((one.confidence for one in links), default=1.0)


@given(some_links, st.randoms())
def test_order_changes_neither_names_nor_sizes(links: list[ClusterLink], dice: Random) -> None:
    other = list(links)
    dice.shuffle(other)
    one, two = clusters_of(links), clusters_of(other)
    assert [(one.of(n).name, one.of(n).size) for n in NAMES] == [(two.of(n).name, two.of(n).size) for n in NAMES]


@given(some_links, some_links, st.sampled_from((1, 2, 1000)))
def test_undoing_leaves_no_trace(kept: list[ClusterLink], gone: list[ClusterLink], most: int) -> None:
    clusters = clusters_of(kept, most_joined=most)
    before, held = everything(clusters), clusters.held
    for one in gone:
        clusters.add(one)
    clusters.undo(len(gone))
    assert everything(clusters) == before
    assert clusters.held == held
    assert clusters.length == len(kept)
    straight = clusters_of([*kept, *gone], most_joined=most)
    for one in gone:
        clusters.add(one)
    assert everything(clusters) == everything(straight)


def test_two_large_clusters_are_kept_apart_and_the_link_is_held() -> None:
    links = [link("a", f"a{i}") for i in range(3)] + [link("b", f"b{i}") for i in range(3)]
    clusters = clusters_of([*links, link("a1", "b1", at=7)], most_joined=3)
    assert clusters.of("a0").size == clusters.of("b0").size == 4
    assert [one.tx_hash for one in clusters.held] == ["t7"]
    clusters.add(link("a1", "stranger"))
    assert clusters.of("stranger").size == 5, "a large one still grows by small ones"
    at_the_edge = clusters_of([*links, link("a1", "b1")], most_joined=4)
    assert at_the_edge.of("a0").size == 8


def test_two_known_owners_are_kept_apart() -> None:
    clusters = Clusters(known={"x": "exchange one", "y": "exchange two"})
    clusters.add(link("x", "a"))
    clusters.add(link("y", "b"))
    clusters.add(link("a", "b"))
    assert (clusters.of("a").known_as, clusters.of("b").known_as) == ("exchange one", "exchange two")
    assert len(clusters.held) == 1


def test_the_weakest_link_gives_the_confidence() -> None:
    clusters = clusters_of([link("a", "b"), link("c", "d", confidence=0.6), link("b", "c")])
    assert clusters.of("a").confidence == 0.6
    clusters.undo(1)
    assert clusters.of("a").confidence == 0.9


def test_an_address_that_was_never_linked_is_alone() -> None:
    assert Clusters().of("a") == Cluster(name="a", size=1, confidence=1.0)


def test_more_cannot_be_undone_than_was_done() -> None:
    with pytest.raises(Broken, match="2 links"):
        clusters_of([link("a", "b")]).undo(2)


def test_a_long_chain_of_links_stays_shallow() -> None:
    """Depth grows with the logarithm: a million finds of a chain of 20,000 would not end otherwise."""
    clusters = clusters_of([link(f"{i:06}", f"{i + 1:06}") for i in range(20_000)], most_joined=10**6)
    assert clusters.of("020000") == clusters.of("000000")
    assert clusters.of("000000").size == 20_001
