"""What past events left behind in a pipeline."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from manumit.detectors.windows.plan import Plan
from manumit.schemas.label import Label
from manumit.schemas.transfer import Transfer
from manumit.streams.judging import Judges
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
    held: list[Transfer]
    looks: list[LookBack]
    again: list[LookBack]
    fresh: list[str]


def digest_of(plan: Plan, judges: Judges, label_mode: str, model_name: str) -> str:
    """Of all that decides what the same events mean: a checkpoint is good for this only."""
    rules = [
        (one.about.id, one.about.version, sorted(judges.values[one.about.id].of.items())) for one in judges.detectors
    ]
    return sha256(f"{plan.digest} {rules!r} {label_mode} {model_name}".encode()).hexdigest()
