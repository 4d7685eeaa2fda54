"""Who an address dealt with, as an exchange asks before it lets a deposit in or a withdrawal out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from manumit.console import forms
from manumit.console.access import record_accesses
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk, analyst
from manumit.schemas.screening import Screening


class ScreenRequest(forms.Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address or many: an address, or a CAIP-10 id where the chain matters."""

    addresses: Annotated[tuple[forms.Subject, ...], msgspec.Meta(min_length=1, max_length=500)]


class ScreenAnswers(forms.Form, frozen=True, kw_only=True):
    """In the order asked; an address that is known on several chains has one for each."""

    answers: tuple[Screening, ...]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["screening"])

    @router.post("/screen", responses=said(ScreenAnswers), openapi_extra=takes(ScreenRequest))
    def screen(
        request: Request,
        wish: Annotated[ScreenRequest, Depends(body(ScreenRequest))],
        purpose: str = "investigation",
    ) -> Response:
        """Score, exposure both ways, paths, labels and what the answer rests on. Writes access records first."""
        asked = tuple(dict.fromkeys(wish.addresses))
        subjects = [f"screen:{address}" for address in asked]
        record_accesses(desk, author=analyst(request), subjects=subjects, purpose=purpose)
        return answer(ScreenAnswers(answers=tuple(one for address in asked for one in desk.screen(address))))

    return router
