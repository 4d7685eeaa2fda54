"""The way of child protection: what holds wording of children leaves the stream at the edge.

Nothing of such an advert goes on: not to a flag, a campaign, a table, a topic, a snapshot or a dead letter. What stays
is a keyed hash of its reference and its day, for a counter beside the list of hotlines (design section 9). An account
event keeps its money, which must be accounted for, and loses its note.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

import msgspec

from manumit.connectors.contract import Batch, Store
from manumit.detectors.text.child_wording import child_wording, coded, implies_minor
from manumit.detectors.text.hashed_terms import NO_TERMS, HashedTerms
from manumit.detectors.text.normalise import fold
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.listing import Listing

DAY_US = 86_400_000_000
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
LISTING_WORDS = ("listing", "escort", "massage", "title", "text", "feed")
REFERRED = "SELECT 1 AS one FROM child_referrals WHERE reference = {reference:String} LIMIT 1"
Refer = Callable[[str], str]
Row = TypeVar("Row", Listing, DeadLetter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """`refer` turns a reference into its keyed hash; `terms` are the operator's hashed terms; `known` says whether a
    keyed hash was referred before: when such an advert is taken down, that is not stored either."""

    refer: Refer
    terms: HashedTerms = NO_TERMS
    known: Callable[[str], bool] = lambda reference: False

    def screened(self, batch: Batch) -> tuple[Batch, tuple[ChildReferral, ...]]:
        """The batch without what goes another way, and a referral for each of those."""
        listings = [(row, child_wording(row, self.terms)) for row in batch.listings]
        own = {reference_of(row.source, row.listing_id) for row, held in listings if held}
        listings = [(row, held or (row.op < 0 and self._was_held(row, own))) for row, held in listings]
        letters = [(row, self._told_in(row)) for row in batch.dead_letters]
        noted = [row for row in batch.account_events if self._told_in_note(row)]
        if not noted and not any(held for _, held in (*listings, *letters)):
            return batch, ()
        quiet = set(map(id, noted))
        events = (msgspec.structs.replace(e, note="") if id(e) in quiet else e for e in batch.account_events)
        kept = replace(batch, listings=keep(listings), account_events=tuple(events), dead_letters=keep(letters))
        gone = (
            *((row.source, row.listing_id, row.at_us) for row, held in listings if held),
            *((row.exchange, row.account_event_id, row.at_us) for row in noted),
            *((row.source, row.place, row.at_us) for row, held in letters if held),
        )
        return kept, tuple(self._referral(source, name, at_us) for source, name, at_us in gone)

    def _referral(self, source: str, name: str, at_us: int) -> ChildReferral:
        return ChildReferral(reference=self.refer(reference_of(source, name)), day_us=at_us - at_us % DAY_US)

    def _was_held(self, row: Listing, own: set[str]) -> bool:
        reference = reference_of(row.source, row.listing_id)
        return reference in own or self.known(self.refer(reference))

    def _told_in_note(self, event: AccountEvent) -> bool:
        if not event.note or not self.terms:
            return False
        return coded(fold(event.note), self.terms, reachable=event.amount_usd is not None)

    def _told_in(self, letter: DeadLetter) -> bool:
        """An unreadable record is no advert of a known kind, so any wording in it counts; escapes are undone."""
        told = fold(ESCAPE.sub(_character, f"{letter.payload}\n{letter.message}\n{letter.place}"))
        return coded(told, self.terms) or (_is_of_adverts(letter) and implies_minor(told.text))


def keep(rows: Sequence[tuple[Row, bool]]) -> tuple[Row, ...]:
    """Those that are not held back."""
    return tuple(row for row, held in rows if not held)


def reference_of(source: str, listing_id: str) -> str:
    """What of a listing is hashed."""
    return f"{source}\x1f{listing_id}"


def referrer(key: bytes) -> Refer:
    """HMAC-SHA256 under the key that also makes contact tokens, in a name space of its own."""

    def refer(reference: str) -> str:
        return hmac.new(key, b"child-referral\x1f" + reference.encode("utf-8", "surrogatepass"), sha256).hexdigest()

    return refer


def was_referred(store: Store, reference: str) -> bool:
    """True when the store holds a referral of this keyed hash."""
    return bool(store.query(REFERRED, {"reference": reference}))


def _is_of_adverts(letter: DeadLetter) -> bool:
    head = f"{letter.source} {letter.payload}".casefold()
    return any(word in head for word in LISTING_WORDS)


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2], 16))
