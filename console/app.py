"""The console as one ASGI app: pages, /v1 and the stream, behind the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import getmembers, isclass
from threading import Event
from typing import Any

import msgspec
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import Response

from manumit import __version__
from manumit.connectors.contract import Store
from manumit.connectors.inbox import Inbox
from manumit.console import (
    bookings,
    child_wording,
    customers,
    dead_letters,
    forms,
    health,
    live,
    pages,
    protection,
    screening,
    search,
    suppressions,
    travel_rule,
    triage,
)
from manumit.console.answers import problem, refuse_unknown
from manumit.console.desk import Desk, Snapshot
from manumit.console.gate import Gate
from manumit.detectors.catalogue import detectors
from manumit.schemas.errors import ConfigError, EdgeDown, ManumitError
from manumit.schemas.screening import Screening
from manumit.streams.address_screening import screen
from manumit.streams.ahead import Ahead
from manumit.streams.bookkeeping import REFRESH_US, Keeper
from manumit.streams.customer_keeper import CustomerKeeper
from manumit.streams.customer_trial import Trial
from manumit.streams.rule_pack import Configured
from manumit.streams.veil import Veiled

MIN_TOKEN = 16


def make_app(
    store: Store,
    token: str,
    *,
    clock: Callable[[], int],
    snapshot: Callable[[], Snapshot] = Snapshot,
    screener: Callable[[str], Sequence[Screening]] | None = None,
    configured: Configured | None = None,
    protection_token: str = "",
    hosts: frozenset[str] = frozenset(),
    hotlines: tuple[str, ...] = (),
    inbox: Inbox | None = None,
    customers_s: float = 2.0,
    poll_s: float = 0.5,
    heartbeat_s: float = 10.0,
) -> FastAPI:
    """The app over a migrated store. `clock` gives UTC microseconds, `snapshot` the runner's own words.

    `screener` answers for an address; left out, a book over the store that reads labels as of the event does.
    `configured` are the rules a customer is tried by, all of them when left out. Who comes with `protection_token` may
    see what concerns minors; without one nobody may. What is known of customers is renewed every `customers_s`
    beside the answers and never older than five times that, a ranking thirty times that.
    `hosts` are names beside the loopback ones it answers to, `hotlines` those to report wording of children to;
    `inbox` takes pushed bookings.
    `app.state.closing` ends all streams.
    Raises ConfigError for a token of fewer than 16 characters.
    """
    if len(token) < MIN_TOKEN or 0 < len(protection_token) < MIN_TOKEN:
        raise ConfigError(f"the console's tokens need at least {MIN_TOKEN} characters")
    if token == protection_token:
        raise ConfigError("the protection token must be another than the console's")
    refresh_us = round(customers_s * 1_000_000)
    known = Ahead(CustomerKeeper(store, clock=clock, refresh_us=refresh_us).book, clock=clock, refresh_us=refresh_us)
    chain = Ahead(Keeper(store, clock=clock).book, clock=clock, refresh_us=REFRESH_US)
    desk = Desk(
        store=Veiled(store),
        clock=clock,
        snapshot=snapshot,
        screen=screener or (lambda asked: screen(chain.get(), asked)),
        hotlines=hotlines,
        customers=known.get,
        trial=Trial(configured or Configured(detectors=detectors(), overrides={})),
        ranking_us=30 * refresh_us,
        poll_s=poll_s,
        heartbeat_s=heartbeat_s,
    )
    app = FastAPI(title="manumit", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.closing = Event()
    app.state.settle = (known.settle, chain.settle)
    looking = (triage, protection, suppressions, search, dead_letters, health, child_wording)
    for group in (*looking, screening, customers, travel_rule):
        app.include_router(group.routes(desk), dependencies=[Depends(refuse_unknown)])
    app.include_router(bookings.routes(inbox), dependencies=[Depends(refuse_unknown)])
    app.include_router(live.routes(desk, app.state.closing), dependencies=[Depends(refuse_unknown)])
    app.include_router(pages.routes(pages.packaged()))
    _document(app)
    _explain_errors(app)
    app.add_middleware(Gate, token=token, protection_token=protection_token, hosts=hosts)
    return app


def _document(app: FastAPI) -> None:
    document = openapi(app)

    @app.get("/v1/openapi.json", include_in_schema=False)
    def read_document() -> Response:
        return Response(msgspec.json.encode(document), media_type="application/json")


def openapi(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of /v1: paths from the routes, shapes from `console.forms`."""
    document = get_openapi(
        title="manumit console",
        version=app.version,
        description="Alerts with their evidence, what people decide about them, and what was muted.",
        routes=app.routes,
    )
    named = [
        one
        for room in (forms, bookings, screening, customers, child_wording, travel_rule)
        for one in getmembers(room, isclass)
    ]
    shapes = [shape for _, shape in named if issubclass(shape, forms.Form | forms.Request)]
    _, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["components"] = {"schemas": components, "securitySchemes": schemes}
    document["security"] = [{"bearer": []}]
    return document


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, "Refused", str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def unreadable(_request: Request, error: RequestValidationError) -> Response:
        words = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return problem(422, "Refused", words)

    @app.exception_handler(EdgeDown)
    async def away(_request: Request, error: EdgeDown) -> Response:
        return problem(503, "The store is away", str(error))

    @app.exception_handler(ManumitError)
    async def broken(_request: Request, error: ManumitError) -> Response:
        return problem(500, "The store cannot be read", str(error))
