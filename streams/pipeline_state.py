"""What past events left behind in a pipeline."""

from __future__ import annotations

import msgspec

from manumit.schemas.label import Label
from manumit.schemas.transfer import Transfer
from manumit.streams.homes import Home
from manumit.streams.watching import LookBack


class PipelineState(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline at one cut of the stream, for a checkpoint.

    `held`, `again`, `fresh`: a reorg turned the clock back and the blocks that come instead are not all here yet.
    """

    engine: bytes
    segments: bytes
    episodes: bytes
    labels: list[Label]
    provisional: dict[str, int]
    muted: dict[str, int]
    until_us: int
    held: list[tuple[Transfer, int]]
    looks: list[LookBack]
    again: list[LookBack]
    fresh: list[str]
    adverts: bytes
    homes: list[tuple[str, str, Home]] = []
    customers: bytes = b""
