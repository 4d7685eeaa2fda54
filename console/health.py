"""Whether the console lives, whether the store answers, and who is at the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from manumit.console import forms
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import ANALYST_COOKIE, Desk, analyst, cookie_value, plain_name

YEAR_S = 365 * 86_400


def state(desk: Desk, well: str) -> forms.Health:
    """`well` is the status while every source answers."""
    now = desk.snapshot()
    away = tuple(
        forms.AwaySource(source=name, since_us=outage.since_us, why=outage.why)
        for name, outage in sorted(now.away.items())
    )
    return forms.Health(status="degraded" if away else well, progress=dict(now.progress), away=away)


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["health"])

    @router.get("/health", responses=said(forms.Health))
    def health() -> Response:
        """The process answers: `degraded` names the sources that are away. Says nothing about the store."""
        return answer(state(desk, "ok"))

    @router.get("/ready", responses=said(forms.Health))
    def ready() -> Response:
        """The store answers and has its tables; 503 when it does not."""
        desk.store.query("SELECT count() AS alerts FROM alerts WHERE alert_id = ''")
        return answer(state(desk, "ready"))

    @router.get("/analyst", responses=said(forms.Analyst))
    def who(request: Request) -> Response:
        """The name written beside what you do."""
        return answer(forms.Analyst(name=analyst(request)))

    @router.post("/analyst", responses=said(forms.Analyst), openapi_extra=takes(forms.AnalystRequest))
    def sit_down(wish: Annotated[forms.AnalystRequest, Depends(body(forms.AnalystRequest))]) -> Response:
        """Remembers the name in a cookie. It is a signature, not a proof: everyone with the token can use any name."""
        name = plain_name(wish.name)
        if not name:
            raise HTTPException(422, "a name needs at least one visible letter")
        response = answer(forms.Analyst(name=name))
        response.set_cookie(
            ANALYST_COOKIE, cookie_value(name), max_age=YEAR_S, httponly=True, samesite="strict", path="/"
        )
        return response

    return router
