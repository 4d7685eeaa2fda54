"""The compiled reader of NDJSON transfers against the general one: the same batches, to the last byte."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Batch
from manumit.connectors.files.batching import batches_of
from manumit.connectors.files.etl import Reading
from manumit.connectors.files.json_lines import read_lines
from manumit.connectors.files.places import TextPlace
from manumit.connectors.files.stream import Block, split_blocks, split_lines
from manumit.connectors.files.survey import open_files
from manumit.connectors.files.text_source import TextSource
from manumit.connectors.rates import Rates
from manumit.connectors.scan import Rooms
from manumit.schemas.block import TransferBlock, micro_usd
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from tests.connectors.files.events import START_US, events_of, transfer, transfers

TELLING = b'"\\,:{}0129-+.eEnA \n\r\x00\xffax'


def told(batch: Batch) -> tuple[Any, ...]:
    """Everything a batch says."""
    block = batch.transfers
    if block is None:
        return batch.position, (), batch.dead_letters
    rows = [block.row(i) for i in range(len(block))]
    sides = [(block.account(i, sender=True), block.account(i, sender=False)) for i in range(len(block))]
    assert sides == [(f"{t.chain}:{t.sender}", f"{t.chain}:{t.receiver}") for t in rows]
    columns = (block.at_us.tolist(), block.usd_micro.tolist(), block.op.tolist())
    same = TransferBlock.of(rows)
    assert columns == (same.at_us.tolist(), same.usd_micro.tolist(), same.op.tolist())
    return batch.position, tuple(rows), batch.dead_letters


def both_ways(raw: bytes, size: int) -> None:
    """Reads the bytes by both readers and compares."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.ndjson"
        path.write_bytes(encode(transfer(0, at_us=0)) + b"\n" + raw)
        (source,) = open_files(path, Rates())
        assert isinstance(source, TextSource)
        source = TextSource(file=source.file, name=source.name, chain=source.chain, rates=source.rates, rows=size)
        fast = [told(batch) for batch in source.read(TextPlace())]
        slow = source.items(TextPlace(), Reading(chain=source.chain, rates=source.rates))
        assert fast == [told(batch) for batch in batches_of(slow, size)]


@settings(max_examples=60, deadline=None)
@given(st.lists(transfers(), max_size=12), st.integers(1, 5))
def test_lawful_lines(rows: list[Transfer], size: int) -> None:
    both_ways(b"".join(encode(row) + b"\n" for row in rows), size)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=6),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(b'"\\,:{}0129-+.eEnA \n\r\x00\xffax') | st.integers(0, 255))
    ),
    st.booleans(),
)
def test_spoilt_lines(times: list[int], changes: list[tuple[int, int]], ended: bool) -> None:
    raw = bytearray(b"\n".join(encode(transfer(i, at_us=START_US + t)) for i, t in enumerate(times)))
    for place, byte in changes[:4]:
        raw[place % len(raw)] = byte
    both_ways(bytes(raw) + (b"\n" if ended else b""), 2)


EDGES: list[dict[str, Any]] = [
    {"amount": 0},
    {"amount": 2**256 - 1},
    {"amount": 10**76},
    {"amount": 10**77},
    {"amount_usd": None},
    {"amount_usd": None, "asset": "ETH", "decimals": 18},
    {"amount_usd": None, "decimals": 18},
    {"amount_usd": None, "amount": 2**200},
    {"amount_usd": 0.0},
    {"amount_usd": 0.1 + 0.2},
    {"amount_usd": 1e-7},
    {"amount_usd": 1e300},
    {"amount_usd": 123456789012345.0},
    {"amount_usd": 1e15},
    {"amount_usd": 1000000000000001.0},
    {"amount_usd": 1e9},
    {"amount_usd": 999999999.9999995},
    {"op": -1},
    {"block_hash": ""},
    {"block_hash": "x" * 128},
    {"block_hash": "x" * 129},
    {"tx_hash": "ü"},
    {"tx_hash": 'a"b\\c\n'},
    {"sender": ""},
    {"sender": "0x" + "A" * 40},
    {"asset": "0xDAC17F958D2EE523A2206206994597C13D831EC7"},
    {"asset": ""},
    {"block_height": 2**63 - 1},
    {"block_height": 2**63},
    {"position": 2**32 - 1},
    {"position": 2**32},
    {"decimals": 255},
    {"decimals": 256},
    {"at_us": 7_258_118_400_000_000},
    {"at_us": 7_258_118_400_000_001},
    {"chain": "polkadot:1"},
    {"chain": "x" * 257},
    {"finality": "provisional"},
]


@pytest.mark.parametrize("change", EDGES, ids=str)
def test_edges(change: dict[str, Any]) -> None:
    both_ways(encode(transfer(1, **change)) + b"\n" + encode(transfer(2)) + b"\n", 4)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"position":1', b'"position":01'),
        (b'"position":1', b'"position":-0'),
        (b'"position":1', b'"position":1.0'),
        (b'"amount_usd":1.0', b'"amount_usd":1'),
        (b'"amount_usd":1.0', b'"amount_usd":01.0'),
        (b'"amount_usd":1.0', b'"amount_usd":1.'),
        (b'"amount_usd":1.0', b'"amount_usd":.5'),
        (b'"amount_usd":1.0', b'"amount_usd":1e2'),
        (b'"amount_usd":1.0', b'"amount_usd":' + b"9" * 400),
        (b'"amount_usd":1.0', b'"amount_usd":nul'),
        (b'"amount_usd":1.0', b'"amount_usd":0.30000000000000004'),
        (b'"op":1', b'"op":-1'),
        (b'"op":1', b'"op":2'),
        (b'"op":1', b'"op":11'),
        (b'"op":1', b'"op":-11'),
        (b'"op":1', b'"op":-'),
        (b'"finality":"final"}', b'"finality":"final"} '),
        (b'"finality":"final"}', b'"finality":"final"}}'),
        (b'"finality":"final"}', b'"finality":"final"'),
        (b'{"chain"', b' {"chain"'),
        (b'{"chain"', b'\xef\xbb\xbf{"chain"'),
        (b'"chain":"eip155:1"', b'"chain": "eip155:1"'),
    ],
)
def test_near_misses_of_the_wire_form(old: bytes, new: bytes) -> None:
    line = encode(transfer(1))
    assert old in line
    both_ways(line.replace(old, new) + b"\r\n\n" + encode(transfer(2)), 4)


def test_the_wire_form_is_really_read_the_fast_way() -> None:
    """Else the tests above would compare the general reader with itself."""
    rows = [transfer(i, amount_usd=i + 0.25) for i in range(50)]
    raw = b"".join(encode(row) + b"\n" for row in rows)
    lines = read_lines(Block(raw), TextPlace(), Rooms().room_for(len(raw)), source="s", rates=Rates(), good={})
    assert lines.fast.all()
    assert lines.apart == {}
    assert lines.usd_micro.tolist() == [micro_usd(row.amount_usd) for row in rows]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_blocks_hold_the_same_lines_as_lines(raw: bytes, places: list[int]) -> None:
    edges = sorted({0, len(raw), *(p % (len(raw) + 1) for p in places)})
    chunks = [raw[a:b] for a, b in pairwise(edges)]
    blocks = list(split_blocks(iter(chunks)))
    regular = b"".join(block.raw for block in blocks if block.is_regular)
    irregular = [block for block in blocks if not block.is_regular]
    lines = list(split_lines(iter([raw])))
    assert regular == b"".join(line.raw + b"\n" for line in lines if line.ended)
    last = lines[-1:] if lines and not lines[-1].ended else []
    assert [block.record(len(lines), len(regular)) for block in irregular] == last


def test_a_line_that_is_too_long_and_what_follows() -> None:
    long = b'{"chain":"' + b"x" * (3 << 20)
    both_ways(long + b"\n" + encode(transfer(1)) + b"\n" + long, 4)


def test_whole_records_of_other_fields_survive(tmp_path: Path) -> None:
    rows = [transfer(i, finality="provisional", seen_us=START_US + 5) for i in range(3)]
    (tmp_path / "t.ndjson").write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    assert events_of(open_files(tmp_path, Rates(assets={}))[0].batches(None)) == rows
    assert msgspec.to_builtins(rows[0])["seen_us"] == START_US + 5
