"""The counter of listings kept from analysis for the protection of children, and where to report."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from manumit.console.answers import answer, said
from manumit.console.desk import Desk
from manumit.console.forms import Form

HELD = "SELECT uniqExact(reference) AS held FROM child_referrals"


class ChildWording(Form, frozen=True, kw_only=True):
    """How many listings were kept back, and the configured hotlines."""

    held: int
    hotlines: tuple[str, ...] = ()


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["child protection"])

    @router.get("/child-wording", responses=said(ChildWording))
    def child_wording() -> Response:
        """A counter and the hotlines: nothing else of such listings is kept."""
        held = int(desk.store.query(HELD)[0]["held"])
        return answer(ChildWording(held=held, hotlines=desk.hotlines))

    return router
