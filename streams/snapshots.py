"""A partition's state as bytes and back. What cannot be read back whole is rebuilt from the log instead."""

from __future__ import annotations

from typing import Annotated

import msgspec

from manumit.schemas.errors import BadRecord
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of
from manumit.schemas.wire import decode, encode
from manumit.streams.clocks import Clock, Clocks
from manumit.streams.partition import PartitionState, UnitMaker
from manumit.streams.pipeline_state import PipelineState
from manumit.streams.unit import LaneState, Timed, Unit, Waiting

Row = tuple[str, bytes, bool]


class UnitState(msgspec.Struct, frozen=True, kw_only=True):
    """A `Unit`. `rules` is its pipeline's digest, `waiting` schema, JSON and liveness of each row that waits."""

    rules: str
    cut_us: int
    lanes: dict[str, tuple[int, list[str]]]
    waiting: list[Row]
    finals: dict[str, int]
    known: list[str]
    pipeline: PipelineState


class PartitionSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A `PartitionState`. `last` is the checksum of the message before `next_offset`: another log has another."""

    partition: int
    shards: int
    next_offset: int
    last: Annotated[int, msgspec.Meta(ge=0)]
    units: dict[str, UnitState]
    clocks: dict[str, Clock]
    lanes: dict[str, int]
    run: int
    seen: dict[str, tuple[int, ...]]
    labels: list[Label]
    adverts: list[tuple[str, Listing]]


def dumped(state: PartitionState) -> bytes:
    """Raises Broken when an engine keeps no snapshots."""
    return msgspec.msgpack.encode(
        PartitionSnapshot(
            partition=state.partition,
            shards=state.shards,
            next_offset=state.next_offset,
            last=state.last,
            units={name: _unit(unit) for name, unit in state.units.items()},
            clocks=state.clocks.by_lane,
            lanes=state.clocks.lanes,
            run=state.clocks.run,
            seen=state.seen,
            labels=state.labels,
            adverts=state.adverts,
        )
    )


def loaded(body: bytes, make: UnitMaker, partition: int, shards: int) -> PartitionState | None:
    """None when the body is not one of this partition's, or was made by other rules or another number of shards."""
    try:
        found = msgspec.msgpack.decode(body, type=PartitionSnapshot)
        if (found.partition, found.shards) != (partition, shards):
            return None
        units = {name: _restored(make(name, partition, shards), unit) for name, unit in found.units.items()}
    except (msgspec.DecodeError, BadRecord):
        return None
    whole = {name: unit for name, unit in units.items() if unit is not None}
    if len(whole) < len(units):
        return None
    return PartitionState(
        partition=partition,
        shards=shards,
        make=make,
        next_offset=found.next_offset,
        last=found.last,
        units=whole,
        clocks=Clocks(found.clocks, found.lanes, found.run),
        seen=found.seen,
        labels=found.labels,
        adverts=found.adverts,
    )


def _unit(unit: Unit) -> UnitState:
    return UnitState(
        rules=unit.pipeline.digest,
        cut_us=unit.cut_us,
        lanes={lane: (state.high_us, sorted(state.newest)) for lane, state in unit.lanes.items()},
        waiting=[(name_of(type(one.row)), encode(one.row), one.live) for one in unit.waiting],
        finals=unit.finals,
        known=list(unit.known),
        pipeline=unit.pipeline.dump(),
    )


def _restored(unit: Unit, found: UnitState) -> Unit | None:
    if unit.pipeline.digest != found.rules:
        return None
    unit.pipeline.load(found.pipeline, ())
    unit.cut_us = found.cut_us
    unit.lanes = {lane: LaneState(high_us, set(newest)) for lane, (high_us, newest) in found.lanes.items()}
    for schema, raw, live in found.waiting:
        row = decode(schema, raw)
        if isinstance(row, Timed):
            unit.waiting.append(Waiting(row=row, live=live))
    unit.finals, unit.known = dict(found.finals), dict.fromkeys(found.known)
    return unit
