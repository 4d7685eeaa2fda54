"""Records that could not be used, with the reason. Their payload is shown one at a time, and logged."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.console.access import record_access
from manumit.console.answers import answer, said
from manumit.console.cursor import Cursor
from manumit.console.desk import Desk, analyst
from manumit.console.triage import cursor_of
from manumit.schemas.dead_letter import NO_TIME_US, REASONS, DeadLetter
from manumit.schemas.stored import from_stored

ROW = ", ".join(DeadLetter.__struct_fields__)
COUNTS = """SELECT reason, uniqExact(source, letter_id) AS records FROM dead_letters
GROUP BY reason ORDER BY records DESC, reason"""
OLDER = "(at_us, letter_id) < (fromUnixTimestamp64Micro({before_us:Int64}, 'UTC'), {before_id:String})"
UNEXPLAINED = "a reason this build does not know"


def counts(store: Store) -> tuple[forms.LetterCount, ...]:
    return tuple(
        forms.LetterCount(reason=row["reason"], meaning=meaning(row["reason"]), records=int(row["records"]))
        for row in store.query(COUNTS)
    )


def meaning(reason: str) -> str:
    return REASONS.get(reason, UNEXPLAINED)


def page(store: Store, *, reason: str, before: Cursor | None, limit: int) -> forms.LetterPage:
    """At most `limit` letters, newest first; `reason` empty asks for all."""
    conditions, parameters = ["1"], dict[str, Any]()
    if reason:
        conditions.append("reason = {reason:String}")
        parameters["reason"] = reason
    if before is not None:
        conditions.append(OLDER)
        parameters |= {"before_us": before.at_us, "before_id": before.alert_id}
    found = _letters(store, " AND ".join(conditions), parameters, limit=limit + 1)
    kept = found[:limit]
    following = str(Cursor(kept[-1].at_us, kept[-1].letter_id)) if len(found) > limit else None
    return forms.LetterPage(counts=counts(store), letters=tuple(view(letter) for letter in kept), next=following)


def _letters(store: Store, condition: str, parameters: dict[str, Any], *, limit: int) -> list[DeadLetter]:
    rows = store.query(
        f"SELECT {ROW} FROM dead_letters WHERE {condition}"  # noqa: S608 - our own words only
        f" ORDER BY at_us DESC, letter_id DESC LIMIT 1 BY letter_id LIMIT {limit:d}",
        parameters,
    )
    return [from_stored(DeadLetter, row) for row in rows]


def view(letter: DeadLetter) -> forms.LetterView:
    return forms.LetterView(
        letter_id=letter.letter_id,
        source=letter.source,
        place=letter.place,
        reason=letter.reason,
        message=letter.message,
        at_us=None if letter.at_us == NO_TIME_US else letter.at_us,
    )


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"])

    @router.get("", responses=said(forms.LetterPage))
    def list_letters(
        reason: Annotated[str, Query(max_length=256)] = "",
        before: str = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """Newest first, without payloads, with counts by reason."""
        cursor = cursor_of(before) if before else None
        return answer(page(desk.store, reason=reason, before=cursor, limit=limit))

    @router.get("/{letter_id}", responses=said(forms.LetterDetail))
    def read_letter(request: Request, letter_id: str, purpose: str = "triage") -> Response:
        """One record with its payload. Writes an access record first."""
        found = _letters(desk.store, "letter_id = {id:String}", {"id": letter_id}, limit=1)
        if not found:
            raise HTTPException(404, "no dead letter has this id")
        record_access(desk, author=analyst(request), subject=f"dead-letter:{letter_id}", purpose=purpose)
        letter = found[0]
        return answer(forms.LetterDetail(letter=view(letter), meaning=meaning(letter.reason), payload=letter.payload))

    return router
