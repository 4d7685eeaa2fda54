"""Tests of a filter that read one transfer alone, for the compiled loop."""

from __future__ import annotations

from typing import Any

from manumit.detectors.windows.interner import inlined

DAY_US = 86_400_000_000


@inlined
def at_hours(at_us: int, shift_us: int, length_us: int) -> Any:
    """In the part of a day that begins `shift_us` before midnight UTC and is `length_us` long."""
    return (at_us + shift_us) % DAY_US < length_us


@inlined
def is_multiple(usd: int, step: int, slack: int) -> Any:
    """At most `slack` from `step`, twice it, and so on."""
    over = usd % step
    return usd >= step - slack and min(over, step - over) <= slack
