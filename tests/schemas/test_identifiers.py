"""Ids that would make one customer two, many one, or keep a contact are named for what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.schemas.identifiers import id_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("c-1\u200b", "id-invisible"),
        ("\u202ec-1", "id-invisible"),
        ("\ufeffc-1", "id-invisible"),
        (" c-1", "id-spaces"),
        ("c  1", "id-spaces"),
        ("c\u00a01", "id-spaces"),
        ("e\u0301-1", "id-unicode"),
        ("\uff11\uff12", "id-unicode"),
        ("person@example.org", "id-contact"),
        ("+1 202 555 0123", "id-contact"),
        ("Unknown", "id-placeholder"),
        ("N/A", "id-placeholder"),
        ("xxx", "id-placeholder"),
    ],
)
def test_what_is_no_id(text: str, fault: str) -> None:
    assert id_fault(text) == fault


@pytest.mark.parametrize("text", ["c-1", "12025550123", "000", "111", "12345", "NL 4711", "Jörg-7", "a@b", "客户-1"])
def test_what_is_one(text: str) -> None:
    assert id_fault(text) == ""


@given(st.uuids().map(str) | st.integers(min_value=0).map(str))
def test_ids_of_machines_are_sound(text: str) -> None:
    assert id_fault(text) == ""


@given(st.text(min_size=1))
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(id_fault(text), str)
