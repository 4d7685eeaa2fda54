"""Who an address dealt with, as an exchange asks before it lets a deposit in or a withdrawal out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from manumit.console import forms
from manumit.console.access import record_accesses
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk, analyst


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["screening"])

    @router.post("/screen", responses=said(forms.ScreenAnswers), openapi_extra=takes(forms.ScreenRequest))
    def screen(
        request: Request,
        wish: Annotated[forms.ScreenRequest, Depends(body(forms.ScreenRequest))],
        purpose: str = "investigation",
    ) -> Response:
        """Score, exposure both ways, paths, labels and what the answer rests on. Writes access records first."""
        asked = tuple(dict.fromkeys(wish.addresses))
        subjects = [f"screen:{address}" for address in asked]
        record_accesses(desk, author=analyst(request), subjects=subjects, purpose=purpose)
        return answer(forms.ScreenAnswers(answers=tuple(one for address in asked for one in desk.screen(address))))

    return router
