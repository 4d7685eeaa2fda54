"""The scanner gives what msgspec gives, whatever the bytes."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.scan import Scanned, decode_transfer, scan_transfers, scan_wire_form
from manumit.schemas.addresses import BITCOIN
from manumit.schemas.block import MAX_MICRO_USD, TransferBlock, micro_usd
from manumit.schemas.errors import BadRecord
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode

PLAIN = Transfer(
    chain="eip155:1",
    block_height=19_000_000,
    block_hash="0x" + "ab" * 32,
    tx_hash="0x" + "cd" * 32,
    position=17,
    at_us=1_700_000_000_000_000,
    seen_us=1_700_000_000_000_001,
    sender="0x" + "11" * 20,
    receiver="0x" + "22" * 20,
    asset="0x" + "33" * 20,
    amount=1_250_000,
    decimals=6,
    amount_usd=1.25,
)
unhurried = settings(deadline=None)  # the first call compiles
END = b"\n" + encode(PLAIN) + b"\n"  # so that bytes follow the line before it

texts = st.one_of(st.text("0123456789abcdefx:", max_size=70), st.text(max_size=12), st.text('"\\ \x7fA', max_size=40))
names = texts.filter(lambda text: len(text) > 0)
dollars = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 10**18).map(lambda micro: micro / 1e6),
    st.floats(0, 1e10, allow_subnormal=False),
)


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    return Transfer(
        chain=draw(st.one_of(st.sampled_from(("eip155:1", "tron:main", "", BITCOIN, BITCOIN[:-1] + "4")), texts)),
        block_height=draw(st.integers(0, 2**63 - 1)),
        block_hash=draw(texts),
        tx_hash=draw(texts),
        position=draw(st.integers(0, 2**32 - 1)),
        at_us=draw(st.integers(0, 7_258_118_400_000_000)),
        seen_us=draw(st.integers(0, 7_258_118_400_000_000)),
        sender=draw(names),
        receiver=draw(names),
        asset=draw(texts),
        amount=draw(st.one_of(st.integers(0, 10**20), st.integers(0, 2**256 - 1))),
        decimals=draw(st.integers(0, 255)),
        amount_usd=draw(dollars),
        op=draw(st.sampled_from((1, -1))),
        finality=draw(st.one_of(st.just("final"), texts)),
    )


@st.composite
def spelt(draw: st.DrawFn) -> bytes:
    """A transfer in one of the ways JSON may spell it."""
    wire = encode(draw(transfers()))
    way = draw(st.sampled_from(("wire", "wire", "shuffled", "spaced", "ascii", "short", "carriage return")))
    fields: dict[str, Any] = json.loads(wire)
    if way == "shuffled":
        return json.dumps(dict(draw(st.permutations(list(fields.items())))), separators=(",", ":")).encode()
    if way == "short":
        kept = draw(st.sets(st.sampled_from(("amount_usd", "op", "finality"))))
        optional = {"amount_usd", "op", "finality"} - kept
        return json.dumps({k: v for k, v in fields.items() if k not in optional}, separators=(",", ":")).encode()
    return {"spaced": json.dumps(fields).encode(), "ascii": json.dumps(fields, separators=(",", ":")).encode()}.get(
        way, wire + b"\r" if way == "carriage return" else wire
    )


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """One byte changed, cut out or put in; most are no transfers any more."""
    line = bytearray(encode(draw(transfers())))
    at = draw(st.integers(0, len(line) - 1))
    line[at : at + draw(st.integers(0, 1))] = draw(st.binary(max_size=2))
    return bytes(line).replace(b"\n", b" ")


def expected(data: bytes) -> tuple[list[Transfer], list[tuple[int, int, int, str]]]:
    good, bad, start = [], [], 0
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            if line.strip():
                good.append(decode_transfer(line))
        except BadRecord as error:
            bad.append((number, start, start + len(line), error.reason))
        start += len(line) + 1
    return good, bad


def same_columns(found: TransferBlock, wanted: TransferBlock) -> None:
    for name in ("at_us", "usd_micro", "op"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
        assert getattr(found, name).dtype == getattr(wanted, name).dtype
    assert [found.chains[c] for c in found.chain] == [wanted.chains[c] for c in wanted.chain]
    for side in (True, False):
        accounts = [found.account(i, sender=side) for i in range(len(found))]
        assert accounts == [wanted.account(i, sender=side) for i in range(len(wanted))]
        assert found.accounts(np.arange(len(found)), sender=side) == accounts


def equals_msgspec(data: bytes) -> Scanned:
    scanned = scan_transfers(data)
    good, bad = expected(data)
    assert [(b.number, b.start, b.stop, b.error.reason) for b in scanned.bad] == bad
    same_columns(scanned.block, TransferBlock.of(good))
    assert [scanned.block.row(i) for i in range(len(good))] == good
    assert [data[start:stop] for start, stop in scanned.lines] == [
        line for line in data.split(b"\n") if line.strip() and _is_good(line)
    ]
    return scanned


def _is_good(line: bytes) -> bool:
    return not expected(line)[1]


@unhurried
@given(st.lists(spelt(), max_size=6))
def test_any_spelling_of_a_transfer_is_read_as_msgspec_reads_it(lines: list[bytes]) -> None:
    equals_msgspec(b"\n".join(lines))
    assert equals_msgspec(b"\n".join(lines) + END).bad == ()


@unhurried
@given(st.lists(st.one_of(damaged(), damaged(), spelt(), st.binary(max_size=30), st.just(b"  ")), max_size=5))
def test_bad_lines_are_reported_and_the_others_kept(lines: list[bytes]) -> None:
    equals_msgspec(b"\n".join(lines) + END)


@unhurried
@given(
    st.one_of(
        st.from_regex(r"(0|[1-9][0-9]{0,12})(\.[0-9]{1,19})?", fullmatch=True),
        st.from_regex(r"[0-9]{1,9}\.[0-9]{6}(5|49999|50000|50001)[0-9]{0,3}", fullmatch=True),
        st.floats(0, 1e9).map(repr),
    )
)
def test_dollars_round_as_python_rounds_them(text: str) -> None:
    line = encode(PLAIN).replace(b"1.25,", text.encode() + b",")
    scanned = equals_msgspec(line + END)
    if not scanned.bad:
        assert scanned.block.usd_micro[0] == micro_usd(float(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"decimals":6', b'"decimals":255'),
        (b'"decimals":6', b'"decimals":256'),
        (b'"decimals":6', b'"decimals":06'),
        (b'"position":17', b'"position":4294967295'),
        (b'"position":17', b'"position":4294967296'),
        (b'"position":17', b'"position":-1'),
        (b'"position":17', b'"position":'),
        (b'"amount":1250000', b'"amount":' + b"9" * 77),
        (b'"amount":1250000', b'"amount":' + b"9" * 78),
        (b'"amount":1250000', b'"amount":%d' % (2**256 - 1)),
        (b'"amount":1250000', b'"amount":%d' % 2**256),
        (b'"at_us":1700000000000000', b'"at_us":7258118400000000'),
        (b'"at_us":1700000000000000', b'"at_us":7258118400000001'),
        (b'"at_us":1700000000000000', b'"at_us":17000000000000000'),
        (b"0x" + b"11" * 20, b""),
        (b"0x" + b"11" * 20, b"a" * 512),
        (b"0x" + b"11" * 20, b"a" * 513),
        (b"0x" + b"ab" * 32, b"a" * 128),
        (b"0x" + b"ab" * 32, b"a" * 129),
        (b"eip155:1", b"c" * 256),
        (b"eip155:1", b"c" * 257),
        (b'"op":1', b'"op":-1'),
        (b'"op":1', b'"op":2'),
        (b'"op":1', b'"op":11'),
        (b'"amount_usd":1.25', b'"amount_usd":nul'),
        (b'"amount_usd":1.25', b'"amount_usd":1.'),
        (b'"amount_usd":1.25', b'"amount_usd":01.5'),
        (b'"amount_usd":1.25', b'"amount_usd":1.25e2'),
        (b'"amount_usd":1.25', b'"amount_usd":1.25,"amount_usd":2'),
        (b'"final"}', b'"final"} '),
        (b'"final"}', b'"final"}}'),
        (b'"final"}', b'"final"'),
    ],
)
def test_values_on_the_edge_of_what_a_field_allows(old: bytes, new: bytes) -> None:
    line = encode(PLAIN)
    assert line.count(old) == 1
    equals_msgspec(line.replace(old, new) + END)


def test_lines_as_we_write_them_never_reach_msgspec() -> None:
    bitcoin = encode(msgspec.structs.replace(PLAIN, chain=BITCOIN))
    for end in (b"", b"\n", b"\n\n"):
        scanned = scan_transfers(b"\n".join([encode(PLAIN), bitcoin] * 25) + end, read=_refuses)
        assert len(scanned.block) == 50
        assert scanned.block.chains == ("eip155:1", BITCOIN)


def _refuses(line: bytes) -> NoReturn:
    raise AssertionError(f"decoded: {line!r}")


@unhurried
@given(st.lists(st.one_of(spelt(), damaged(), st.just(b"")), max_size=6), st.booleans())
def test_only_lines_in_the_wire_form_and_each_of_them_as_it_is(lines: list[bytes], ended: bool) -> None:
    known = [encode(PLAIN), *(whole for line in lines for whole in (line, encode(PLAIN)))]
    data = b"\n".join(known) + (b"\n" if ended else b"")
    found, everything = scan_wire_form(data), scan_transfers(data)
    cuts = found.lines.tolist()
    kept = [i for i, cut in enumerate(everything.lines.tolist()) if cut in cuts]
    assert len(kept) == len(cuts) > len(lines)
    same_columns(found.block, TransferBlock.of([everything.block.row(i) for i in kept]))
    assert [found.block.row(i) for i in range(len(kept))] == [everything.block.row(i) for i in kept]
    assert found.bad == ()


def test_more_chains_than_the_compiled_table_holds() -> None:
    lines = [encode(PLAIN).replace(b"eip155:1", b"eip155:%d" % (i % 100)) for i in range(300)]
    assert len(equals_msgspec(b"\n".join(lines) + END).block.chains) == 100


def test_a_billion_dollars_is_the_most() -> None:
    line = encode(PLAIN).replace(b"1.25,", b"1000000000.000001,")
    assert scan_transfers(line + END).block.usd_micro[0] == MAX_MICRO_USD


def test_more_dollars_than_an_integer_holds_are_the_most_too() -> None:
    line = encode(PLAIN).replace(b"1.25,", b"1.7e308,")
    assert scan_transfers(line + END).block.usd_micro[0] == MAX_MICRO_USD


def test_nothing_and_blank_lines() -> None:
    for data in (b"", b"\n", b"\n \n\t\r\n"):
        scanned = scan_transfers(data)
        assert len(scanned.block) == 0
        assert scanned.bad == ()
        assert scanned.block.at_us.dtype == np.int64


def test_a_view_into_a_larger_buffer() -> None:
    line = encode(PLAIN) + b"\n"
    scanned = scan_transfers(memoryview(line * 5)[len(line) : 3 * len(line)])
    assert [scanned.block.row(i) for i in range(2)] == [PLAIN, PLAIN]
