"""How far publishers of history say they are, lane by lane. A lane is a partition of an archive topic. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from manumit.schemas.envelope import END_US
from manumit.streams.lanes import BEGINNING_US

TRANSFERS = "transfer.v1"


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing older than `until_us` follows in this lane of `schema`. `run` is the publisher's run.

    `live`: its history has ended, and what comes now comes as it happens.
    """

    schema: str
    until_us: int
    run: int
    live: bool = False


@dataclass(slots=True)
class Clocks:
    """`lanes` is, by schema, how many lanes the newest run speaks of: until each has spoken, nothing is known."""

    by_lane: dict[str, Clock] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)
    run: int = 0

    def hear(self, lane: str, clock: Clock, lanes: Mapping[str, int]) -> None:
        """Of an older run nothing is believed any more."""
        if clock.run < self.run:
            return
        self.run, self.lanes = clock.run, dict(lanes)
        self.by_lane[lane] = clock

    def goes_on(self, lane: str) -> None:
        """Records came in a lane without a clock of their own."""
        known = self.by_lane.get(lane)
        if known is not None and known.until_us == END_US and not known.live:
            self.by_lane[lane] = msgspec.structs.replace(known, live=True)

    def bound_us(self, schemas: Collection[str], own: Collection[str]) -> int | None:
        """Up to when records of the schemas are all there; None where nobody says, for they come as they happen.

        `own` are the lanes that the asker reads its first kind from; of transfers no others count.
        """
        if not self.by_lane or any(self._is_live(lane) for lane in own):
            return None
        heard = {lane: clock for lane, clock in self.by_lane.items() if clock.schema in schemas}
        bounds = []
        for schema in schemas:
            mine = {lane: clock for lane, clock in heard.items() if clock.schema == schema}
            if schema == TRANSFERS:
                mine = {lane: clock for lane, clock in mine.items() if lane in own}
            elif len(mine) < self.lanes.get(schema, 0):
                return BEGINNING_US
            bounds += [clock.until_us if clock.run == self.run else BEGINNING_US + 1 for clock in mine.values()]
        return min(bounds) - 1 if bounds else None

    def _is_live(self, lane: str) -> bool:
        known = self.by_lane.get(lane)
        return known is None or known.live
