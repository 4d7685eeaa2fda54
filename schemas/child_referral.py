"""That a listing held wording of children: nothing of it but a keyed hash of where it stood, and the day."""

from __future__ import annotations

import msgspec

from manumit.schemas.fields import AtUs, Identifier


class ChildReferral(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reference` is an HMAC-SHA256 of source and listing id, in hex; who has the key can tell which listing it was.

    `day_us` is the beginning of its day, UTC.
    """

    reference: Identifier
    day_us: AtUs
