"""What the scanner reads is what msgspec reads, whatever the bytes; what it leaves out, nobody has guessed."""

from __future__ import annotations

import gc
import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.files.json_lines import block_of
from manumit.connectors.scan import ROWS_AT_LEAST, Rooms, Rows, decode_transfer
from manumit.schemas.addresses import BITCOIN
from manumit.schemas.block import TextColumn, TransferBlock, micro_usd
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


def lines_of(data: bytes) -> dict[tuple[int, int], bytes]:
    """Every line by its start and stop."""
    found, start = {}, 0
    for line in data.split(b"\n"):
        found[start, start + len(line)] = line
        start += len(line) + 1
    return found


def same_columns(found: TransferBlock, wanted: TransferBlock) -> None:
    for name in ("at_us", "usd_micro", "op"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
        assert getattr(found, name).dtype == getattr(wanted, name).dtype
    assert [found.chains[c] for c in found.chain] == [wanted.chains[c] for c in wanted.chain]
    for side in (True, False):
        accounts = [found.account(i, sender=side) for i in range(len(found))]
        assert accounts == [wanted.account(i, sender=side) for i in range(len(wanted))]
        assert found.accounts(np.arange(len(found)), sender=side) == accounts


def scanned(data: bytes | memoryview) -> Rows:
    return Rooms().room_for(len(data)).scan(data)


def equals_msgspec(data: bytes) -> Rows:
    """The rows found are lines of the data, in order, and msgspec reads them the same."""
    rows, lines = scanned(data), lines_of(data)
    cuts = [(start, stop) for start, stop in rows.lines.tolist()]
    assert cuts == sorted(cuts)
    good = [decode_transfer(lines[cut]) for cut in cuts]
    same_columns(block_of(rows, good.__getitem__), TransferBlock.of(good))
    return rows


def is_bad(line: bytes) -> bool:
    try:
        decode_transfer(line)
    except BadRecord:
        return True
    return False


@unhurried
@given(st.lists(spelt(), max_size=6))
def test_any_spelling_of_a_transfer_is_read_as_msgspec_reads_it(lines: list[bytes]) -> None:
    equals_msgspec(b"\n".join(lines))
    assert len(equals_msgspec(b"\n".join(lines) + END)) > 0


@unhurried
@given(st.lists(st.one_of(damaged(), damaged(), spelt(), st.binary(max_size=30), st.just(b"  ")), max_size=5))
def test_lines_between_bad_ones_are_read(lines: list[bytes]) -> None:
    whole = [encode(PLAIN), *(part for line in lines for part in (line, encode(PLAIN)))]
    assert len(equals_msgspec(b"\n".join(whole) + b"\n")) > len(lines)


SHAPES = (
    PLAIN,
    msgspec.structs.replace(PLAIN, sender="0x" + "AB" * 20, amount_usd=None, op=-1),
    msgspec.structs.replace(PLAIN, chain="tron:0x2b6653dc", sender="T" + "a9Zx" * 8 + "1", receiver="T" + "7yQ" * 11),
    msgspec.structs.replace(PLAIN, chain=BITCOIN, block_hash="00" * 32, tx_hash="ef" * 32, sender="bc1q" + "m" * 38),
    msgspec.structs.replace(PLAIN, asset="a" * 128, tx_hash="", amount=2**200, at_us=999),
)


@st.composite
def alike(draw: st.DrawFn) -> bytes:
    """A line of one of a few shapes, with other letters and digits, and often with a byte that must not be there."""
    line = bytearray(encode(draw(st.sampled_from(SHAPES[: draw(st.sampled_from((1, 1, 5)))]))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(line) - 1))
        same = b"0123456789" if chr(line[at]).isdigit() else b"abcdefXYZ"
        if chr(line[at]).isalnum():
            line[at] = draw(st.sampled_from(same))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(line) - 1))
        line[at : at + draw(st.integers(0, 2))] = draw(
            st.sampled_from((b"", b'"', b"\\", b"\x7f", b"0", b"-", b"}", b"e", b" "))
        )
    return bytes(line)


@settings(deadline=None, max_examples=400)
@given(st.lists(alike(), min_size=2, max_size=12))
def test_lines_that_stand_like_the_one_before_are_read_as_msgspec_reads_them(lines: list[bytes]) -> None:
    equals_msgspec(b"\n".join(lines))
    equals_msgspec(b"\n".join([*lines, encode(PLAIN), *lines]) + END)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_byte_is_looked_at_though_the_shape_is_known(shape: Transfer) -> None:
    line = encode(shape)
    for at in range(len(line)):
        for byte in b'"\\0a{ \x80':
            other = line[:at] + bytes([byte]) + line[at + 1 :]
            equals_msgspec(b"\n".join([line, line, other, line]) + END)


def test_only_lines_without_a_question_are_called_smooth() -> None:
    line = encode(PLAIN) + b"\n"
    earlier = encode(msgspec.structs.replace(PLAIN, at_us=PLAIN.at_us - 1)) + b"\n"
    assert scanned(line * 3).smooth
    assert scanned(earlier + line).smooth
    assert not scanned(line + earlier).smooth
    assert not scanned(line + b"\n" + line).smooth
    assert not scanned(line + b"{}\n" + line).smooth
    assert not scanned(line + line[:-1]).smooth
    for other in (SHAPES[1], SHAPES[2], msgspec.structs.replace(PLAIN, op=-1)):
        assert not scanned(line + encode(other) + b"\n").smooth
    for usd in (None, 1e9, 1e300):
        assert not scanned(line + encode(msgspec.structs.replace(PLAIN, amount_usd=usd)) + b"\n").smooth


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
    rows = equals_msgspec(line + END)
    if len(rows) == 2:
        assert rows.usd_micro[0] == micro_usd(float(text))


def test_dollars_as_we_write_them_are_read() -> None:
    for text in (b"0", b"1", b"0.25", b"123456.789", b"0.1", b"999999999.999999", b"null"):
        assert len(equals_msgspec(encode(PLAIN).replace(b"1.25,", text + b",") + END)) == 2


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
    rows = equals_msgspec(line.replace(old, new) + END)
    assert len(rows) == (1 if is_bad(line.replace(old, new)) else 2) or new in LEFT_TO_MSGSPEC


LEFT_TO_MSGSPEC = (
    b'"amount":%d' % (2**256 - 1),  # 78 digits
    b'"amount_usd":1.25e2',
    b'"amount_usd":1.25,"amount_usd":2',
    b'"final"} ',
)


def test_lines_as_we_write_them_are_all_read() -> None:
    bitcoin = encode(msgspec.structs.replace(PLAIN, chain=BITCOIN))
    for end in (b"", b"\n", b"\n\n"):
        rows = scanned(b"\n".join([encode(PLAIN), bitcoin] * 25) + end)
        assert len(rows) == 50
        assert rows.room.chains == ("eip155:1", BITCOIN)


@unhurried
@given(st.lists(st.lists(spelt(), max_size=4), min_size=1, max_size=4))
def test_reads_into_one_room_stand_behind_each_other(reads: list[list[bytes]]) -> None:
    room = Rooms().room_for(1 << 20)
    pieces = [b"\n".join([encode(PLAIN), *lines]) + END for lines in reads]
    rows = [room.scan(piece) for piece in pieces]
    alone = [scanned(piece) for piece in pieces]
    together = rows[0]
    for one in rows[1:]:
        joined = together.joined(one)
        assert joined is not None
        together = joined
    good = [decode_transfer(piece[a:b]) for piece, one in zip(pieces, alone, strict=True) for a, b in one.lines]
    same_columns(block_of(together, good.__getitem__), TransferBlock.of(good))
    assert rows[0].joined(alone[0]) is None


def test_a_room_says_when_it_is_full() -> None:
    line = encode(PLAIN) + b"\n"
    room = Rooms().room_for(len(line))
    read = 0
    while room.holds(len(line)):
        read += len(room.scan(line))
    assert read >= ROWS_AT_LEAST - 2


def test_memory_is_used_again_only_when_nobody_holds_rows_of_it() -> None:
    line = encode(PLAIN) + b"\n"
    rooms = Rooms()
    full(rooms, line)  # the first room is smaller
    held = [full(rooms, line) for _ in range(3)]
    places = [where(column) for column in held]
    assert len(set(places)) == 3
    kept = held[1].slice(7, 9)
    del held
    gc.collect()
    again = [full(rooms, line.replace(PLAIN.sender.encode(), b"0x" + b"99" * 20)) for _ in range(4)]
    assert {where(column) for column in again} > {places[0], places[2]}
    assert places[1] not in map(where, again)
    assert kept[1] == PLAIN.sender


def full(rooms: Rooms, line: bytes) -> TextColumn:
    """The senders of a new room that is full."""
    room = rooms.room_for(len(line))
    rows = room.scan(line * (ROWS_AT_LEAST + 1))
    assert not room.holds(len(line))
    return rows.sender


def where(column: TextColumn) -> int:
    return int(column.data.ctypes.data)
