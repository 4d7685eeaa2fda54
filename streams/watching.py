"""What a listing says: its text flags as signals, and its wallets watched on chain, forward and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from manumit.detectors.contract import FeatureBlock, Joiner, TextFlag, Values
from manumit.detectors.windows.contract import LabelSpan, WindowEngine
from manumit.detectors.windows.features import duration_us
from manumit.detectors.wording import with_usd
from manumit.schemas.block import MICRO_USD
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.label import Label, label_bit
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook, split_account
from manumit.streams.segments import Segments

MAX_LOOK_BACK = 1_000


def listing_subject(listing: Listing) -> str:
    """The first contact token, else the first wallet, else the poster, else the listing itself."""
    if listing.contacts:
        return listing.contacts[0]
    if listing.wallets:
        return listing.wallets[0]
    return f"poster:{listing.poster}" if listing.poster else f"listing:{listing.source}:{listing.listing_id}"


def listing_signals(listing: Listing, flags: Sequence[TextFlag], values: Mapping[str, Values]) -> list[Signal]:
    """None of an advert that was taken down: it says nothing."""
    found: list[Signal] = []
    if listing.op < 0:
        return found
    for flag in flags:
        if listing.kind not in flag.kinds:
            continue
        spans = flag.find(listing, values[flag.about.id])
        if spans:
            found.append(
                Signal(
                    detector=flag.about.id,
                    version=flag.about.version,
                    subject=listing_subject(listing),
                    event_id=listing.event_id,
                    at_us=listing.at_us,
                    values=dict(flag.measure(listing, values[flag.about.id])),
                    spans=tuple(f"{span.facet}: {span.text}" for span in spans),
                    evidence=(listing.event_id,),
                )
            )
    return found


class LookBack(msgspec.Struct, frozen=True, kw_only=True):
    """Transfers of `account` later than `after_us` and before the advert at `at_us`: no earlier one covers them."""

    joiner: str
    account: str
    at_us: int
    after_us: int


class AdvertWatch:
    """Wallets printed in adverts are labels for `within`: forward as label bits, back through the engine's log.

    A transfer that an earlier advert of the same wallet covers is not judged again.
    """

    def __init__(self, joiners: Sequence[Joiner], values: Mapping[str, Values], labels: LabelBook) -> None:
        self._joiners = {joiner.about.id: joiner for joiner in joiners}
        self._values = values
        self._labels = labels

    def forward(self, listing: Listing) -> tuple[list[LabelSpan], list[LookBack]]:
        """Labels for transfers from the advert's moment on, and where to look back."""
        spans: list[LabelSpan] = []
        looks: list[LookBack] = []
        for name, joiner in self._joiners.items() if listing.op > 0 else ():
            within_us = duration_us(joiner.within)
            for account in joiner.watch(listing):
                covered_us = self._labels.watched_until_us(account) - 1
                after_us = max(listing.at_us - within_us, covered_us)
                if after_us < listing.at_us:
                    looks.append(LookBack(joiner=name, account=account, at_us=listing.at_us, after_us=after_us))
                spans += self._labels.add([_printed(account, listing, listing.at_us + within_us)])
        return spans, looks

    def backward(self, look: LookBack, engine: WindowEngine, segments: Segments) -> list[Signal]:
        """Signals on transfers before the advert, as of the advert's moment."""
        joiner, account, at_us = self._joiners[look.joiner], look.account, look.at_us
        chain, address = split_account(account)
        sequences = engine.recent(chain, address, MAX_LOOK_BACK, until_us=at_us - 1, after_us=look.after_us)[::-1]
        if not sequences:
            return []
        entries = engine.entries(sequences[0], sequences[-1] + 1, [s - sequences[0] for s in sequences])
        usd = entries.usd_micro / MICRO_USD
        usd[entries.usd_micro < 0] = float("nan")
        own = label_bit("advert-wallet") | self._labels.bits(account, at_us)
        block = FeatureBlock(
            at_us=entries.at_us,
            usd=usd,
            own_labels=np.full(len(entries), own, np.uint32),
            other_labels=np.zeros(len(entries), np.uint32),
            columns={},
        )
        mask = joiner.fires(block, self._values[joiner.about.id])
        return [
            Signal(
                detector=joiner.about.id,
                version=joiner.about.version,
                subject=account,
                event_id=segments.event_id(sequences[row]),
                at_us=at_us,
                values=with_usd({}, float(usd[row])),
                label_sources=tuple(f"subject: {s}" for s in self._labels.sources(account, at_us)),
            )
            for row in np.flatnonzero(mask)
        ]


def _printed(account: str, listing: Listing, until_us: int) -> Label:
    return Label(
        subject=account,
        category="advert-wallet",
        name=f"printed in {listing.event_id}",
        source=listing.source,
        listed_us=listing.at_us,
        valid_from_us=listing.at_us,
        valid_to_us=min(until_us, YEAR_2200_US),
    )
