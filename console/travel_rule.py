"""Travel-rule messages judged over HTTP. Nothing is stored, not even that somebody asked: nobody is looked up."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response

from manumit.console import forms
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk
from manumit.detectors.travel_rule.answer import answered
from manumit.schemas.travel_rule import MessageTransfer, TravelRuleCheck

MOST = 200
MOST_BYTES = 1_048_576  # ours: 200 messages of the size of the publishers' examples


class TravelRuleMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An IVMS101 message, 2020 or 2023; null: none came. Without `transfer` it is judged by the standard alone."""

    message: msgspec.Raw
    transfer: MessageTransfer | None = None


class TravelRuleRequest(forms.Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either one `message`, with its `transfer` where it is known, or `messages`."""

    message: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    transfer: MessageTransfer | None = None
    messages: Annotated[tuple[TravelRuleMessage, ...], msgspec.Meta(max_length=MOST)] = ()


class TravelRuleAnswers(forms.Form, frozen=True, kw_only=True):
    """In the order asked. An unusable message is answered as such beside the others."""

    answers: tuple[TravelRuleCheck, ...]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["travel rule"])

    @router.post("/travel-rule", responses=said(TravelRuleAnswers), openapi_extra=takes(TravelRuleRequest))
    def travel_rule(
        wish: Annotated[TravelRuleRequest, Depends(body(TravelRuleRequest, most=MOST_BYTES))],
    ) -> Response:
        """Each gap with field, remedy and the text that asks for it. Nothing is stored or looked up."""
        now_us = desk.clock()
        asked = _asked(wish)
        return answer(
            TravelRuleAnswers(answers=tuple(answered(bytes(one.message), one.transfer, now_us) for one in asked))
        )

    return router


def _asked(wish: TravelRuleRequest) -> tuple[TravelRuleMessage, ...]:
    """Raises 422 unless there is one message or several."""
    single = bool(bytes(wish.message))
    if single == bool(wish.messages) or (wish.messages and wish.transfer):
        raise HTTPException(422, "give `message` (with its `transfer`), or `messages`, each with its own")
    return wish.messages or (TravelRuleMessage(message=wish.message, transfer=wish.transfer),)
