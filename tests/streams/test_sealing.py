"""A refused record that may name people leaves the reason, the field, the place and a keyed hash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.tokens import kind_tokeniser
from manumit.schemas.dead_letter import REASONS, DeadLetter, dead_letter
from manumit.streams.sealing import sealed

KEY, OTHER = kind_tokeniser(b"k" * 32), kind_tokeniser(b"o" * 32)


def letter(
    record: str, message: str = "at_us is 'ask for Vera Exampleova'", payload: str = "Vera Exampleova"
) -> DeadLetter:
    return dead_letter(
        source="file:x", place="x:3", reason="bad-time", message=message, payload=payload, at_us=0, record=record
    )


@pytest.mark.parametrize("record", ["listing.v1", "customer.v1", "account-event.v1", ""])
def test_what_may_name_people_is_sealed(record: str) -> None:
    kept = sealed(letter(record), KEY)
    assert "Exampleova" not in str(kept)
    assert (kept.source, kept.place, kept.reason, kept.record) == ("file:x", "x:3", "bad-time", record)
    assert kept.message == f"{REASONS['bad-time']}; field at_us"
    assert kept.payload.startswith("sealed record:")
    assert kept.payload.endswith(", 15 characters")


@pytest.mark.parametrize("record", ["transfer.v1", "utxo-transaction.v1", "label.v1"])
def test_records_of_chains_and_lists_stay_whole(record: str) -> None:
    assert sealed(letter(record), KEY) == letter(record)


def test_the_hash_is_keyed_and_the_same_for_the_same_record() -> None:
    ours, theirs = sealed(letter("listing.v1"), KEY), sealed(letter("listing.v1"), OTHER)
    assert sealed(letter("listing.v1"), KEY) == ours
    assert ours.payload != theirs.payload
    assert ours.letter_id not in (theirs.letter_id, letter("listing.v1").letter_id)
    assert sealed(letter("listing.v1", payload="Vera Other"), KEY).payload != ours.payload


@pytest.mark.parametrize(
    ("message", "want"),
    [
        ("Listing: Expected `int`, got `str` - at `$.revision`", "; field revision"),
        ("JSON is malformed: invalid character (byte 117)", "; byte 117"),
        ("Object contains unknown field `Vera`", ""),
        ("Vera is 'no field'", ""),
    ],
)
def test_of_a_message_only_known_words_stay(message: str, want: str) -> None:
    assert sealed(letter("listing.v1", message), KEY).message == REASONS["bad-time"] + want


@given(st.text(min_size=4))
def test_the_words_of_any_message_are_left_out(words: str) -> None:
    assert sealed(letter("customer.v1", f"no such field {words!r}"), KEY).message == REASONS["bad-time"]
