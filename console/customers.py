"""Customers over HTTP: one checked, whether known or not yet, and the worst gaps ranked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from manumit.console import forms
from manumit.console.access import is_restricted_reader, record_access
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk, analyst
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import CustomerCheck, Ranking
from manumit.streams.customer_check import check
from manumit.streams.ranking import MOST, rank

MOST_EVENTS = 500
Exchange = Annotated[str, Query(max_length=256, description="needed where two exchanges have such an id")]


class CheckRequest(forms.Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Empty: the customer as known. With a snapshot, and events where there are any: judged and kept nowhere."""

    customer: Customer | None = None
    account_events: Annotated[tuple[AccountEvent, ...], msgspec.Meta(max_length=MOST_EVENTS)] = ()


class CheckAnswer(forms.Form, frozen=True, kw_only=True):
    check: CustomerCheck


class RankingAnswer(forms.Form, frozen=True, kw_only=True):
    ranking: Ranking


class Rankings:
    """The ranking of all customers takes seconds: it is made once a minute at most, for whoever asks meanwhile."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._made: dict[int, tuple[int, Ranking]] = {}

    def first(self, limit: int) -> Ranking:
        """Raises EdgeDown."""
        desk = self._desk
        with self._lock:
            known = self._made.get(limit)
            if known is None or desk.clock() - known[0] >= desk.ranking_us:
                found = rank(desk.customers(), screen=desk.screen, at_us=desk.clock(), limit=limit)
                known = self._made[limit] = desk.clock(), found
            return known[1]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/customers", tags=["customers"])
    rankings = Rankings(desk)

    @router.get("/ranking", responses=said(RankingAnswer))
    def ranking(
        request: Request, limit: Annotated[int, Query(ge=1, le=MOST)] = 50, purpose: str = "investigation"
    ) -> Response:
        """The worst gaps first, each score taken apart, as of a minute ago at most. Writes an access record first."""
        record_access(desk, author=analyst(request), subject="ranking:customers", purpose=purpose)
        return answer(RankingAnswer(ranking=rankings.first(limit)))

    @router.post("/{customer_id}/check", responses=said(CheckAnswer), openapi_extra=takes(CheckRequest))
    def check_one(
        request: Request,
        customer_id: str,
        wish: Annotated[CheckRequest, Depends(body(CheckRequest))],
        exchange: Exchange = "",
        purpose: str = "investigation",
    ) -> Response:
        """Gaps with citations, standing alerts, wallets' exposure, what is missing. Writes an access record first."""
        may_see = is_restricted_reader(request)
        if wish.customer is not None:
            _same(customer_id, wish)
            record_access(desk, author=analyst(request), subject=f"trial:{customer_id}"[:512], purpose=purpose)
            given = desk.trial.check(
                desk.customers(),
                wish.customer,
                wish.account_events,
                screen=desk.screen,
                at_us=desk.clock(),
                restricted=may_see,
            )
            return answer(CheckAnswer(check=given))
        if wish.account_events:
            raise HTTPException(422, "account_events are judged only beside a customer snapshot: send `customer` too")
        book = desk.customers()
        with book.lock:
            subjects = book.find(customer_id, exchange)
        if not subjects:
            raise HTTPException(404, "no customer has this id; load a snapshot, or send one as `customer`")
        if len(subjects) > 1:
            raise HTTPException(409, "several exchanges have such a customer: name one with ?exchange=")
        record_access(desk, author=analyst(request), subject=subjects[0], purpose=purpose)
        found = check(book, subjects[0], screen=desk.screen, at_us=desk.clock(), restricted=may_see)
        return answer(CheckAnswer(check=found))

    return router


def _same(customer_id: str, wish: CheckRequest) -> None:
    """Raises 422 where the body speaks of somebody else."""
    strange = sorted({customer_id, *_named(wish)} - {customer_id})
    if strange:
        raise HTTPException(422, f"the path names {customer_id!r}, the body {strange[0]!r}")
    if wish.customer and any(event.exchange != wish.customer.exchange for event in wish.account_events):
        raise HTTPException(422, "all account_events must be of the customer's exchange")


def _named(wish: CheckRequest) -> Iterator[str]:
    if wish.customer:
        yield wish.customer.customer_id
    yield from (event.customer_id for event in wish.account_events)
