"""robots.txt, crawl-delay, honest headers and careful unpacking: Scrapy downloader middleware without switches."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from manumit.connectors.listings.crawling.frames import Slower
from manumit.connectors.listings.robots import (
    LARGEST_ROBOTS,
    LONGEST_DELAY_S,
    REMEMBERED_S,
    ROBOTS_REDIRECTS,
    Robots,
    robots_of,
)

LARGEST_RATIO = 200  # text is packed about 1:10, and 1:100 at the very most
RATIO_FROM_BYTES = 65_536
AT_A_TIME = 65_536
GZIP_WINDOW = 31
ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, text/plain;q=0.5"
ACCEPT_PHOTO = "image/jpeg, image/png, image/webp"


class Unwanted(IgnoreRequest):  # type: ignore[misc]  # Scrapy's types are not read
    """The page is not to be read; `reason` is one of a dead letter."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class HostAway(IgnoreRequest):  # type: ignore[misc]  # Scrapy's types are not read
    """The host cannot be asked for now."""


UNREADABLE = (Unwanted, DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError)


@dataclass(frozen=True, slots=True)
class Rules:
    """A host's robots.txt, and until when (monotonic seconds) it holds."""

    robots: Robots
    until_s: float


class RobotsMiddleware:
    """Every request waits for robots.txt; its delay becomes that of the host when it is longer than ours."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._delay_s = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._told_s = self._delay_s
        self._known: dict[str, Rules] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> RobotsMiddleware:
        """As Scrapy makes its middleware."""
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        """Raises Unwanted or HostAway."""
        if isinstance(request, RobotsRequest):
            return
        parts = urlsplit(request.url)
        root = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(root)
        if known is None or known.until_s < time.monotonic():
            robots = await self._ask(root)
            known = self._known[root] = Rules(robots, time.monotonic() + REMEMBERED_S)
        self._check(known.robots, request.url)

    async def _ask(self, root: str) -> Robots:
        url = f"{root}/robots.txt"
        for _ in range(ROBOTS_REDIRECTS + 1):
            try:
                response = await self._crawler.engine.download_async(RobotsRequest(url))
            except UNREADABLE as error:
                raise HostAway(f"robots.txt cannot be read ({type(error).__name__})") from error
            if not 300 <= response.status < 400 or not response.headers.get("Location"):
                break
            url = urljoin(url, response.headers["Location"].decode("latin-1"))
            if "{0.scheme}://{0.netloc}".format(urlsplit(url)) != root:
                raise HostAway("robots.txt has moved to another host")
        robots = robots_of(response.status, response.body)
        if robots is None:
            raise HostAway(f"robots.txt: HTTP {response.status}")
        return robots

    def _check(self, robots: Robots, url: str) -> None:
        if not robots.allows(url):
            raise Unwanted("robots", "robots.txt does not want it read")
        self._slow_down(min(max(self._delay_s, robots.delay_s), LONGEST_DELAY_S))

    def _slow_down(self, delay_s: float) -> None:
        """Scrapy waits as long between any two requests to the host: those it queued already, and the next ones."""
        if delay_s not in (self._delay_s, self._told_s):
            self._crawler.spider.say(Slower(delay_s=delay_s))
            self._told_s = delay_s
        downloader = self._crawler.engine.downloader
        for settings in downloader.per_slot_settings.values():
            settings["delay"] = delay_s
        for slot in downloader.slots.values():
            slot.delay = delay_s


class RobotsRequest(Request):  # type: ignore[misc]  # Scrapy's types are not read
    """The only request that needs no robots.txt: for robots.txt itself. It is no flag that a page could set."""

    def __init__(self, url: str) -> None:
        super().__init__(url, dont_filter=True, meta={"download_maxsize": LARGEST_ROBOTS})


class PlainMiddleware:
    """Says who asks, asks for gzip or nothing, and unpacks in bounded steps."""

    def __init__(self, crawler: Any) -> None:
        self._agent = crawler.settings["USER_AGENT"]
        self._timeout_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")

    @classmethod
    def from_crawler(cls, crawler: Any) -> PlainMiddleware:
        """As Scrapy makes its middleware."""
        return cls(crawler)

    def process_request(self, request: Any) -> None:
        """Overwrites what anybody else asked for."""
        request.headers["User-Agent"] = self._agent
        ask = request.meta.get("ask")
        request.headers["Accept"] = ACCEPT_PHOTO if ask is not None and ask.kind == "photo" else ACCEPT
        request.headers["Accept-Encoding"] = "gzip, identity"
        request.meta["download_timeout"] = self._timeout_s

    def process_response(self, request: Any, response: Any) -> Any:
        """The response with the body as the site wrote it. Raises Unwanted("too-large") for a bomb."""
        encoding = b",".join(response.headers.getlist("Content-Encoding")).strip().lower().decode("latin-1")
        if encoding in ("", "identity"):
            return response
        if encoding not in ("gzip", "x-gzip"):
            raise Unwanted("malformed", f"answers in {encoding[:40]!r}, which was not asked for")
        body = unpacked(response.body, request.meta["download_maxsize"])
        del response.headers["Content-Encoding"]
        return response.replace(body=body)


def unpacked(raw: bytes, largest: int) -> bytes:
    """Gzip to bytes. Raises Unwanted above `largest` bytes or LARGEST_RATIO, before they are all made."""
    inflater, found, size = zlib.decompressobj(GZIP_WINDOW), [], 0
    rest = raw
    while rest and not inflater.eof:
        try:
            part = inflater.decompress(rest, AT_A_TIME)
        except zlib.error as error:
            raise Unwanted("truncated", f"the gzip data are broken ({error})") from error
        rest = inflater.unconsumed_tail
        size += len(part)
        used = len(raw) - len(rest)
        if size > largest or (size > RATIO_FROM_BYTES and size > LARGEST_RATIO * used):
            raise Unwanted("too-large", f"{used} bytes swell to more than {size}")
        found.append(part)
    if not inflater.eof:
        raise Unwanted("truncated", "the gzip data end before their end mark")
    return b"".join(found)
