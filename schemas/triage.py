"""What people did: append-only."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from manumit.schemas.fields import YEAR_2200_US, AtUs, Count8, Identifier, Text, Word

TriageState = Literal["new", "in-review", "escalated", "dismissed", "reported"]


class TriageAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's decision on an alert. The newest action of an alert is its human state."""

    action_id: Identifier
    alert_id: Identifier
    at_us: AtUs
    author: Word
    state: Annotated[TriageState, msgspec.Meta(extra={"kind": "word"})]
    reason: Text = ""


class Suppression(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mute `detector` (or `*`) on `subject` (or `*`) for event times in [from_us, until_us)."""

    suppression_id: Identifier
    detector: Word = "*"
    subject: Text = "*"
    author: Word
    reason: Text
    from_us: AtUs = 0
    until_us: AtUs = YEAR_2200_US
    active: Count8 = 1


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who looked at which evidence, when and for what purpose."""

    access_id: Identifier
    at_us: AtUs
    author: Word
    subject: Text
    purpose: Text
