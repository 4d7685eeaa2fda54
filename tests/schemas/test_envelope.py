"""Packed messages: every record in both forms, and what cannot be read."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.schemas.dead_letter import REASONS
from manumit.schemas.envelope import FORMS, MAX_BYTES, MAX_RECORDS, Form, content_type, form_of, packed, unpacked
from manumit.schemas.errors import BadRecord
from manumit.schemas.listing import Listing
from manumit.schemas.records import RECORDS
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import decode_as, encode
from tests.schemas.samples import rows

TRANSFER = rows(Transfer)[0]


def pack_one(form: Form, *pieces: bytes) -> bytes:
    """An envelope of transfers around raw records."""
    body = {"schema": "transfer.v1", "source": "test", "records": [msgspec.Raw(piece) for piece in pieces]}
    return msgspec.json.encode(body) if form == "json" else msgspec.msgpack.encode(body)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("struct", RECORDS.values())
def test_every_record_comes_back_as_it_was(struct: type[msgspec.Struct], form: Form) -> None:
    records = rows(struct)
    (message,) = packed(records, source="test", form=form)
    opened = unpacked(message, form)
    assert list(opened.records) == records
    assert opened.refused == ()
    assert opened.source == "test"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("amount", [0, 2**63, 2**64 - 1, 2**64, 2**256 - 1])
def test_amounts_stay_exact(amount: int, form: Form) -> None:
    record = msgspec.structs.replace(TRANSFER, amount=amount)
    (message,) = packed([record], source="test", form=form)
    assert unpacked(message, form).records == (record,)


@pytest.mark.parametrize("form", FORMS)
def test_messages_are_cut_before_the_limits_and_keep_the_order(form: Form) -> None:
    many = [msgspec.structs.replace(TRANSFER, position=i) for i in range(2 * MAX_RECORDS + 1)]
    messages = list(packed(many, source="test", form=form, final={"eip155:1": 9}))
    opened = [unpacked(message, form) for message in messages]
    assert [record for one in opened for record in one.records] == many
    assert max(len(one.records) for one in opened) == MAX_RECORDS
    assert [dict(one.final) for one in opened] == [{}] * (len(opened) - 1) + [{"eip155:1": 9}]
    long = [msgspec.structs.replace(rows(Listing)[0], text="x" * (MAX_BYTES // 3)) for _ in range(7)]
    assert [len(unpacked(message, form).records) for message in packed(long, source="test", form=form)] == [2, 2, 2, 1]


def test_final_heights_go_alone_when_there_is_nothing_else() -> None:
    (message,) = packed([], source="test", final={"eip155:1": 7})
    opened = unpacked(message, "msgpack")
    assert (opened.records, dict(opened.final)) == ((), {"eip155:1": 7})


@pytest.mark.parametrize("form", FORMS)
def test_bad_records_are_refused_one_by_one_with_their_reason(form: Form) -> None:
    fields = msgspec.to_builtins(TRANSFER) | {"amount": 5}
    bad = [
        (fields | {"amount": -1}, "absurd-amount"),
        (fields | {"at_us": -5}, "bad-time"),
        (fields | {"unknown": 1}, "malformed"),
        ({"chain": "eip155:1"}, "malformed"),
        ([1, 2], "malformed"),
        (None, "malformed"),
    ]
    encoder = msgspec.json.encode if form == "json" else msgspec.msgpack.encode
    pieces = [encoder(fields), *(encoder(value) for value, _ in bad), encoder(fields)]
    opened = unpacked(pack_one(form, *pieces), form)
    assert opened.places == (0, len(pieces) - 1)
    assert [(one.index, one.reason) for one in opened.refused] == [(i, reason) for i, (_, reason) in enumerate(bad, 1)]
    assert msgspec.json.decode(opened.refused[0].payload)["amount"] == -1


@pytest.mark.parametrize("amount", [str(2**256), "-1", "1e3", "٣", "9" * 5000])
def test_text_that_is_no_amount_is_refused(amount: str) -> None:
    piece = msgspec.msgpack.encode(msgspec.to_builtins(TRANSFER) | {"amount": amount})
    opened = unpacked(pack_one("msgpack", piece), "msgpack")
    assert [one.reason in REASONS for one in opened.refused] == [True]


@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_schema_refuses_the_whole_message(form: Form) -> None:
    body = {"schema": "transfer.v9", "source": "test", "records": []}
    with pytest.raises(BadRecord, match=r"transfer\.v9") as caught:
        unpacked(msgspec.json.encode(body) if form == "json" else msgspec.msgpack.encode(body), form)
    assert caught.value.reason == "unknown-schema"


@given(raw=st.binary(max_size=200), form=st.sampled_from(FORMS))
def test_any_bytes_are_read_or_refused(raw: bytes, form: Form) -> None:
    for attempt in (raw, pack_one("msgpack", msgspec.msgpack.encode(raw))[:-1] + raw):
        try:
            opened = unpacked(attempt, form)
        except BadRecord as error:
            assert error.reason in REASONS
        else:
            assert all(one.reason in REASONS for one in opened.refused)


def test_a_single_line_of_our_files_is_one_record_of_an_envelope() -> None:
    opened = unpacked(pack_one("json", encode(TRANSFER)), "json")
    assert opened.records == (decode_as(Transfer, encode(TRANSFER)),)


def test_the_header_tells_the_form() -> None:
    assert form_of(None) == "json"
    assert [form_of(content_type(form)) for form in FORMS] == list(FORMS)
    assert form_of(b"Application/JSON; charset=utf-8") == "json"
    with pytest.raises(BadRecord, match="xml"):
        form_of(b"application/xml")
