"""The labels in force, for two readers: the engine (bits of an account in time) and the alert (source and date)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice

from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import TOKENS, Label, label_bit, names_person
from manumit.streams.span_index import SpanIndex

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AS_OF, TODAY = "as-of", "today"
ADVERT = "advert-wallet"
PLACE = "place:"
MAX_SOURCES = 64

Identity = tuple[str, str, str, str, int]


def in_force(labels: Iterable[Label], mode: str, now_us: int) -> tuple[Label, ...]:
    """In mode `today` those that have not ended, else all of them."""
    return tuple(label for label in labels if mode != TODAY or label.valid_to_us > now_us)


def split_account(account: str) -> tuple[str, str]:
    """A CAIP-10 id as (chain, address)."""
    chain, _, address = account.rpartition(":")
    return chain, address


def spoken_time(at_us: int) -> str:
    """UTC to the microsecond."""
    return (EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


class LabelBook:
    """`mode` `as-of` reads a label only within its validity; `today` reads every label at any time, unless it was
    withdrawn.

    A label is withdrawn by giving it again with an earlier end: of copies of one label, the one that ends first
    counts, in whatever order they come. One that is listed anew has a new `valid_from_us`.
    """

    def __init__(self, mode: str = AS_OF) -> None:
        self._mode = mode
        self._by_subject: dict[str, list[Label]] = defaultdict(list)
        self._spans: dict[str, SpanIndex] = defaultdict(SpanIndex)
        self._known: set[Label] = set()
        self._copies: dict[Identity, int] = {}
        self._watched_until: dict[str, int] = {}
        self._places = False
        self._withdrawn: set[Label] = set()
        self._news: list[Label] = []
        self._waiting: list[tuple[int, str, int, Label]] = []

    def add(self, labels: Iterable[Label]) -> list[LabelSpan]:
        """The spans the engine must learn. After a withdrawal it must learn `spans` instead: see `withdrawn_since`."""
        spans = []
        for label in labels:
            self._known.add(label)
            if label.category != ADVERT and self._is_copy(label):
                continue
            self._by_subject[label.subject].append(label)
            self._index(label)
            if label.subject.startswith(PLACE):
                self._places = True
                continue
            if names_person(label.subject):
                start = self._valid(label)[0]
                heappush(self._waiting, (start, label.subject, len(self._known), label))
                continue
            if label.category == ADVERT:
                stop = self._valid(label)[1]
                self._watched_until[label.subject] = max(stop, self.watched_until_us(label.subject))
            spans.append(self._span(label))
        return spans

    def _index(self, label: Label) -> None:
        start, stop = self._valid(label)
        self._spans[label.subject].append(start, stop, label_bit(label.category))

    def _is_copy(self, label: Label) -> bool:
        """True where the same label is known; the earlier end is kept."""
        known = self._by_subject[label.subject]
        place = self._copies.setdefault(_identity(label), len(known))
        if place == len(known):
            return False
        if label.valid_to_us != known[place].valid_to_us:
            self._end(known, place, min(label, known[place], key=lambda one: one.valid_to_us))
        return True

    def _end(self, known: list[Label], place: int, label: Label) -> None:
        """From now on the label at `place` is this one, that ends earlier."""
        before = self._valid(known[place])
        known[place] = label
        self._withdrawn.add(label)
        if self._valid(label) != before:
            self._news.append(label)
            self._spans[label.subject] = SpanIndex()
            for one in known:
                self._index(one)

    def withdrawn_since(self) -> list[Label]:
        """What was withdrawn since this was last asked."""
        news, self._news = self._news, []
        return news

    def supports(self, account: str, category: str, at_us: int) -> bool:
        """Some label of the category still names the account as of that moment."""
        return any(label.category == category for label in self._at(account, at_us))

    def ended(self, label: Label, at_us: int) -> bool:
        """The label does not hold at that moment, nor will it later."""
        return self._valid(label)[1] <= at_us

    @property
    def count(self) -> int:
        return sum(map(len, self._by_subject.values()))

    def all(self) -> list[Label]:
        return [label for rows in self._by_subject.values() for label in rows]

    def spans(self) -> list[LabelSpan]:
        """Everything an engine must know that knows nothing yet."""
        return [self._span(label) for label in self.all() if not label.subject.startswith((PLACE, *TOKENS))]

    def begun(self, until_us: int) -> list[Label]:
        """Records about persons that begin by then and were not handed out yet, oldest first."""
        found = []
        while self._waiting and self._waiting[0][0] <= until_us:
            found.append(heappop(self._waiting)[-1])
        return found

    def _span(self, label: Label) -> LabelSpan:
        chain, address = split_account(label.subject)
        start, stop = self._valid(label)
        return LabelSpan(
            chain=chain, address=address, bits=label_bit(label.category), valid_from_us=start, valid_to_us=stop
        )

    def watched_until_us(self, account: str) -> int:
        """When the last advert known to print this account stops being a label of it; 1970 when none does."""
        return self._watched_until.get(account, YEAR_1970_US)

    def knows(self, label: Label) -> bool:
        return label in self._known

    def _valid(self, label: Label) -> tuple[int, int]:
        if self._mode == TODAY and label.category != ADVERT:
            return YEAR_1970_US, YEAR_1970_US if label in self._withdrawn else YEAR_2200_US
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

    def labels(self, account: str) -> list[Label]:
        """Everything that was ever read of an account."""
        return list(self._by_subject.get(account, ()))

    def labels_at(self, account: str, at_us: int) -> list[Label]:
        """The labels of an account as of one moment."""
        return list(self._at(account, at_us))

    def _at(self, account: str, at_us: int) -> Iterator[Label]:
        if account in self._spans:
            labels = self._by_subject[account]
            yield from (labels[place] for place in self._spans[account].at(at_us))

    def watched(self) -> list[Label]:
        """The labels learned from adverts, for a snapshot."""
        return [label for rows in self._by_subject.values() for label in rows if label.category == ADVERT]


def _identity(label: Label) -> Identity:
    """What tells labels apart: the sort key of their table."""
    return label.subject, label.category, label.source, label.name, label.valid_from_us


def _spoken(label: Label, at_us: int) -> str:
    name = f": {label.name}" if label.name else ""
    dated = label.listed_us > YEAR_1970_US
    day = (EPOCH + timedelta(microseconds=label.listed_us)).date().isoformat() if dated else "no date given"
    later = ", listed after this event" if dated and label.listed_us > at_us else ""
    return f"{label.category}{name} ({label.source}, {day}{later})"
