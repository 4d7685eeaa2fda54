"""Invented customers and alerts in a book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from manumit.detectors.catalogue import detector
from manumit.detectors.customer_stories import EXCHANGE
from manumit.detectors.stories import START_US
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.redflag import catalogue, citations
from manumit.schemas.screening import Basis, Screening
from manumit.streams.customer_book import CustomerBook

NOW_US = START_US + 86_400_000_000
BASIS = Basis(
    as_of_us=START_US,
    transfers=9,
    labels=1,
    labels_digest="0",
    label_mode="as-of",
    method="haircut",
    score_formula="gravest-finding 1",
    terms={},
)


def subject(customer: str) -> str:
    return f"customer:{EXCHANGE}:{customer}"


def standing(detector_id: str, about: str, **changes: Any) -> Alert:
    """An alert of a detector about a subject."""
    told = detector(detector_id).about
    flag = catalogue()[told.entries[0]]
    made = Alert(
        alert_id=f"{detector_id} {about}",
        revision=1,
        detector=detector_id,
        version=1,
        entry=flag.id,
        title=told.title,
        domain=flag.domain,
        typology=flag.typology,
        severity=told.severity,
        score=1.0,
        subject=about,
        roles={about: "unknown"},
        state="final",
        opened_us=START_US,
        last_us=START_US,
        signals=1,
        citations=citations(flag),
        reason=f"{detector_id} about {about}.",
        disclosable="",
        next_steps=told.next_steps,
        innocent=told.innocent,
        nature=told.nature,
    )
    return msgspec.structs.replace(made, **changes)


def book(*rows: Customer | Alert) -> CustomerBook:
    made = CustomerBook()
    made.take([row for row in rows if isinstance(row, Customer)])
    made.learn([row for row in rows if isinstance(row, Alert)])
    return made


def unknown(address: str) -> Sequence[Screening]:
    answers: Sequence[Screening] = scored()(address)
    return answers


def scored(**scores: float) -> Any:
    """A screening by the last part of an account's name; others are not known."""

    def screen(address: str) -> Sequence[Screening]:
        worth = scores.get(address.rpartition(":")[2])
        answer = Screening(
            asked=address,
            account=address,
            status="unknown" if worth is None else "known",
            score=worth,
            band="unknown" if worth is None else "high",
            reasons=("nothing is known",) if worth is None else ("received from trafficking",),
            basis=BASIS,
        )
        return [answer]

    return screen
