"""What stands for no data, and what only looks so."""

from __future__ import annotations

import pytest

from manumit.schemas.placeholders import filled, is_placeholder


@pytest.mark.parametrize(
    "text",
    ["N/A", "n.a.", "none", "NULL", " Unknown ", "-", "--", "?", "xxx", "XX", "test", "0000", "0", "111-111-1111",
     "123456789", "test@test.com", "none@example.org", "+0000000000", "document:n/a",
     "not available", "unbekannt", "Unknown Unknown", "TEST user", "Test Test", "dummy customer name",
     "\uff2e\uff0f\uff21"],
)  # fmt: skip
def test_what_stands_for_no_data(text: str) -> None:
    assert is_placeholder(text)
    assert filled(text) == ""


@pytest.mark.parametrize(
    "text",
    ["", "Jennifer Null", "Test Street 1", "person@test.com", "test@gmail.invalid", "tel:+12025550123", "x", "7",
     "Li", "12", "1000", "0" * 33, f"document:{0:012x}", "name:a", "none of these", "\x07", "eipath:none1",
     "Na Na", "Nan Na", "Jennifer Unknown", "Client Person", "unknown street"],
)  # fmt: skip
def test_what_only_looks_so(text: str) -> None:
    assert not is_placeholder(text)
    assert filled(text) == text
