"""What an engine's error code means to the caller."""

from __future__ import annotations

import pytest

from manumit.connectors.store.faults import code_of, fault
from manumit.schemas.errors import Broken, ConfigError, EdgeDown

DISK_FULL = "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)"


@pytest.mark.parametrize(
    ("code", "error", "remedy"),
    [
        (60, ConfigError, "migrate the store"),
        (81, ConfigError, "check store_url"),
        (193, ConfigError, "check user and password"),
        (516, ConfigError, "check user and password"),
        (497, ConfigError, "grant the store's user"),
        (243, EdgeDown, "free some space"),
        (241, EdgeDown, "cannot do it now"),
        (252, EdgeDown, "cannot do it now"),
        (62, Broken, "code 62"),
        (0, Broken, "code 0"),
    ],
)
def test_each_says_what_to_do(code: int, error: type[Exception], remedy: str) -> None:
    raised = fault(code, "said so", where="the store at x")
    assert type(raised) is error
    assert str(raised).startswith("the store at x")
    assert remedy in str(raised)
    assert "said so" in str(raised)


def test_the_code_is_read_from_the_message() -> None:
    assert code_of(f"Streaming insert finish failed: {DISK_FULL}") == 243
    assert code_of("no number at all") == 0


def test_a_message_is_one_line_of_bounded_length() -> None:
    said = str(fault(62, "line one\nline two\n" + "x" * 5000 + " Stack trace: 0x1", where="w"))
    assert "\n" not in said
    assert "Stack trace" not in said
    assert len(said) < 700
