"""Bookings of short lets, pushed by a platform: each record checked by itself, kept before the answer is given."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response

from manumit.connectors.files.own import line_event, own_kind
from manumit.connectors.inbox import PUSHED, Inbox, Pushed
from manumit.connectors.rates import Rates
from manumit.console import forms
from manumit.console.answers import answer, body, said, takes
from manumit.detectors.text.reading import quiet_note
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.dead_letter import dead_letter
from manumit.schemas.errors import BadRecord
from manumit.schemas.records import name_of

MOST_BOOKINGS = 5_000
MOST_BODY = 8 << 20
FUTURE_US = 86_400_000_000  # clocks and time zones are wrong by hours, not by days
LODGING = own_kind(AccountEvent)
NO_RATES = Rates()
Record = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/AccountEvent"})]


class BookingsRequest(forms.Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Account events of kind `lodging`; guests, units and payers as keyed tokens. The same again is harmless."""

    bookings: Annotated[tuple[Record, ...], msgspec.Meta(min_length=1, max_length=MOST_BOOKINGS)]


class RefusedBooking(forms.Form, frozen=True, kw_only=True):
    """`index` counts from 0; `reason` is that of its dead letter."""

    index: int
    reason: str
    message: str


class BookingsAnswer(forms.Form, frozen=True, kw_only=True):
    """What was taken is on disk, and read within seconds; what was refused became dead letters, without its words."""

    taken: int
    refused: tuple[RefusedBooking, ...]


def routes(inbox: Inbox | None) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["bookings"])

    @router.post(
        "/bookings", status_code=202, responses=said(BookingsAnswer, status=202), openapi_extra=takes(BookingsRequest)
    )
    def push(wish: Annotated[BookingsRequest, Depends(body(BookingsRequest, most=MOST_BODY))]) -> Response:
        """Takes up to 5,000 bookings, changes and stays. One bad record does not cost the others."""
        if inbox is None:
            raise HTTPException(409, "this console takes no bookings: set `bookings_push` where the events are read")
        now_us = inbox.clock()
        pushed, refused = checked(wish.bookings, now_us)
        inbox.put(pushed)
        return answer(BookingsAnswer(taken=len(pushed.events), refused=refused), 202)

    return router


def checked(records: Sequence[msgspec.Raw], now_us: int) -> tuple[Pushed, tuple[RefusedBooking, ...]]:
    """The usable bookings with their notes masked, a dead letter for each of the others, and why."""
    events, letters, refused = [], [], []
    for index, raw in enumerate(records):
        try:
            events.append(booking(bytes(raw), now_us))
        except BadRecord as error:
            digest = f"sha256:{sha256(raw).hexdigest()}"
            letters.append(
                dead_letter(
                    source=PUSHED,
                    place=f"record {index} of a push",
                    reason=error.reason,
                    message=quiet_message(error),
                    payload=digest,
                    at_us=min((event.at_us for event in events), default=now_us),
                    record=name_of(AccountEvent),
                )
            )
            refused.append(RefusedBooking(index=index, reason=error.reason, message=str(error)[:300]))
    return Pushed(events=tuple(events), letters=tuple(letters)), tuple(refused)


def booking(raw: bytes, now_us: int) -> AccountEvent:
    """Raises BadRecord."""
    event = line_event(LODGING, raw, NO_RATES)
    if not isinstance(event, AccountEvent) or event.kind != "lodging":
        raise BadRecord("malformed", "only account events of kind 'lodging' are taken here")
    if event.at_us > now_us + FUTURE_US:
        raise BadRecord("bad-time", "at_us is in the future; when a stay begins is starts_us")
    return quiet_note(event)


def quiet_message(error: BadRecord) -> str:
    """Without the values that a message may quote."""
    return {"bad-time": "at_us is no time of the past"}.get(error.reason, "a field is missing, unknown or wrong")
