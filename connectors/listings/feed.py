"""A feed of adverts as a live source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event

import httpx
import msgspec

from manumit.connectors.contract import Batch
from manumit.connectors.listings.asking import open_client
from manumit.connectors.listings.feed_parse import Entry, feed_time_us, parse_feed
from manumit.connectors.listings.fetch import Asker, Fetched, Manners
from manumit.connectors.listings.register import SourceEntry, SourceRegister
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord, ConfigError, EdgeDown
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of

FUTURE_US = 86_400_000_000  # posters' clocks and time zones are wrong by hours, not by days
POLL_S = 300.0
REMEMBERED = 5_000


class FeedState(msgspec.Struct, frozen=True):
    """A resume token: the marks for a conditional request, and (words, revision) of adverts seen."""

    etag: str = ""
    modified: str = ""
    seen: dict[str, tuple[str, int]] = {}
    at_us: int = YEAR_1970_US

    def token(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, token: str | None) -> FeedState:
        """Raises ConfigError for a token of another kind of source."""
        if token is None:
            return cls()
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.MsgspecError as error:
            raise ConfigError(f"{token[:80]!r} is no position in a feed; start without the checkpoint") from error


def clock_us() -> int:
    """The time now, in UTC microseconds."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """Asks `url` every `poll_s` until told to `stop`; each asking gives one batch, empty when nothing is new.

    `client` and `now_us` are what a test replaces; `manners` are shared by all that ask the same hosts. A revised
    advert comes again with the next revision.
    """

    url: str
    register: SourceRegister
    poll_s: float = POLL_S
    stopping: Event = field(default_factory=Event)
    client: Callable[[], httpx.Client] = open_client
    manners: Manners = field(default_factory=Manners)
    now_us: Callable[[], int] = clock_us

    @property
    def name(self) -> str:
        return f"feed:{self.url}"[:256]

    @property
    def live(self) -> bool:
        return True

    def total(self) -> int | None:
        return None

    def stop(self) -> None:
        """End `batches` soon, from any thread."""
        self.stopping.set()

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the host is away, ConfigError when it is not in the register."""
        entry, state = self.register.entry(self.url), FeedState.of(after)
        with self.client() as client:
            asker = Asker(client=client, register=self.register, manners=self.manners, stopping=self.stopping)
            while not self.stopping.is_set():
                try:
                    batch, state = self.poll(asker, entry, state)
                except EdgeDown:
                    if self.stopping.is_set():
                        return
                    raise
                yield batch
                self.stopping.wait(self.poll_s)

    def poll(self, asker: Asker, entry: SourceEntry, state: FeedState) -> tuple[Batch, FeedState]:
        """One asking."""
        try:
            answer = asker.feed(self.url, etag=state.etag, modified=state.modified)
        except BadRecord as error:
            letter = feed_letter(self.name, self.url, error, str(error), state.at_us)
            return Batch(position=state.token(), dead_letters=(letter,), caught_up=True), state
        if answer.body is None:
            return Batch(position=state.token(), caught_up=True), state
        return read_answer(answer, answer.body, self.name, entry, state, self.now_us())


def read_answer(
    answer: Fetched, body: bytes, source: str, entry: SourceEntry, state: FeedState, now_us: int
) -> tuple[Batch, FeedState]:
    """The new and changed adverts of one answer, and the state behind it. Pure."""
    entries, faults = parse_feed(body, answer.charset)
    letters = [feed_letter(source, f"{source}: answer", fault, body, state.at_us) for fault in faults]
    known = dict(state.seen)
    listings: list[Listing] = []
    for number, found in enumerate(entries, 1):
        key = sha256(found.entry_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        revision = next_revision(found, key, known)
        if revision is None:
            continue
        known.pop(key, None)
        known[key] = (found.digest, revision)
        try:
            listings.append(listing_of(found, entry, revision, now_us))
        except BadRecord as error:
            payload = f"{found.posted}\n{found.title}\n{found.text}"
            letters.append(feed_letter(source, f"{source}: entry {number}", error, payload, state.at_us))
    listings.sort(key=lambda listing: listing.at_us)
    newest = max([state.at_us, *(listing.at_us for listing in listings)])
    after = FeedState(etag=answer.etag, modified=answer.modified, seen=recent(known), at_us=newest)
    batch = Batch(position=after.token(), listings=tuple(listings), dead_letters=tuple(letters), caught_up=True)
    return batch, after


def recent(known: Mapping[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """The newest REMEMBERED adverts: the token must not grow for ever."""
    return dict(list(known.items())[-REMEMBERED:])


def next_revision(found: Entry, key: str, seen: Mapping[str, tuple[str, int]]) -> int | None:
    """0 for a new advert, one more for changed words, None for words already seen."""
    before = seen.get(key)
    if before is None:
        return 0
    return None if before[0] == found.digest else before[1] + 1


def listing_of(found: Entry, entry: SourceEntry, revision: int, now_us: int) -> Listing:
    """An advert without a time is dated by when it was first seen. Raises BadRecord("bad-time")."""
    stamp = found.posted or found.changed if revision == 0 else found.changed
    at_us = feed_time_us(stamp) if stamp else now_us
    if not YEAR_1970_US <= at_us <= min(now_us + FUTURE_US, YEAR_2200_US):
        raise BadRecord("bad-time", f"{stamp[:60]!r} is before 1970 or in the future")
    return Listing(
        source=entry.name,
        listing_id=found.entry_id,
        revision=revision,
        kind=entry.kind,
        at_us=at_us,
        seen_us=now_us,
        title=found.title,
        text=found.text,
    )


def feed_letter(source: str, place: str, error: BadRecord, payload: bytes | str, at_us: int) -> DeadLetter:
    """The dead letter of a feed or of one entry."""
    return dead_letter(
        source=source,
        place=place,
        reason=error.reason,
        message=str(error),
        payload=payload,
        at_us=at_us,
        record=name_of(Listing),
    )
