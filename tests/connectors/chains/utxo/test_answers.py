"""A node's answer is believed only as far as the block's own hash proves it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.chains.evm import Lie
from manumit.connectors.chains.utxo.answers import base_units, block_of, transaction_of
from manumit.connectors.chains.utxo.prevouts import Prevouts
from manumit.connectors.chains.utxo.raw import Malformed, Output, merkle_root, transaction
from manumit.connectors.chains.utxo.scripts import owner, ripemd160
from manumit.schemas.addresses import BITCOIN, BITCOIN_FORMS, normalise
from manumit.schemas.bech32 import segwit_address, segwit_program
from manumit.schemas.errors import ConfigError
from tests.connectors.chains.utxo.blocks import answer, first_blocks

Change = Callable[[dict[str, Any]], None]


def in_transaction(index: int, **fields: Any) -> Change:
    return lambda told: told["tx"][index].update(fields)


LIES: dict[str, Change] = {
    "another time": lambda told: told.update(time=told["time"] + 1),
    "another parent": lambda told: told.update(previousblockhash="11" * 32),
    "another nonce": lambda told: told.update(nonce=0),
    "a transaction left out": lambda told: told["tx"].pop(),
    "a transaction twice": lambda told: told["tx"].append(told["tx"][-1]),
    "transactions in another order": lambda told: told["tx"].reverse(),
    "no transactions": lambda told: told.update(tx=[]),
    "other bytes": in_transaction(1, hex="00"),
    "bytes of another transaction": lambda told: told["tx"][1].update(hex=told["tx"][0]["hex"]),
    "another id": in_transaction(1, txid="22" * 32),
    "inputs left out": in_transaction(1, vin=[]),
    "an input's coins as text": in_transaction(1, vin=[{"prevout": {"value": "many", "scriptPubKey": {"hex": "51"}}}]),
    "a part of a unit": in_transaction(1, vin=[{"prevout": {"value": 0.000000001, "scriptPubKey": {"hex": "51"}}}]),
    "less than nothing": in_transaction(1, vin=[{"prevout": {"value": -1, "scriptPubKey": {"hex": "51"}}}]),
    "a script that is none": in_transaction(1, vin=[{"prevout": {"value": 1, "scriptPubKey": {"hex": "5"}}}]),
    "a hash that is none": lambda told: told.update(hash="xyz"),
    "a height below the first": lambda told: told.update(height=-1),
}


@pytest.fixture
def block_170(shared_data: Path) -> dict[str, Any]:
    return answer(list(first_blocks(shared_data / "chains" / "btcd-blocks"))[169], 170)


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_found(block_170: dict[str, Any], lie: str) -> None:
    wanted = str(block_170["hash"])
    assert block_of(msgspec.json.encode(block_170), BITCOIN, wanted=wanted).height == 170
    LIES[lie](block_170)
    with pytest.raises(Lie):
        block_of(msgspec.json.encode(block_170), BITCOIN, wanted=wanted)


def test_a_repeated_end_has_the_same_root_and_is_found(shared_data: Path) -> None:
    """CVE-2012-2459: with three transactions, the third may stand twice under the same root."""
    blocks = (shared_data / "chains" / "btcd-blocks").glob("*.blk")
    told = next(t for t in (answer(path.read_bytes(), 1) for path in sorted(blocks)) if len(t["tx"]) % 2)
    told["tx"].append(told["tx"][-1])
    with pytest.raises(Lie, match="twice"):
        block_of(msgspec.json.encode(told), BITCOIN, wanted=told["hash"])


def test_another_block_than_asked_for_is_a_lie(block_170: dict[str, Any]) -> None:
    with pytest.raises(Lie, match="asked for block"):
        block_of(msgspec.json.encode(block_170), BITCOIN, wanted="33" * 32)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_transaction_or_malformed(data: bytes) -> None:
    try:
        found = transaction(data)
    except Malformed:
        return
    assert len(found.tx_hash) == 64


@given(st.text(max_size=80))
def test_any_text_is_a_transaction_or_a_lie(text: str) -> None:
    with pytest.raises(Lie):
        transaction_of(text, wanted="44" * 32)


@given(st.integers(0, 21 * 10**14))
def test_coins_are_exact(units: int) -> None:
    assert base_units(msgspec.json.decode(f"{Decimal(units).scaleb(-8):f}", type=Decimal), "x") == units


@given(st.sampled_from(sorted(BITCOIN_FORMS)), st.binary(min_size=20, max_size=20), st.binary(min_size=32, max_size=32))
def test_every_script_gets_the_canonical_name(chain: str, short: bytes, long: bytes) -> None:
    scripts = {
        b"\x76\xa9\x14" + short + b"\x88\xac": "pubkeyhash",
        b"\xa9\x14" + short + b"\x87": "scripthash",
        b"\x6a" + long: "nulldata",
        b"\x51": "nonstandard",
    }
    if BITCOIN_FORMS[chain].prefix:
        scripts |= {
            b"\x00\x14" + short: "witness_v0_keyhash",
            b"\x00\x20" + long: "witness_v0_scripthash",
            b"\x51\x20" + long: "witness_v1_taproot",
            b"\x52\x02\x01\x02": "witness_unknown",
        }
    for script, kind in scripts.items():
        named = owner(chain, script)
        assert named.kind == kind
        assert normalise(chain, named.address) == named.address


@given(st.binary(max_size=120))
def test_any_script_has_a_name(script: bytes) -> None:
    assert normalise(BITCOIN, owner(BITCOIN, script).address)


def test_ripemd_where_openssl_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, data: bytes) -> None:
        raise ValueError(f"unsupported hash type {name}")

    empty = "9c1185a5c5e9fc54612808977ee8f548b2258d31"
    assert ripemd160(b"").hex() == empty
    monkeypatch.setattr("hashlib.new", missing)
    assert ripemd160(b"").hex() == empty


def test_a_chain_without_known_forms_is_refused() -> None:
    with pytest.raises(ConfigError, match="no chain whose addresses"):
        owner("bip122:" + "0" * 32, b"\x51")


@given(st.integers(0, 16), st.binary(min_size=2, max_size=40))
def test_witness_addresses_go_there_and_back(version: int, program: bytes) -> None:
    if version == 0:
        program = program.ljust(20, b"\0")[:20]
    assert segwit_program(segwit_address("bc", version, program), "bc") == (version, program)


def test_one_script_of_litecoin_has_one_name() -> None:
    """Its script addresses began with 3 before they began with M."""
    litecoin = "bip122:12a765e31ffd4059bada1e25190f6e98"
    named = owner(litecoin, b"\xa9\x14" + bytes(20) + b"\x87").address
    old = owner(BITCOIN, b"\xa9\x14" + bytes(20) + b"\x87").address
    assert named.startswith("M")
    assert old.startswith("3")
    assert normalise(litecoin, old) == named


def test_merkle_roots_of_few() -> None:
    one, two = "11" * 32, "22" * 32
    assert merkle_root([one]) == one
    assert merkle_root([one, two]) != merkle_root([two, one])
    assert merkle_root([one, two, two]) == merkle_root([one, two, two, two])


def test_memory_of_outputs_is_bounded(shared_data: Path) -> None:
    prevouts = Prevouts(lambda wanted: {}, most=20)
    for height, raw in enumerate(first_blocks(shared_data / "chains" / "btcd-blocks"), 1):
        told = answer(raw, height)
        block = block_of(msgspec.json.encode(told), BITCOIN, wanted=told["hash"])
        spent = prevouts.of(block)
        assert all(isinstance(output, Output) for output in spent.values())
        if height == 170:
            assert spent == {}, "made in block 9, forgotten since"
