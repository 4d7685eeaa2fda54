"""What the wire refuses, and with which reason."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.schemas.dead_letter import REASONS, dead_letter
from manumit.schemas.errors import BadRecord, Broken
from manumit.schemas.fields import MAX_UINT256
from manumit.schemas.json_schema import example
from manumit.schemas.records import RECORDS
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import build, decode, decode_as, encode, encode_part
from tests.schemas.samples import rows

BASE: dict[str, Any] = json.loads(example("transfer.v1"))


def reason_for(raw: bytes, name: str = "transfer.v1") -> str:
    with pytest.raises(BadRecord) as refused:
        decode(name, raw)
    assert refused.value.reason in REASONS
    return refused.value.reason


@pytest.mark.parametrize("amount", [-1, -(2**80), MAX_UINT256 + 1, 10**4000, 1.5, 1.0, 1e30])
def test_absurd_amounts(amount: object) -> None:
    assert reason_for(json.dumps({**BASE, "amount": amount}).encode()) == "absurd-amount"


@pytest.mark.parametrize("amount", ["12abc", "5", "", None, [], {}, True])
def test_what_is_no_number_is_no_amount(amount: object) -> None:
    assert reason_for(json.dumps({**BASE, "amount": amount}).encode()) == "malformed"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("12abc", "malformed"), ("", "malformed"), (True, "malformed"), ("1.5", "absurd-amount"), ("-3", "absurd-amount")],
)
def test_text_of_a_cell_is_told_from_a_number_that_cannot_be(amount: object, reason: str) -> None:
    with pytest.raises(BadRecord) as refused:
        build(Transfer, {**BASE, "amount": amount})
    assert refused.value.reason == reason


def test_the_greatest_amount_is_still_exact() -> None:
    raw = json.dumps({**BASE, "amount": MAX_UINT256}).encode()
    assert decode_as(Transfer, raw).amount == MAX_UINT256


@pytest.mark.parametrize("field", ["at_us", "seen_us"])
@pytest.mark.parametrize("time", [-1, -(2**70), 7_258_118_400_000_001, 2**70, 10**4000])
def test_times_out_of_range(field: str, time: int) -> None:
    assert reason_for(json.dumps({**BASE, field: time}).encode()) == "bad-time"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\x00",
        b"\xff\xfe",
        b'{"chain":"\xff"}',
        b'{"chain":"\\ud800"}',
        b'{"chain":' + b"[" * 100_000,
        json.dumps({**BASE, "at_us": "2026-01-01"}).encode(),
        json.dumps({**BASE, "op": 0}).encode(),
        json.dumps({**BASE, "sender": ""}).encode(),
        json.dumps({**BASE, "colour": "red"}).encode(),
        json.dumps({k: v for k, v in BASE.items() if k != "amount"}).encode(),
        json.dumps(BASE).encode()[:-1],
        json.dumps(BASE).encode() + b"{}",
    ],
)
def test_malformed(raw: bytes) -> None:
    assert reason_for(raw) == "malformed"


@pytest.mark.parametrize("name", ["transfer.v2", "transfers", "", "transfer.v1 "])
def test_unknown_schema(name: str) -> None:
    assert reason_for(b"{}", name) == "unknown-schema"


@given(raw=st.binary(max_size=200), name=st.sampled_from(sorted(RECORDS)))
def test_no_bytes_get_past_the_tree_of_errors(raw: bytes, name: str) -> None:
    with pytest.raises(BadRecord):
        decode(name, raw)


@given(cut=st.integers(0, 400), put=st.binary(max_size=3))
def test_a_damaged_transfer_decodes_or_is_refused(cut: int, put: bytes) -> None:
    raw = encode(rows(Transfer)[0])
    damaged = raw[:cut] + put + raw[cut + len(put) :]
    try:
        assert isinstance(decode("transfer.v1", damaged), Transfer)
    except BadRecord as refused:
        assert refused.reason in REASONS


def test_plain_values_follow_the_same_rules() -> None:
    assert build(Transfer, BASE) == decode_as(Transfer, json.dumps(BASE).encode())
    with pytest.raises(BadRecord, match=r"2\^256 - at `\$\.amount`"):
        build(Transfer, {**BASE, "amount": 2**256})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_without_a_json_form_stops_the_writer(number: float) -> None:
    signal = rows(Signal)[0]
    for broken in (
        msgspec.structs.replace(signal, score=number),
        msgspec.structs.replace(signal, values={"senders": number}),
    ):
        with pytest.raises(Broken, match="not finite"):
            encode(broken)
    with pytest.raises(Broken, match="not finite"):
        encode_part("values", {"senders": number})


def test_text_that_is_not_unicode_is_refused_or_escaped() -> None:
    with pytest.raises(BadRecord, match="not Unicode"):
        encode(msgspec.structs.replace(rows(Transfer)[0], sender="\ud800"))
    letter = dead_letter(source="s", place="p", reason="malformed", message="m", payload="a\ud800b", at_us=0)
    assert letter.payload == "a\\ud800b"
    assert decode("dead-letter.v1", encode(letter)) == letter
