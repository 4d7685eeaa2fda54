"""The labels in force, for two readers: the engine (bits of an account in time) and the alert (source and date)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import Label, label_bit
from manumit.streams.span_index import SpanIndex

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AS_OF, TODAY = "as-of", "today"
ADVERT = "advert-wallet"
PLACE = "place:"
MAX_SOURCES = 64


def split_account(account: str) -> tuple[str, str]:
    """A CAIP-10 id as (chain, address)."""
    chain, _, address = account.rpartition(":")
    return chain, address


def spoken_time(at_us: int) -> str:
    """UTC to the microsecond."""
    return (EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


class LabelBook:
    """`mode` `as-of` reads a label only within its validity; `today` reads every label at any time."""

    def __init__(self, mode: str = AS_OF) -> None:
        self._mode = mode
        self._by_subject: dict[str, list[Label]] = defaultdict(list)
        self._spans: dict[str, SpanIndex] = defaultdict(SpanIndex)
        self._known: set[Label] = set()
        self._watched_until: dict[str, int] = {}
        self._places = False

    def add(self, labels: Iterable[Label]) -> list[LabelSpan]:
        """The spans the engine must learn."""
        spans = []
        for label in labels:
            self._known.add(label)
            self._by_subject[label.subject].append(label)
            start, stop = self._valid(label)
            self._spans[label.subject].append(start, stop, label_bit(label.category))
            if label.subject.startswith(PLACE):
                self._places = True
                continue
            if label.category == ADVERT:
                self._watched_until[label.subject] = max(stop, self.watched_until_us(label.subject))
            chain, address = split_account(label.subject)
            spans.append(
                LabelSpan(
                    chain=chain,
                    address=address,
                    bits=label_bit(label.category),
                    valid_from_us=start,
                    valid_to_us=stop,
                )
            )
        return spans

    def watched_until_us(self, account: str) -> int:
        """When the last advert known to print this account stops being a label of it; 1970 when none does."""
        return self._watched_until.get(account, YEAR_1970_US)

    def knows(self, label: Label) -> bool:
        return label in self._known

    def _valid(self, label: Label) -> tuple[int, int]:
        if self._mode == TODAY and label.category != ADVERT:
            return YEAR_1970_US, YEAR_2200_US
        return label.valid_from_us, label.valid_to_us

    def bits(self, account: str, at_us: int) -> int:
        """Of the categories that hold at a moment."""
        return self._spans[account].bits(at_us) if account in self._spans else 0

    def place_bits(self, place: str, at_us: int) -> int:
        """Bits of the areas a place lies in: an area is named by the beginning of its places."""
        if not self._places:
            return 0
        found = 0
        for length in range(1, len(place) + 1):
            found |= self.bits(PLACE + place[:length], at_us)
        return found

    def country(self, account: str, at_us: int) -> str:
        """Where a labelled service is established, ISO 3166-1; empty when no label tells."""
        return next((label.country for label in self._at(account, at_us) if label.country), "")

    def sources(self, account: str, at_us: int) -> tuple[str, ...]:
        """What an alert says of an account's labels: category, name, source and date of the first 64."""
        held = islice(self._at(account, at_us), MAX_SOURCES)
        return tuple(dict.fromkeys(_spoken(label, at_us) for label in held))

    def _at(self, account: str, at_us: int) -> Iterator[Label]:
        if account in self._spans:
            labels = self._by_subject[account]
            yield from (labels[place] for place in self._spans[account].at(at_us))

    def watched(self) -> list[Label]:
        """The labels learned from adverts, for a snapshot."""
        return [label for rows in self._by_subject.values() for label in rows if label.category == ADVERT]


def _spoken(label: Label, at_us: int) -> str:
    name = f": {label.name}" if label.name else ""
    dated = label.listed_us > YEAR_1970_US
    day = (EPOCH + timedelta(microseconds=label.listed_us)).date().isoformat() if dated else "no date given"
    later = ", listed after this event" if dated and label.listed_us > at_us else ""
    return f"{label.category}{name} ({label.source}, {day}{later})"
