"""A registered host as a live source: its pages are asked one by one, and each answer is a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from msgspec.structs import replace

from manumit.connectors.contract import Batch
from manumit.connectors.listings.crawling.frames import Answer, Ask, Away, Listed, Pictured, Read, Refused, Setup
from manumit.connectors.listings.crawling.frontier import Frontier, Page
from manumit.connectors.listings.crawling.seal import Seal
from manumit.connectors.listings.crawling.visits import SECOND_US, Visits, digest_of, first_kind
from manumit.connectors.listings.crawling.worker import Died, Worker
from manumit.connectors.listings.feed import clock_us
from manumit.connectors.listings.links import own_link
from manumit.connectors.listings.pace import Pace
from manumit.connectors.listings.register import CrawlRules, SourceEntry, SourceRegister, agent_of
from manumit.schemas.errors import ConfigError, EdgeDown

LONGEST_NAP_S = 60.0
STRIKES = 3  # pages in a row without an answer: the host is away
NEWEST, WAITS, ASKED = "newest_us", "waits_until_us", "asked_us"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSource:
    """Reads one host from `starts` (pages or sitemaps) until told to `stop`; never ends by itself.

    `folder` holds the frontier, sealed under `key` (that of contact tokens); `now_us` is what a test replaces;
    `quiet` makes an address one that tells nobody, for dead letters; `pace` is shared by all that ask the host.
    """

    starts: Sequence[str]
    register: SourceRegister
    folder: Path
    key: Callable[[], bytes]
    now_us: Callable[[], int] = clock_us
    quiet: Callable[[str], str] = str
    pace: Pace = field(default_factory=Pace)
    stopping: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)
    workers: list[Worker] = field(default_factory=list)

    @property
    def netloc(self) -> str:
        return urlsplit(self.starts[0]).netloc

    @property
    def name(self) -> str:
        return f"crawl:{self.netloc}"[:256]

    @property
    def live(self) -> bool:
        return True

    @property
    def file(self) -> Path:
        """Of the frontier."""
        return self.folder / f"{self.netloc.replace(':', '_')}.sqlite"

    def total(self) -> int | None:
        return None

    def stop(self) -> None:
        """End `batches` soon, from any thread."""
        self.stopping.set()
        for worker in tuple(self.workers):
            worker.end()

    def checked(self) -> tuple[SourceEntry, CrawlRules]:
        """The register's entry. Raises ConfigError for a host that is not in it, or may not be crawled."""
        entries = {id(entry): entry for entry in map(self.register.entry, self.starts)}
        if len(entries) != 1:
            raise ConfigError(f"{self.name}: one crawl reads one host")
        (entry,) = entries.values()
        if entry.crawl is None:
            raise ConfigError(f"{entry.host}: its entry in the source register has no [source.crawl]: add what to read")
        return entry, entry.crawl

    def setup(self) -> Setup:
        """What the crawl's process is told."""
        entry, rules = self.checked()
        return Setup(
            netloc=self.netloc,
            agent=agent_of(entry),
            delay_s=rules.delay_s,
            loopback=entry.test_only_loopback,
            selectors={str(part): selector for part, selector in rules.selectors.items()},
            photos=rules.room_photos,
        )

    def look(self) -> str:
        """Ask the first page once, as `batches` would, and say what came. Raises EdgeDown when nothing did."""
        worker = Worker(self.setup())
        try:
            answer = worker.ask(Ask(url=self.starts[0], kind=first_kind(self.starts[0])), 0.0)
        finally:
            worker.close()
        match answer:
            case Listed():
                return f"the sitemap lists {len(answer.pages)} pages and {len(answer.sitemaps)} sitemaps"
            case Read():
                return f"the first page has {len(answer.links)} links of its own host"
            case Away() | Refused():
                raise EdgeDown(f"{self.netloc}: {answer.message}")
        raise EdgeDown(f"{self.starts[0]}: no such page any more, or it has moved; correct `crawls`")

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the host is away or wants to be left alone, ConfigError as `checked` or for a
        position or frontier of another crawl."""
        self.checked()
        frontier = Frontier(self.file, _step(after), Seal(self.key()))
        worker = Worker(self.setup())
        self.workers.append(worker)
        try:
            yield from self._batches(frontier, worker)
        finally:
            self.workers.remove(worker)
            worker.close()
            frontier.close()

    def _batches(self, frontier: Frontier, worker: Worker) -> Iterator[Batch]:
        unknown = [url for url in self.starts if frontier.get(url) is None]
        if unknown:
            with frontier.stepping():
                visits = self._visits(frontier)
                for url in unknown:
                    visits.start(url)
        yield from self._held_off(frontier)
        strikes = 0
        while not self.stopping.is_set():
            page = frontier.next_due(self.now_us())
            if page is None:
                yield Batch(position=str(frontier.step), caught_up=True)
                self._nap(frontier)
                continue
            answer = self._with_photos(frontier, worker, page, self._ask(frontier, worker, page))
            if self.stopping.is_set():
                return
            strikes = strikes + 1 if isinstance(answer, Away) else 0
            if isinstance(answer, Away) and (answer.whole_host or strikes == STRIKES):
                frontier.set_mark(WAITS, self.now_us() + round(answer.wait_s * SECOND_US))
                self.pace.hold(answer.wait_s)
                raise EdgeDown(f"{self.netloc}: {answer.message}")
            yield self._taken(frontier, page, answer)

    def _held_off(self, frontier: Frontier) -> Iterator[Batch]:
        """The host said until when it wants to be left alone: raises EdgeDown. Others need not wait for it, and a
        start does not fail by it, so the first time there is an empty batch."""
        left_us = frontier.mark(WAITS) - self.now_us()
        if left_us > 0:
            if not self.begun.is_set():
                self.begun.set()
                yield Batch(position=str(frontier.step), caught_up=True)
            raise EdgeDown(f"{self.netloc}: asked to be left alone for {left_us // SECOND_US + 1} s more")
        self.begun.set()
        self.stopping.wait(self._left_s(frontier))

    def _left_s(self, frontier: Frontier) -> float:
        """What is left of the delay since the last request: a restart is no reason to hurry."""
        _, rules = self.checked()
        since_s = (self.now_us() - frontier.mark(ASKED)) / SECOND_US
        return min(max(0.0, rules.delay_s - since_s), rules.delay_s)

    def _nap(self, frontier: Frontier) -> None:
        left_s = (frontier.first_due_us() - self.now_us()) / SECOND_US
        self.stopping.wait(min(max(left_s, 0.0), LONGEST_NAP_S))

    def _ask(self, frontier: Frontier, worker: Worker, page: Page) -> Answer:
        """A page on which the process dies twice is refused: it must not stop the others."""
        _, rules = self.checked()
        self.pace.turn(max(rules.delay_s, worker.delay_s), self.stopping)
        frontier.set_mark(ASKED, self.now_us())
        try:
            return worker.ask(Ask(url=page.url, kind=page.kind, etag=page.etag, modified=page.modified), rules.delay_s)
        except Died as error:
            worker.close()
            if page.fails and not self.stopping.is_set():
                return Refused(reason="malformed", message="the process that read it ended")
            return Away(message=str(error), whole_host=False)

    def _with_photos(self, frontier: Frontier, worker: Worker, page: Page, answer: Answer) -> Answer:
        """A new or changed advert with hashes of its dwelling's photographs, each asked for as a page is.

        Only where the register says so, and only from the advert's own host. One that cannot be had is left out.
        """
        entry, rules = self.checked()
        wanted = rules.room_photos and entry.kind == "rental" and isinstance(answer, Read) and answer.advert
        if not wanted or not isinstance(answer, Read) or digest_of(wanted) == page.digest:
            return answer
        links = (own_link(page.url, picture, self.netloc) for picture in wanted.pictures)
        asked = [self._photo(frontier, worker, link) for link in dict.fromkeys(filter(None, links))]
        return replace(answer, advert=replace(wanted, photos=tuple(dict.fromkeys(filter(None, asked)))))

    def _photo(self, frontier: Frontier, worker: Worker, url: str) -> str:
        """Its hash, "" where it cannot be had."""
        _, rules = self.checked()
        if self.stopping.is_set():
            return ""
        frontier.set_mark(ASKED, self.now_us())
        try:
            answer = worker.ask(Ask(url=url, kind="photo"), rules.delay_s)
        except Died:
            worker.close()
            return ""
        return answer.photo if isinstance(answer, Pictured) else ""

    def _visits(self, frontier: Frontier) -> Visits:
        entry, rules = self.checked()
        last_us = frontier.mark(NEWEST)
        now_us = max(self.now_us(), last_us)
        return Visits(
            source=self.name,
            entry=entry,
            rules=rules,
            frontier=frontier,
            now_us=now_us,
            last_us=last_us,
            quiet=self.quiet,
        )

    def _taken(self, frontier: Frontier, page: Page, answer: Answer) -> Batch:
        with frontier.stepping():
            visits = self._visits(frontier)
            visits.take(page, answer)
            if visits.listings:
                frontier.set_mark(NEWEST, visits.now_us)
        return Batch(
            position=str(frontier.step),
            listings=tuple(visits.listings),
            dead_letters=tuple(visits.letters),
            caught_up=True,
        )


def _step(after: str | None) -> int | None:
    if after is not None and not (after.isascii() and after.isdigit()):
        raise ConfigError(f"{after[:80]!r} is no position in a crawl; start without the checkpoint")
    return None if after is None else int(after)
