"""What is muted: who asked for it, why, until when, and how many signals it has swallowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.console.access import record_id
from manumit.console.answers import answer, body, said, takes
from manumit.console.desk import Desk, analyst
from manumit.detectors.catalogue import detectors
from manumit.schemas.stored import from_stored
from manumit.schemas.triage import Suppression
from manumit.streams.veil import GENERAL

ANY = "*"
MAX_SUPPRESSIONS = 2_000
MAX_MUTED = 10_000

KEPT = f"""SELECT {", ".join(Suppression.__struct_fields__)} FROM suppressions FINAL
ORDER BY active DESC, from_us DESC, suppression_id LIMIT {MAX_SUPPRESSIONS}"""  # noqa: S608 - constants
MUTED = f"""SELECT alert_id, newest.1 AS detector, newest.2 AS subject, newest.3 AS opened_us, newest.4 AS last_us,
  newest.5 AS suppressed FROM (
  SELECT alert_id, argMax((detector, subject, opened_us, last_us, suppressed), (revision, stored_us)) AS newest
  FROM alerts WHERE alert_id IN (SELECT alert_id FROM alerts WHERE suppressed > 0) AND {GENERAL} GROUP BY alert_id)
ORDER BY last_us DESC, alert_id LIMIT {MAX_MUTED}"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """An episode in which signals were muted."""

    detector: str
    subject: str
    opened_us: int
    last_us: int
    suppressed: int


def kept(store: Store) -> tuple[Suppression, ...]:
    """Every suppression as it stands now, active ones first."""
    return tuple(from_stored(Suppression, row) for row in store.query(KEPT))


def muted(store: Store) -> tuple[Muted, ...]:
    return tuple(_muted(row) for row in store.query(MUTED))


def _muted(row: Mapping[str, Any]) -> Muted:
    return Muted(
        detector=row["detector"],
        subject=row["subject"],
        opened_us=int(row["opened_us"]),
        last_us=int(row["last_us"]),
        suppressed=int(row["suppressed"]),
    )


def views(
    suppressions: Sequence[Suppression], episodes: Sequence[Muted], *, counted: Mapping[str, int], now_us: int
) -> tuple[forms.SuppressionView, ...]:
    """`counted` is the runner's own count by id; without one the alerts' counts are summed.

    Where two suppressions cover one episode, each shows its count: the sum over rows is not a total.
    """
    return tuple(_view(one, episodes, counted=counted, now_us=now_us) for one in suppressions)


def _view(
    one: Suppression, episodes: Sequence[Muted], *, counted: Mapping[str, int], now_us: int
) -> forms.SuppressionView:
    in_alerts = sum(episode.suppressed for episode in episodes if covers(one, episode))
    return forms.SuppressionView(
        suppression_id=one.suppression_id,
        detector=one.detector,
        subject=one.subject,
        author=one.author,
        reason=one.reason,
        from_us=one.from_us,
        until_us=one.until_us,
        is_active=one.active == 1 and one.until_us > now_us,
        suppressed=max(in_alerts, counted.get(one.suppression_id, 0)),
    )


def covers(one: Suppression, episode: Muted) -> bool:
    """Whether the suppression reaches into the episode."""
    is_named = one.detector in (ANY, episode.detector) and one.subject in (ANY, episode.subject)
    return is_named and one.from_us <= episode.last_us and episode.opened_us < one.until_us


def listing(desk: Desk) -> forms.SuppressionList:
    episodes = muted(desk.store)
    found = views(kept(desk.store), episodes, counted=desk.snapshot().suppressed, now_us=desk.clock())
    return forms.SuppressionList(suppressions=found, suppressed=sum(episode.suppressed for episode in episodes))


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/suppressions", tags=["suppressions"])

    @router.get("", responses=said(forms.SuppressionList))
    def list_suppressions() -> Response:
        """All suppressions with their counts; `suppressed` is the total over all alerts."""
        return answer(listing(desk))

    @router.post(
        "",
        status_code=201,
        responses=said(forms.SuppressionView, status=201),
        openapi_extra=takes(forms.SuppressionRequest),
    )
    def add(
        request: Request, wish: Annotated[forms.SuppressionRequest, Depends(body(forms.SuppressionRequest))]
    ) -> Response:
        """Mutes a detector on a subject. A reason is required, and not everything may be muted at once."""
        added = suppression_of(wish, author=analyst(request), at_us=desk.clock())
        desk.store.write("suppressions", [added])
        return answer(_view(added, (), counted={}, now_us=desk.clock()), status=201)

    @router.post("/{suppression_id}/end", responses=said(forms.SuppressionView), openapi_extra=takes(forms.EndRequest))
    def end(
        request: Request,
        suppression_id: str,
        wish: Annotated[forms.EndRequest, Depends(body(forms.EndRequest))],
    ) -> Response:
        """Ends it now. Who made it and why stays; who ended it and why is added to the reason."""
        found = next((one for one in kept(desk.store) if one.suppression_id == suppression_id), None)
        if found is None:
            raise HTTPException(404, "no suppression has this id")
        ended = ended_by(found, author=analyst(request), reason=_reason(wish.reason), at_us=desk.clock())
        desk.store.write("suppressions", [ended])
        return answer(_view(ended, (), counted={}, now_us=desk.clock()))

    return router


def suppression_of(wish: forms.SuppressionRequest, *, author: str, at_us: int) -> Suppression:
    """Raises 422 for a wish without reason, without end after start, for everything, or an unknown detector."""
    detector, subject = wish.detector.strip(), wish.subject.strip()
    if not detector or not subject:
        raise HTTPException(422, "name a detector and a subject, or * for any")
    if detector == ANY and subject == ANY:
        raise HTTPException(422, "a suppression of every detector on every subject would hide everything")
    if detector != ANY and all(one.about.id != detector for one in detectors()):
        raise HTTPException(422, f"no detector is called {detector!r}; give the id an alert shows, or * for any")
    if wish.until_us <= wish.from_us:
        raise HTTPException(422, "until_us must be later than from_us")
    return Suppression(
        suppression_id=record_id("suppression", detector, subject, author, str(at_us)),
        detector=detector,
        subject=subject,
        author=author,
        reason=_reason(wish.reason),
        from_us=wish.from_us,
        until_us=wish.until_us,
    )


def ended_by(one: Suppression, *, author: str, reason: str, at_us: int) -> Suppression:
    """Ended already: unchanged, so that ending twice is harmless."""
    if one.active == 0:
        return one
    until_us = max(one.from_us, min(one.until_us, at_us))
    return msgspec.structs.replace(
        one, active=0, until_us=until_us, reason=f"{one.reason} [ended by {author}: {reason}]"
    )


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise HTTPException(422, "a suppression needs a reason")
    return reason
