"""A feed, asked for with the crawl's manners: only registered hosts, robots.txt first, at the host's pace, conditional.

There is no switch for any of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from urllib.parse import urljoin, urlsplit

import httpx

from manumit.connectors.listings.asking import OK, Answered, ask
from manumit.connectors.listings.pace import REFUSES_US, Pace, wait_s
from manumit.connectors.listings.register import SourceEntry, SourceRegister, agent_of
from manumit.connectors.listings.robots import LARGEST_ROBOTS, REMEMBERED_S, ROBOTS_REDIRECTS, Robots, robots_of
from manumit.schemas.errors import BadRecord, ConfigError, EdgeDown

LARGEST_FEED = 8 << 20
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
NOT_MODIFIED = 304
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/x-ndjson, "
    "application/xml;q=0.9, */*;q=0.1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """`body` is None when the feed has not changed since the given marks."""

    body: bytes | None
    charset: str
    etag: str
    modified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What is remembered of hosts between asks: the pace of each, its robots.txt and until when that holds.

    One for all feeds and crawls of a process; from any thread.
    """

    clock: Callable[[], float] = time.monotonic
    paces: dict[str, Pace] = field(default_factory=dict)
    robots: dict[str, tuple[Robots, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def pace(self, netloc: str) -> Pace:
        """The same object for everyone who asks this host, whatever the port and spelling."""
        host = (urlsplit(f"//{netloc}").hostname or netloc).lower()
        with self.lock:
            return self.paces.setdefault(host, Pace(self.clock))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """One who asks: with a client, only hosts of `register`, until told to stop."""

    client: httpx.Client
    register: SourceRegister
    manners: Manners
    stopping: Event = field(default_factory=Event)

    def feed(self, url: str, *, etag: str = "", modified: str = "") -> Fetched:
        """Raises EdgeDown when the host is away, refuses, or wants to be left alone; BadRecord for an answer too
        large or broken, a feed that robots.txt does not want read, a host that leads to an address that is not
        public, or a redirect out of the register; ConfigError for such a URL."""
        marks = {"If-None-Match": etag, "If-Modified-Since": modified}
        more = {"Accept": ACCEPT} | {name: value for name, value in marks.items() if value}
        entry = self.register.entry(url)
        for _ in range(REDIRECTS + 1):
            delay_s = self._allowed(url, entry)
            answer = self._ask(url, entry, delay_s, more, LARGEST_FEED)
            if answer.status not in MOVED or not answer.headers.get("location"):
                return self._read(url, answer)
            url = moved_to(url, answer)
            entry = self._redirected(url)
        raise EdgeDown(f"{url}: more than {REDIRECTS} redirects")

    def _redirected(self, url: str) -> SourceEntry:
        """What a site says must not end a run, so it is a refused answer."""
        try:
            return self.register.entry(url)
        except ConfigError as error:
            raise BadRecord("refused-address", f"the feed redirects where it must not: {error}") from error

    def _allowed(self, url: str, entry: SourceEntry) -> float:
        """Seconds between asks. Raises BadRecord("robots"), EdgeDown when robots.txt cannot be reached."""
        root = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        robots, until_s = self.manners.robots.get(root, (Robots(), 0.0))
        if until_s <= self.manners.clock():
            robots = self._robots(root, entry)
            self.manners.robots[root] = robots, self.manners.clock() + REMEMBERED_S
        if not robots.allows(url):
            raise BadRecord("robots", "robots.txt does not want it read")
        return max(entry.delay_s, robots.delay_s)

    def _robots(self, root: str, entry: SourceEntry) -> Robots:
        url = f"{root}/robots.txt"
        for _ in range(ROBOTS_REDIRECTS + 1):
            try:
                answer = self._ask(url, entry, entry.delay_s, {}, LARGEST_ROBOTS)
            except BadRecord as error:
                if error.reason == "refused-address":
                    raise
                raise EdgeDown(f"{root}: robots.txt cannot be read ({error})") from error
            if answer.status not in MOVED or not answer.headers.get("location"):
                break
            url = moved_to(url, answer)
            if "{0.scheme}://{0.netloc}".format(urlsplit(url)) != root:
                raise EdgeDown(f"{root}: robots.txt has moved to another host")
        robots = robots_of(answer.status, answer.body)
        if robots is None:
            raise EdgeDown(f"{root}: robots.txt: HTTP {answer.status}")
        return robots

    def _ask(self, url: str, entry: SourceEntry, delay_s: float, more: dict[str, str], largest: int) -> Answered:
        """At the host's pace; a host that refuses is left alone for as long as it says."""
        pace = self.manners.pace(urlsplit(url).netloc)
        if not pace.turn(delay_s, self.stopping):
            raise EdgeDown(f"{url}: not asked, the program ends")
        headers = {"User-Agent": agent_of(entry)} | more
        answer = ask(self.client, url, headers, loopback=entry.test_only_loopback, largest=largest)
        is_robots = urlsplit(url).path == "/robots.txt"
        if answer.status >= 429 or (answer.status in REFUSES_US and not is_robots):
            pace.hold(wait_s(answer.status, answer.headers.get("retry-after", "")))
        return answer

    def _read(self, url: str, answer: Answered) -> Fetched:
        if answer.status not in (OK, NOT_MODIFIED):
            raise EdgeDown(f"{url}: HTTP {answer.status}")
        return Fetched(
            body=answer.body if answer.status == OK else None,
            charset=answer.charset,
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
        )


def moved_to(url: str, answer: Answered) -> str:
    """Raises BadRecord("refused-address") for what is no URL."""
    try:
        found = urljoin(url, answer.headers["location"])
        urlsplit(found)
    except ValueError as error:
        raise BadRecord("refused-address", f"redirects to what is no address ({error})") from error
    return found
