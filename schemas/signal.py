"""What one detector says about one subject at one event."""

from __future__ import annotations

from typing import Annotated

import msgspec

from manumit.schemas.fields import AtUs, Count32, Identifier, Share, Texts, Word


class Signal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`subject` is a CAIP-10 account, `customer:…`, `contact:…` or `listing:…` id."""

    detector: Word
    version: Count32
    subject: Identifier
    event_id: Identifier
    at_us: AtUs
    score: Share = 1.0
    values: Annotated[dict[str, float], msgspec.Meta(extra={"kind": "json"})] = {}
    evidence: Texts = ()
    spans: Texts = ()
    label_sources: Texts = ()
