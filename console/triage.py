"""Alerts over HTTP: the list, one alert with its evidence, and what a person decides about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from manumit.console import alerts, forms
from manumit.console.access import record_access, record_id
from manumit.console.alerts import Filter
from manumit.console.answers import answer, body, said, takes
from manumit.console.cursor import Cursor
from manumit.console.desk import Desk, analyst
from manumit.console.detail import decision, detail, find
from manumit.console.facets import facets
from manumit.schemas.alert import Alert
from manumit.schemas.triage import TriageAction

Words = Annotated[list[str], Query(max_length=50)]
Muted = Annotated[bool, Query(description="also alerts of which every signal is muted")]
NEEDS_REASON = frozenset({"dismissed"})


def asked(
    detector: Words = [],  # noqa: B006 - FastAPI reads the default, nobody changes it
    severity: Words = [],  # noqa: B006
    state: Words = [],  # noqa: B006
    typology: Words = [],  # noqa: B006
    human: Words = [],  # noqa: B006
    text: Annotated[str, Query(max_length=512)] = "",
    muted: Muted = False,
) -> Filter:
    """The filter in a query string; each name of a column may be given several times."""
    return Filter(
        detector=tuple(detector),
        severity=tuple(severity),
        state=tuple(state),
        typology=tuple(typology),
        human=tuple(human),
        text=text.strip(),
        muted=muted,
    )


def cursor_of(text: str) -> Cursor:
    """Raises 422 for a text that is not a cursor."""
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def known_alert(desk: Desk, alert_id: str) -> Alert:
    """Raises 404."""
    alert = find(desk.store, alert_id)
    if alert is None:
        raise HTTPException(404, "no alert has this id")
    return alert


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["alerts"])

    @router.get("/alerts", responses=said(forms.AlertPage))
    def list_alerts(
        wanted: Annotated[Filter, Depends(asked)],
        before: str = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """Newest last event first. `before` is the `next` of the page before."""
        cursor = cursor_of(before) if before else None
        return answer(alerts.page(desk.store, wanted, before=cursor, limit=limit))

    @router.get("/facets", responses=said(forms.Facets))
    def list_facets(muted: Muted = False) -> Response:
        """The values each filter can take, with counts."""
        return answer(facets(desk.store, muted=muted))

    @router.get("/alerts/{alert_id}", responses=said(forms.AlertDetail))
    def read_alert(request: Request, alert_id: str, purpose: str = "triage") -> Response:
        """One alert with its evidence. Writes an access record first."""
        alert = known_alert(desk, alert_id)
        record_access(desk, author=analyst(request), subject=f"alert:{alert_id}", purpose=purpose)
        return answer(detail(desk.store, alert))

    @router.post(
        "/alerts/{alert_id}/triage",
        status_code=201,
        responses=said(forms.Decision, status=201),
        openapi_extra=takes(forms.TriageRequest),
    )
    def decide(
        request: Request,
        alert_id: str,
        wish: Annotated[forms.TriageRequest, Depends(body(forms.TriageRequest))],
    ) -> Response:
        """Adds one line to the alert's log; nothing is overwritten."""
        known_alert(desk, alert_id)
        action = action_of(wish, alert_id=alert_id, author=analyst(request), at_us=desk.clock())
        desk.store.write("triage_actions", [action])
        return answer(decision(action), status=201)

    return router


def action_of(wish: forms.TriageRequest, *, alert_id: str, author: str, at_us: int) -> TriageAction:
    """Raises 422 when the state needs a reason and there is none."""
    reason = wish.reason.strip()
    if wish.state in NEEDS_REASON and not reason:
        raise HTTPException(422, f"{wish.state} needs a reason")
    return TriageAction(
        action_id=record_id("triage", alert_id, author, wish.state, reason, str(at_us)),
        alert_id=alert_id,
        at_us=at_us,
        author=author,
        state=wish.state,
        reason=reason,
    )
