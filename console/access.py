"""Every look at evidence is written down, with a purpose, before anything is shown."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal, get_args

from fastapi import HTTPException, Request

from manumit.console.desk import Desk
from manumit.schemas.triage import AccessRecord

Purpose = Literal["triage", "investigation", "report", "quality-review", "audit", "training"]
CLOSED = "this view is for those with the protection token, which MANUMIT_PROTECTION_TOKEN gives when manumit starts"
PURPOSES: tuple[str, ...] = get_args(Purpose)


def is_restricted_reader(request: Request) -> bool:
    """Who came with the protection token; the gate has looked at it."""
    return bool(getattr(request.state, "restricted", False))


def restricted_only(request: Request) -> None:
    """A dependency. Raises 403 for everybody else."""
    if not is_restricted_reader(request):
        raise HTTPException(403, CLOSED)


def record_access(desk: Desk, *, author: str, subject: str, purpose: str) -> AccessRecord:
    """Writes who looked at `subject` and why. Raises 422 for an unknown purpose, EdgeDown when it cannot be kept."""
    return record_accesses(desk, author=author, subjects=[subject], purpose=purpose)[0]


def record_accesses(desk: Desk, *, author: str, subjects: Sequence[str], purpose: str) -> list[AccessRecord]:
    """As `record_access`, several in one write."""
    if purpose not in PURPOSES:
        raise HTTPException(422, f"unknown purpose; choose one of {', '.join(PURPOSES)}")
    at_us = desk.clock()
    records = [
        AccessRecord(
            access_id=record_id("access", author, subject, purpose, str(at_us)),
            at_us=at_us,
            author=author,
            subject=subject,
            purpose=purpose,
        )
        for subject in subjects
    ]
    desk.store.write("access_records", records)
    return records


def record_id(*parts: str) -> str:
    """32 hex digits that depend on every part."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
