"""How signs in adverts add up over one subject: one advert, or one sign, never alerts by itself. Pure.

Nearly every ordinary advert carries some sign, so a sign is a weight. Signs of a contact, wallet or poster are held
back until at least two different ones, from at least two adverts within the window, weigh enough together; what was
held is told then. An advert that is mirrored, on another site or under another id, is one advert: its words count once.
A counter-indicator lowers the sum and is never told. A campaign of like texts is no person: its signs are told at once.
Weights are ours, by severity, to be calibrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from manumit.detectors.contract import Detector, ListingRule, TextFlag
from manumit.detectors.live_episodes import Unsaid
from manumit.detectors.text.advert import said
from manumit.detectors.text.normalise import fold
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal

WEIGHTS = {"low": 1, "medium": 2, "high": 3, "critical": 4}  # ours
COUNTER_WEIGHT = 1  # ours: what counter-indicators take off, however many
MIN_SIGNS = 2  # source: research on job adverts, 98 % of which carry one
MIN_ADVERTS = 2
MIN_SCORE = 3  # ours: two low signs are not enough
WINDOW_US = 30 * 86_400_000_000  # ours: the quiet gap of these detectors' episodes
MOST_HELD = 64  # signals of one subject
MOST_ADVERTS = 16  # remembered of each sign of a subject: more than enough when some are revised
CAMPAIGN = "campaign:"
NO_WORDS: Mapping[str, str] = MappingProxyType({})
FEWEST_LETTERS = 20  # fewer are anybody's words


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the signs of a subject add up to at one moment: different signs (catalogue entries), adverts, the sum."""

    signs: tuple[str, ...]
    counters: tuple[str, ...]
    adverts: int
    score: int

    @property
    def enough(self) -> bool:
        return len(self.signs) >= MIN_SIGNS and self.adverts >= MIN_ADVERTS and self.score >= MIN_SCORE


class Bearer(NamedTuple):
    """An advert that bears a sign, when, and the mark of its words; its own name where they are not known."""

    advert: str
    at_us: int
    words: str


class Noted(msgspec.Struct, kw_only=True):
    """Of one subject: the latest adverts of each sign, with times and words, the signals held back, and those told."""

    latest: dict[str, list[Bearer]] = {}
    held: list[Signal] = []
    told: list[Signal] = []
    last_us: int = 0


class Combination:
    """Signals in, in event order; out come those that may be folded into alerts."""

    def __init__(self, detectors: Iterable[Detector]) -> None:
        listed = [one for one in detectors if isinstance(one, TextFlag | ListingRule)]
        self._entries = {one.about.id: one.about.entries[0] for one in listed}
        down = (one for one in listed if isinstance(one, TextFlag) and one.counts == "down")
        self._counters = frozenset(one.about.entries[0] for one in down)
        self._weights: Mapping[str, int] = {one.about.entries[0]: WEIGHTS[one.about.severity] for one in listed}
        self._subjects: dict[str, Noted] = {}
        self._now_us = 0

    def told(
        self, signals: Sequence[Signal | Unsaid], words: Mapping[str, str] = NO_WORDS
    ) -> Iterator[Signal | Unsaid]:
        """What may be told by now; signals of other detectors, and about campaigns, pass through.

        `words` marks what each event says (`words_mark`): adverts of one mark are one.

        What a revised advert no longer says is taken back, and with it what was told only because of it.
        """
        for signal in signals:
            if isinstance(signal, Unsaid):
                yield from self._taken_back(signal)
                continue
            entry = self._entries.get(signal.detector)
            if entry is None:
                yield signal
            elif entry in self._counters:
                self._note(signal, words)
            elif signal.subject.startswith(CAMPAIGN):
                yield signal
            else:
                yield from self._weighed(signal, words)

    def standing(self, subject: str, at_us: int) -> Standing:
        """As of `at_us`: a sign exactly as old as the window no longer counts."""
        noted = self._subjects.get(subject, Noted())
        fresh = {
            name: [one.words for one in latest if one.at_us > at_us - WINDOW_US]
            for name, latest in noted.latest.items()
        }
        signs = tuple(sorted(name for name, adverts in fresh.items() if adverts and name not in self._counters))
        counters = tuple(sorted(name for name, adverts in fresh.items() if adverts and name in self._counters))
        return Standing(
            signs=signs,
            counters=counters,
            adverts=len({advert for name in signs for advert in fresh[name]}),
            score=sum(self._weights[name] for name in signs) - (COUNTER_WEIGHT if counters else 0),
        )

    def _weighed(self, signal: Signal, words: Mapping[str, str]) -> Iterator[Signal]:
        noted = self._note(signal, words)
        noted.held = [*noted.held, signal][-MOST_HELD:]
        now = self.standing(signal.subject, signal.at_us)
        if now.enough:
            waiting, noted.held = noted.held, []
            fresh = [one for one in waiting if one.at_us > signal.at_us - WINDOW_US]
            noted.told = [*noted.told, *fresh][-MOST_HELD:]
            yield from (_with(one, now, self._entries[one.detector]) for one in fresh)

    def _taken_back(self, unsaid: Unsaid) -> Iterator[Unsaid]:
        yield unsaid
        entry, noted = self._entries.get(unsaid.detector), self._subjects.get(unsaid.subject)
        if entry is None or noted is None:
            return
        noted.latest[entry] = [one for one in noted.latest.get(entry, ()) if one.advert != unsaid.advert]
        noted.held = [one for one in noted.held if not _says(one, unsaid)]
        noted.told = [one for one in noted.told if not _says(one, unsaid)]
        if self.standing(unsaid.subject, unsaid.at_us).enough:
            return
        alone = [one for one in noted.told if one.at_us > unsaid.at_us - WINDOW_US]
        noted.told, noted.held = [], sorted([*alone, *noted.held], key=lambda one: one.at_us)[-MOST_HELD:]
        for detector, advert in dict.fromkeys((one.detector, _advert(one.event_id)) for one in alone):
            yield Unsaid(detector=detector, subject=unsaid.subject, advert=advert, at_us=unsaid.at_us)

    def _note(self, signal: Signal, words: Mapping[str, str]) -> Noted:
        self._now_us = max(self._now_us, signal.at_us)
        self._forget()
        noted = self._subjects.pop(signal.subject, None) or Noted()
        self._subjects[signal.subject] = noted
        noted.last_us = self._now_us
        advert = _advert(signal.event_id)
        entry = self._entries[signal.detector]
        before = [one for one in noted.latest.get(entry, ()) if one.advert != advert]
        bearer = Bearer(advert, signal.at_us, words.get(signal.event_id, advert))
        noted.latest[entry] = [*before, bearer][-MOST_ADVERTS:]
        return noted

    def _forget(self) -> None:
        """Subjects that no window reaches; the least recently seen stand first."""
        while self._subjects:
            oldest = next(iter(self._subjects))
            if self._subjects[oldest].last_us > self._now_us - WINDOW_US:
                return
            del self._subjects[oldest]

    def dump(self) -> bytes:
        return msgspec.msgpack.encode((list(self._subjects.items()), self._now_us))

    def load(self, data: bytes) -> None:
        """Into a fresh one with the same detectors."""
        if data:
            subjects, self._now_us = msgspec.msgpack.decode(data, type=tuple[list[tuple[str, Noted]], int])
            self._subjects = dict(subjects)


def words_mark(listing: Listing) -> str:
    """The same for adverts of the same letters, whatever stands between them; "" for too few to tell.

    Of its masked text, so a mirror with another number, price or date keeps the mark.
    """
    letters = "".join(filter(str.isalpha, fold(said(listing)).text))
    return sha256(letters.encode("utf-8", "replace")).hexdigest()[:16] if len(letters) >= FEWEST_LETTERS else ""


def _advert(event_id: str) -> str:
    """A revised advert is still one advert."""
    return event_id.rpartition(":")[0]


def _says(signal: Signal, unsaid: Unsaid) -> bool:
    return signal.detector == unsaid.detector and _advert(signal.event_id) == unsaid.advert


def _with(signal: Signal, now: Standing, entry: str) -> Signal:
    """The signal with what the subject's signs add up to, and what else they are."""
    others = (f"beside it: {name}" for name in now.signs if name != entry)
    against = (f"against it: {name}" for name in now.counters)
    values = {**signal.values, "signs": float(len(now.signs)), "score_of_signs": float(now.score)}
    return msgspec.structs.replace(signal, values=values, spans=(*signal.spans, *others, *against))
