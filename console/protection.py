"""The restricted view: findings about minors and people under pressure, for those with the protection token alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from manumit.console import alerts, forms
from manumit.console.access import record_access, restricted_only
from manumit.console.alerts import Filter
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk, analyst
from manumit.console.detail import decision, detail, find
from manumit.console.triage import action_of, asked, cursor_of
from manumit.schemas.alert import Alert


def restricted_alert(desk: Desk, alert_id: str) -> Alert:
    """Raises 404."""
    alert = find(desk.store, alert_id, restricted=True)
    if alert is None:
        raise HTTPException(404, "the restricted view holds no alert of this id")
    return alert


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/protection", tags=["protection"], dependencies=[Depends(restricted_only)])

    @router.get("/alerts", responses=said(forms.AlertPage))
    def list_restricted(
        request: Request,
        wanted: Annotated[Filter, Depends(asked)],
        before: str = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        purpose: str = "triage",
    ) -> Response:
        """Newest first, for restricted eyes. Writes an access record first."""
        record_access(desk, author=analyst(request), subject="protection:alerts", purpose=purpose)
        cursor = cursor_of(before) if before else None
        return answer(alerts.page(desk.store, replace(wanted, restricted=True), before=cursor, limit=limit))

    @router.get("/alerts/{alert_id}", responses=said(forms.AlertDetail))
    def read_restricted(request: Request, alert_id: str, purpose: str = "triage") -> Response:
        """One of them with its evidence. Writes an access record first."""
        alert = restricted_alert(desk, alert_id)
        record_access(desk, author=analyst(request), subject=f"protection:alert:{alert_id}", purpose=purpose)
        return answer(detail(desk.store, alert))

    @router.post(
        "/alerts/{alert_id}/triage",
        status_code=201,
        responses=said(forms.Decision, status=201),
        openapi_extra=takes(forms.TriageRequest),
    )
    def decide_restricted(
        request: Request,
        alert_id: str,
        wish: Annotated[forms.TriageRequest, Depends(body(forms.TriageRequest))],
    ) -> Response:
        """Adds one line to the alert's log; nothing is overwritten."""
        restricted_alert(desk, alert_id)
        action = action_of(wish, alert_id=alert_id, author=analyst(request), at_us=desk.clock())
        desk.store.write("triage_actions", [action])
        return answer(decision(action), status=201)

    return router
