"""Common inputs make links; mixes, lone payers and shared scripts make none."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from manumit.detectors.clusters.coinjoin import CROWD, MANY_EQUAL, coinjoin
from manumit.detectors.clusters.linking import COMMON_INPUT, DOUBTFUL, SURE, links
from manumit.detectors.clusters.union import Clusters
from manumit.schemas.utxo import Coin, UtxoTransaction
from tests.detectors.clusters.coins import CHAIN, spending

Side = list[tuple[str, int]]


def people(count: int, amount: int, step: int = 0, name: str = "p") -> Side:
    return [(f"{name}{i}", amount + i * step) for i in range(count)]


def test_inputs_signed_together_are_linked_to_the_first() -> None:
    found = links(spending([("a", 5), ("b", 6), ("a", 1), ("c", 2)], [("x", 10), ("y", 3)]))
    assert [(one.first, one.second, one.position) for one in found] == [("a", "b", 0), ("a", "c", 1)]
    assert {(one.heuristic, one.confidence, one.op) for one in found} == {(COMMON_INPUT, SURE, 1)}


def test_two_equal_outputs_leave_a_doubt() -> None:
    (found,) = links(spending([("a", 9), ("b", 6)], [("v", 4), ("w", 4), ("x", 3), ("y", 2), ("z", 1)]))
    assert found.confidence == DOUBTFUL


def test_a_retraction_takes_its_links_along() -> None:
    assert [one.op for one in links(spending([("a", 5), ("b", 6)], [("x", 11)], op=-1))] == [-1]


@pytest.mark.parametrize("kind", ["multisig", "nonstandard"])
def test_scripts_of_several_people_are_not_linked(kind: str) -> None:
    assert links(spending([("a", 5), ("b", 6)], [("x", 11)], kind=kind)) == ()


def test_one_payer_and_a_coinbase_link_nothing() -> None:
    assert links(spending([("a", 5), ("a", 6)], [("x", 11)])) == ()
    minted = msgspec.structs.replace(spending([("a", 5), ("b", 6)], [("x", 11)]), coinbase=1)
    assert links(minted) == ()


MIXES: dict[str, tuple[Side, Side, str]] = {
    "three join, three get change": (
        people(3, 1_000_000, 7), [*people(3, 500_000, 0, "o"), *people(3, 499_000, 7, "c")], "joinmarket"
    ),
    "three join, one has no change": (
        people(3, 1_000_000, 7), [*people(3, 500_000, 0, "o"), *people(2, 499_000, 7, "c")], "joinmarket"
    ),
    "Whirlpool, 5 to 5": (people(5, 1_001_000), people(5, 1_000_000, 0, "o"), "equal-outputs"),
    "a round with a crowd's change": (
        people(30, 12_000_000, 11), [*people(30, 10_000_000, 0, "o"), *people(22, 1_500_000, 11, "c")], "equal-outputs"
    ),
    "many denominations": (
        people(24, 3_000_000, 13),
        [*((f"o{i}", 2 ** (10 + i // 2)) for i in range(16)), *people(8, 77_777, 5, "c")],
        "many-denominations",
    ),
}  # fmt: skip
PAYMENTS: dict[str, tuple[Side, Side]] = {
    "joining one's own coins": (people(40, 100, 3), [("x", 6_000)]),
    "a payment with change": (people(3, 1_000, 3), [("x", 2_000), ("c", 900)]),
    "equal wages from one address": ([("a", 90), ("a", 90)], people(20, 5, 0, "o")),
    "fewer payers than equal outputs": (
        people(MANY_EQUAL - 1, 1_000), [*people(MANY_EQUAL, 100, 0, "o"), ("c", 3_000)]
    ),
    "a token's dust": (people(3, 1_000), [*people(2, 546, 0, "o"), ("c", 900)]),
    "a batch of different payments": (people(CROWD, 1_000), people(CROWD + 5, 100, 9, "o")),
}  # fmt: skip


@pytest.mark.parametrize("mix", MIXES)
def test_mixes_are_left_out(mix: str) -> None:
    spent, made, sign = MIXES[mix]
    assert coinjoin(spending(spent, made)) == sign
    assert links(spending(spent, made)) == ()


@pytest.mark.parametrize("payment", PAYMENTS)
def test_payments_are_no_mixes(payment: str) -> None:
    spent, made = PAYMENTS[payment]
    assert coinjoin(spending(spent, made)) == ""


def test_the_edges_of_a_crowd() -> None:
    made = [*((f"o{i}", 2 ** (10 + i // 2)) for i in range(CROWD))]
    assert coinjoin(spending(people(CROWD, 9_000_000, 3), made)) == "many-denominations"
    assert coinjoin(spending(people(CROWD - 1, 9_000_000, 3), made)) == ""
    assert coinjoin(spending(people(CROWD, 9_000_000, 3), made[:-1])) == ""


def test_the_reference_clusters_of_graphsense(shared_data: Path) -> None:
    """Its ten invented transactions. The one it calls a mix shows no sign of one, so the file's word is taken."""
    clusters = Clusters()
    for line in (shared_data / "chains/graphsense-lib/utxo/test_txs.json").read_text().splitlines():
        row = json.loads(line)
        for found in () if row["coinjoin"] else links(_reference(row)):
            clusters.add(found)
    joined = {"12751KvnaTTPMJbHbbercdTV48kL81BjX8", "3Kawbc5pkpQPfmaoGCBiaw5t2uK6WBoVVe"}
    swept = {"1Fufjpf9RM2aQsGedhSpbSCGRHrmLMJ7yY", "1231PgW8KbpwKkvACPhp13fcL6fM5sKGvy"}
    for group in (joined, swept):
        assert {clusters.of(one).name for one in group} == {min(group)}
        assert {clusters.of(one).size for one in group} == {2}
    assert clusters.length == 2


def _reference(row: dict[str, object]) -> UtxoTransaction:
    def coins(side: object) -> tuple[Coin, ...]:
        assert isinstance(side, list)
        return tuple(
            Coin(
                address="+".join(coin["address"]),
                amount=coin["value"],
                kind="multisig" if len(coin["address"]) > 1 else "pubkeyhash",
            )
            for coin in side
        )

    return msgspec.structs.replace(
        spending([], []),
        chain=CHAIN,
        tx_hash=str(row["txHash"]),
        coinbase=int(bool(row["coinbase"])),
        inputs=coins(row["inputs"]),
        outputs=coins(row["outputs"]),
    )
