"""Adverts as campaigns and contacts: what the listing rules say of each, as of it.

A revised advert takes the place of its earlier revision among the live ones; what was seen stays seen for its
window. An advert that its source took down leaves the live ones. Nothing of an advert's text is kept, only hashes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from manumit.detectors.campaigns.clusters import Assigned, Clusters
from manumit.detectors.campaigns.features import Asked, Distinct, Seen, Standing
from manumit.detectors.campaigns.journey import Stop, folded, told, with_stop
from manumit.detectors.campaigns.manners import Manner, Manners
from manumit.detectors.campaigns.sightings import Dump, Sightings
from manumit.detectors.contract import Detector, ListingRule, Span, Values
from manumit.detectors.text.advert import said
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.streams.standings import Standings, StandingsDump
from manumit.streams.watching import listing_subject

PARTS = {"deviations": 1_000, "ratio": 1_000, "peers": 1}
HINT = "weak hint, proves nothing: written in the manner of"
EVIDENCE = 24  # events: as many as the context of other alerts


class Recent(msgspec.Struct, kw_only=True):
    """The latest adverts of one group, where they stood, when the last was seen, and the number of a campaign."""

    events: list[str] = []
    last_us: int = 0
    number: int = -1
    stops: list[Stop] = []


class Known(msgspec.Struct, kw_only=True):
    """A dump of `Repetition`. `live`: (time, advert, number among the clusters) of live adverts, oldest first;
    `names`: campaign number -> its name; `recent`: group -> its latest adverts, the least recently seen first."""

    clusters: bytes
    sightings: Dump
    live: list[tuple[int, str, int]]
    names: dict[int, str]
    recent: dict[str, Recent]
    standings: StandingsDump
    manners: list[tuple[str, Manner]] = []


class Repetition:
    """Runs the listing rules among `detectors`; does nothing at all when there are none."""

    def __init__(self, detectors: Sequence[Detector], values: Mapping[str, Values]) -> None:
        rules = [one for one in detectors if isinstance(one, ListingRule)]
        self._rules = [(rule, values[rule.about.id], rule.features(values[rule.about.id])) for rule in rules]
        features = [feature for _, _, wanted in self._rules for feature in wanted.values()]
        self.longest_us = max((feature.window_us for feature in features), default=1)
        self._clusters = Clusters(self.longest_us)
        self._sightings = Sightings(feature for feature in features if isinstance(feature, Distinct))
        self._standings = Standings(feature for feature in features if isinstance(feature, Standing))
        self._manners = Manners(self.longest_us)
        self._authored = {kind for rule, _, wanted in self._rules if _asks_who(wanted) for kind in rule.kinds}
        self._live: dict[str, int] = {}
        self._order: deque[tuple[int, str, int]] = deque()
        self._names: dict[int, str] = {}
        self._recent: dict[str, Recent] = {}
        self._latest_us = 0

    def take(self, listings: Sequence[Listing]) -> list[Signal]:
        """Signals of adverts in event order, by rule id within one."""
        if not self._rules:
            return []
        found: list[Signal] = []
        for part in self._parts(listings):
            if part[0].op < 0:
                self._take_down(part[0])
                continue
            assigned = self._clusters.take([said(row) for row in part], [row.at_us for row in part])
            for i, listing in enumerate(part):
                found += self._one(listing, i, assigned)
        return found

    def _parts(self, listings: Sequence[Listing]) -> Iterator[Sequence[Listing]]:
        """Cut behind each advert that replaces a live one: the replaced one must be out before the next comes.

        An advert that was taken down is a part of its own.
        """
        start = 0
        held: set[str] = set()
        for stop, listing in enumerate(listings, 1):
            name = _name(listing)
            if listing.op < 0:
                if start < stop - 1:
                    yield listings[start : stop - 1]
                yield listings[stop - 1 : stop]
                start, held = stop, set()
            elif name in self._live or name in held:
                yield listings[start:stop]
                start, held = stop, set()
            else:
                held.add(name)
        if start < len(listings):
            yield listings[start:]

    def _one(self, listing: Listing, row: int, assigned: Assigned) -> list[Signal]:
        self._latest_us = max(self._latest_us, listing.at_us)
        self._forget(self._latest_us)
        number = int(assigned.campaign[row])
        self._names.setdefault(number, f"campaign:{sha256(listing.event_id.encode()).hexdigest()[:16]}")
        merges = [(self._names[int(s)], self._names.pop(int(e))) for r, s, e in assigned.merges if r == row]
        campaign = self._names[number]
        size, first_us = int(assigned.size[row]), int(assigned.first_us[row])
        advert = int(assigned.advert[row])
        if self._replace(listing, advert):
            size = self._clusters.size(advert)
        joined = self._sightings.see(listing, campaign, self._latest_us, merges)
        for stays, ends in merges:
            self._manners.merge(stays, ends)
        if size > 1 and listing.kind in self._authored:
            self._manners.see(campaign, listing.language, lambda: said(listing), self._latest_us)
        for stays, ends in (*merges, *joined):
            self._fold(stays, ends)
            self._standings.merge(stays, ends)
        contact = self._sightings.group("contact", listing, campaign)
        self._standings.see(listing, contact or campaign, self._latest_us)
        self._remember(campaign, listing, number)
        if contact:
            self._remember(contact, listing, -1)
        return list(self._signals(listing, campaign, contact, size, first_us))

    def _take_down(self, listing: Listing) -> None:
        self._latest_us = max(self._latest_us, listing.at_us)
        self._forget(self._latest_us)
        before = self._live.pop(_name(listing), None)
        if before is not None:
            self._clusters.remove(before)

    def _replace(self, listing: Listing, advert: int) -> bool:
        """Take the revision before out, if it lives; then this advert is the last that the clusters were given."""
        before = self._live.get(_name(listing))
        if before is not None:
            self._clusters.remove(before)
        self._live[_name(listing)] = advert
        self._order.append((self._latest_us, _name(listing), advert))
        return before is not None

    def _remember(self, group: str, listing: Listing, number: int) -> None:
        before = self._recent.pop(group, None) or Recent()
        self._recent[group] = Recent(
            events=[*before.events[1 - EVIDENCE :], listing.event_id],
            last_us=self._latest_us,
            number=number,
            stops=with_stop(before.stops, Stop(self._latest_us, listing.place, listing.kind)),
        )

    def _fold(self, stays: str, ends: str) -> None:
        """What is remembered of a group that ended in another; the advert that joined them is remembered next."""
        gone = self._recent.pop(ends, None)
        if gone is not None:
            kept = self._recent.pop(stays, Recent())
            stops = folded(gone.stops, kept.stops)
            self._recent[stays] = Recent(events=[*gone.events, *kept.events], last_us=self._latest_us, stops=stops)

    def _forget(self, now_us: int) -> None:
        """What no window reaches any more."""
        until_us = now_us - self.longest_us
        while self._order and self._order[0][0] <= until_us:
            _, name, advert = self._order.popleft()
            if self._live.get(name) == advert:
                del self._live[name]
        while self._recent and (oldest := next(iter(self._recent))) and self._recent[oldest].last_us <= until_us:
            self._names.pop(self._recent.pop(oldest).number, None)

    def _signals(self, listing: Listing, campaign: str, contact: str, size: int, first_us: int) -> Iterator[Signal]:
        for rule, values, wanted in self._rules:
            if listing.kind not in rule.kinds:
                continue
            counts = {name: self._count(feature, listing, campaign) for name, feature in wanted.items()}
            seen = Seen(campaign=campaign, size=size, first_us=first_us, counts=counts)
            if not rule.fires(seen, values):
                continue
            spans = rule.says(listing, values) if rule.says else ()
            if rule.says and not spans:
                continue
            by_text = rule.subject == "campaign"
            yield Signal(
                detector=rule.about.id,
                version=rule.about.version,
                subject=campaign if by_text else listing_subject(listing),
                event_id=listing.event_id,
                at_us=listing.at_us,
                values={**_shown(wanted, counts), "campaign_size": float(size)},
                spans=(*_quoted(spans), *self._beside(campaign, campaign if by_text else contact, wanted)),
                evidence=self._evidence(campaign if by_text else contact, listing),
            )

    def _count(self, feature: Asked, listing: Listing, campaign: str) -> int:
        if isinstance(feature, Standing):
            return self._standings.shows(feature)
        return self._sightings.count(feature, listing, campaign)

    def _beside(self, campaign: str, group: str, wanted: Mapping[str, Asked]) -> tuple[str, ...]:
        """What is evidence and no reason: where the adverts stood, which other campaigns are written alike."""
        alike = self._manners.alike(campaign) if _asks_who(wanted) else ()
        return (*self._journey(group, wanted), *(f"{HINT} {other}" for other in alike))

    def _journey(self, group: str, wanted: Mapping[str, Asked]) -> tuple[str, ...]:
        """Of rules that count copies or places, by the kinds and the longest window they count."""
        counted = [one for one in wanted.values() if isinstance(one, Distinct)]
        if not counted or not group:
            return ()
        kinds = tuple({kind for one in counted for kind in one.kinds}) if all(one.kinds for one in counted) else ()
        return told(self._recent[group].stops, kinds, self._latest_us - max(one.window_us for one in counted))

    def _evidence(self, group: str, listing: Listing) -> tuple[str, ...]:
        return tuple(self._recent[group].events[-EVIDENCE:]) if group else (listing.event_id,)

    def dump(self) -> bytes:
        known = Known(
            clusters=self._clusters.dump(),
            sightings=self._sightings.dump(),
            live=list(self._order),
            names=self._names,
            recent=self._recent,
            standings=self._standings.dump(),
            manners=self._manners.dump(),
        )
        return msgspec.msgpack.encode((known, self._latest_us))

    def load(self, data: bytes) -> None:
        """Into a fresh one with the same rules."""
        if not data:
            return
        known, self._latest_us = msgspec.msgpack.decode(data, type=tuple[Known, int])
        self._clusters = Clusters.of(known.clusters)
        self._sightings.load(known.sightings)
        self._standings.load(known.standings)
        self._manners.load(known.manners)
        self._order = deque(known.live)
        self._live = {name: advert for _, name, advert in known.live}
        self._names, self._recent = known.names, known.recent


def _shown(wanted: Mapping[str, Asked], counts: Mapping[str, int]) -> dict[str, float]:
    """Counts as they are, thousandths as what they are thousandths of."""
    return {
        name: count / (PARTS[f.show] if isinstance(f := wanted[name], Standing) else 1)
        for name, count in counts.items()
    }


def _asks_who(wanted: Mapping[str, Asked]) -> bool:
    """Whether a rule counts authors or unlike texts: there it helps to know what is written in one manner."""
    return any(isinstance(one, Distinct) and one.of in ("authors", "texts") for one in wanted.values())


def _quoted(spans: tuple[Span, ...]) -> tuple[str, ...]:
    return tuple(f"{span.facet}: {span.text}" for span in spans)


def _name(listing: Listing) -> str:
    return f"{listing.source}:{listing.listing_id}"
