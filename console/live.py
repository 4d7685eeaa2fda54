"""Alerts as they arrive, as server-sent events.

A row can become visible a little after rows with a later time, so every look reads again from
OVERLAP_US before the newest row seen; rows already told, known by (alert_id, revision), are left out.
A reader who begins where a list was read has been told all rows of that overlap, unless there are more now
than then: which of them became visible in between is not known, so all are told.
The event id is the position: a browser that lost the line sends it back as Last-Event-ID and misses
nothing. A reader who is further behind than MAX_TOLD is told to `reload` the list instead, so a burst
costs neither side more than one page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Event
from typing import Annotated, Self

import anyio
import msgspec
from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from manumit.connectors.contract import Store
from manumit.console import alerts, forms
from manumit.console.alerts import FULLY_MUTED, MAX_ROWS, Filter
from manumit.console.answers import REFUSAL, problem
from manumit.console.cursor import OVERLAP_US, Position
from manumit.console.desk import Desk
from manumit.console.health import state
from manumit.console.triage import asked
from manumit.schemas.errors import EdgeDown
from manumit.streams.veil import GENERAL

MAX_TOLD = 200  # alerts told in one look
MAX_STREAMS = 16

ARRIVED = f"""SELECT alert_id, concat(alert_id, ':', toString(revision)) AS row_key,
  toUnixTimestamp64Micro(stored_us) AS us, {FULLY_MUTED} AS is_muted
FROM alerts WHERE {GENERAL} AND stored_us >= fromUnixTimestamp64Micro({{us:Int64}}, 'UTC')
ORDER BY stored_us DESC, alert_id DESC LIMIT {{limit:UInt32}}"""  # noqa: S608 - constants
DECIDED = """SELECT alert_id, action_id AS row_key, toUnixTimestamp64Micro(at_us) AS us, 0 AS is_muted
FROM triage_actions WHERE at_us >= fromUnixTimestamp64Micro({us:Int64}, 'UTC')
ORDER BY at_us DESC, action_id DESC LIMIT {limit:UInt32}"""


@dataclass(slots=True)
class Tail:
    """The growing end of one table. `told` counts the rows inside the overlap that the reader knows;
    `seen` maps them to their time, once the table has been looked at.
    """

    sql: str
    newest_us: int
    told: int
    seen: dict[str, int] | None = None

    def fresh(self, store: Store) -> dict[str, bool]:
        """Alert ids of rows not seen before, and whether the newest such row is fully muted."""
        rows = store.query(self.sql, {"us": max(0, self.newest_us - OVERLAP_US), "limit": MAX_ROWS})
        held = {row["row_key"]: int(row["us"]) for row in rows}
        seen = self._told_among(held) if self.seen is None else self.seen
        ids = {row["alert_id"]: bool(row["is_muted"]) for row in reversed(rows) if row["row_key"] not in seen}
        self.newest_us = max([self.newest_us, *held.values()])
        self.seen = {key: us for key, us in (seen | held).items() if us >= self.newest_us - OVERLAP_US}
        self.told = len(self.seen)
        return ids

    def _told_among(self, held: dict[str, int]) -> dict[str, int]:
        upto = {key: us for key, us in held.items() if us <= self.newest_us}
        return upto if len(upto) == self.told else {}


@dataclass(slots=True)
class Follower:
    """One reader's place in both tables: alerts that arrive, and what people decide about them."""

    arrived: Tail
    decided: Tail

    @classmethod
    def at(cls, position: Position) -> Self:
        return cls(
            Tail(ARRIVED, position.stored_us, position.stored_rows),
            Tail(DECIDED, position.decided_us, position.decided_rows),
        )

    @property
    def position(self) -> Position:
        return Position(self.arrived.newest_us, self.decided.newest_us, self.arrived.told, self.decided.told)

    def look(self, store: Store, wanted: Filter) -> tuple[str, forms.Form] | None:
        """What to tell now: (`alerts`, News), (`reload`, Behind) or nothing. Blocks. Raises EdgeDown."""
        arrived, decided = self.arrived.fresh(store), self.decided.fresh(store)
        ids = decided | arrived
        if not ids:
            return None
        if len(ids) > MAX_TOLD:
            return "reload", forms.Behind(unread=sum(wanted.muted or not is_muted for is_muted in ids.values()))
        found = alerts.by_ids(store, list(ids), wanted)
        shown = {alert.alert_id for alert in found}
        gone = tuple(alert_id for alert_id in ids if alert_id not in shown)
        return "alerts", forms.News(alerts=alerts.summaries(store, found), gone=gone)


def routes(desk: Desk, closing: Event) -> APIRouter:
    """`closing` ends every stream, so that the server can stop."""
    router = APIRouter(prefix="/v1", tags=["live"])
    seats = anyio.CapacityLimiter(MAX_STREAMS)

    @router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}, "default": REFUSAL})
    async def stream(request: Request, wanted: Annotated[Filter, Depends(asked)], after: str = "") -> Response:
        """Server-sent events: `alerts` (News), `reload` (Behind), `beat` (Health), `trouble` (Problem).

        `after` is the `live` of a list; the header Last-Event-ID wins over it. The alert list's filters apply.
        """
        if not seats.available_tokens:
            return problem(503, "Too many streams", f"At most {MAX_STREAMS} pages can watch at once; close one.")
        position = _position(request.headers.get("last-event-id") or after)
        if position is None:
            position = await to_thread.run_sync(alerts.newest, desk.store)
        return StreamingResponse(
            _events(desk, Follower.at(position), wanted, closing, seats), media_type="text/event-stream"
        )

    return router


def _position(text: str) -> Position | None:
    """Raises 422 for a text that is not a position."""
    try:
        return Position.parse(text) if text else None
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


async def _events(
    desk: Desk, follower: Follower, wanted: Filter, closing: Event, seats: anyio.CapacityLimiter
) -> AsyncIterator[bytes]:
    me = object()
    seats.acquire_on_behalf_of_nowait(me)
    try:
        yield b"retry: 2000\n\n" + _beat(desk, follower)
        last_beat = anyio.current_time()
        while not closing.is_set():
            told = await _look(desk, follower, wanted)
            if told is None and anyio.current_time() - last_beat >= desk.heartbeat_s:
                told = _beat(desk, follower)
            if told is not None:
                last_beat = anyio.current_time()
                yield told
            await anyio.sleep(desk.poll_s)
    finally:
        seats.release_on_behalf_of(me)


async def _look(desk: Desk, follower: Follower, wanted: Filter) -> bytes | None:
    try:
        told = await to_thread.run_sync(follower.look, desk.store, wanted)
    except EdgeDown as error:
        trouble = forms.Problem(title="The store is away", status=503, detail=str(error))
        return event("trouble", follower.position, trouble)
    return event(told[0], follower.position, told[1]) if told else None


def _beat(desk: Desk, follower: Follower) -> bytes:
    return event("beat", follower.position, state(desk, "ok"))


def event(name: str, position: Position, form: forms.Form) -> bytes:
    """One server-sent event; JSON has no line breaks, so the data is one line."""
    return f"id: {position}\nevent: {name}\ndata: ".encode() + msgspec.json.encode(form) + b"\n\n"
