"""What a measured process says: when alerts could be seen, and how far it was."""

from __future__ import annotations

import sys

import msgspec


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """After a write: `events` done so far, `cpu_s` of the process, and of each alert its newest event's time."""

    at_us: int
    events: int
    cpu_s: float
    alerts: list[int]


def say(took: Took) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(took) + b"\n")
    sys.stdout.buffer.flush()
