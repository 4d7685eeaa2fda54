"""The crawl's own process: asks come in on stdin, answers go out on stdout, and nothing else leaves it.

One host, one request at a time, no cookies, no referrer, no proxies, no redirects, no retries, no log; pages live in
memory until they are read. Run as `python -B -m manumit.connectors.listings.crawling.child`.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
import scrapy
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadConnectionRefusedError
from scrapy.utils.reactor import install_reactor

from manumit.connectors.listings.crawling.budget import Overrun, within
from manumit.connectors.listings.crawling.frames import (
    LARGEST_FRAME,
    LENGTH,
    Answer,
    Ask,
    Away,
    Gone,
    Listed,
    Moved,
    Pictured,
    Read,
    Refused,
    Setup,
    Slower,
    Unchanged,
    packed,
)
from manumit.connectors.listings.crawling.guard import LOOPBACK, lock_process
from manumit.connectors.listings.crawling.manners import HostAway, Unwanted, unpacked
from manumit.connectors.listings.crawling.pages import LARGEST_PAGE, NO_PICTURES, UNWANTED, read_page
from manumit.connectors.listings.pace import REFUSES_US, wait_s
from manumit.connectors.listings.sitemap import parse_sitemap
from manumit.schemas.errors import BadRecord

HERE = "manumit.connectors.listings.crawling"
ADVERT_CPU_S = 0.04  # the call that is running then ends first: within 50 ms all told
PHOTO_CPU_S = 0.25
SITEMAP_CPU_S = 10.0
LARGEST_SITEMAP = 16 << 20
TIMEOUT_S = 60.0
NO_ROBOTS_WAIT_S = 60.0
NO_HOST = (CannotResolveHostError, DownloadConnectionRefusedError)
FIRST_PAGE = b"<html><head><title>Cook</title></head><body><p>" + b"A cook is wanted at the harbour kitchen. " * 8


class Reader(scrapy.Spider):  # type: ignore[misc]  # Scrapy's types are not read
    """Turns asks into requests and responses into answers."""

    name = "manumit"

    def __init__(self, setup: Setup, out: int) -> None:
        super().__init__()
        self._setup = setup
        self._out = out

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> Reader:
        """As Scrapy makes its spiders."""
        spider: Reader = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.broke, signals.spider_error)
        return spider

    def broke(self, failure: Any, response: Any) -> None:
        """Reading failed in a way nobody thought of: an ask is never left without an answer."""
        digest = sha256(response.body).hexdigest() if response is not None else ""
        said = f"reading it failed ({type(failure.value).__name__})"
        self.say(Refused(reason="malformed", message=said, digest=digest))

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """One request per ask, until stdin ends."""
        stream = asyncio.StreamReader(limit=LARGEST_FRAME)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin.buffer)
        while True:
            try:
                (size,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
                ask = msgspec.msgpack.decode(await stream.readexactly(size), type=Ask)
            except asyncio.IncompleteReadError:
                return
            yield self._request(ask)

    def _request(self, ask: Ask) -> scrapy.Request:
        marks = {"If-None-Match": ask.etag, "If-Modified-Since": ask.modified}
        return scrapy.Request(
            ask.url,
            headers={name: mark for name, mark in marks.items() if mark},
            meta={"ask": ask, "download_maxsize": LARGEST_SITEMAP if ask.kind == "sitemap" else LARGEST_PAGE},
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
        )

    def answered(self, response: Any) -> None:
        """Scrapy's callback."""
        self.say(answer_of(response, response.meta["ask"], self._setup))

    def failed(self, failure: Any) -> None:
        """Scrapy's errback."""
        self.say(self._fault(failure.value, urlsplit(failure.request.url).hostname or ""))

    def _fault(self, error: BaseException, host: str) -> Answer:
        from twisted.internet import reactor

        if isinstance(error, Unwanted):
            return Refused(reason=error.reason, message=str(error))
        if isinstance(error, HostAway):
            return Away(message=str(error), whole_host=True, wait_s=NO_ROBOTS_WAIT_S)
        if isinstance(error, DownloadCancelledError):
            return Refused(reason="too-large", message="more bytes than are read of such a page; cut off")
        refused = reactor.nameResolver.refusals(host)
        if refused and isinstance(error, CannotResolveHostError):
            said = f"{host} leads to {', '.join(refused)}, which is not on the public Internet"
            return Refused(reason="refused-address", message=said)
        return Away(message=type(error).__name__, whole_host=isinstance(error, NO_HOST))  # its text has the address

    def say(self, answer: Answer | Slower) -> None:
        """A frame to the parent."""
        body = packed(answer)
        while body:
            body = body[os.write(self._out, body) :]


def answer_of(response: Any, ask: Ask, setup: Setup) -> Answer:
    """By status, then by what was asked for."""
    status, headers = response.status, response.headers
    if status == 304:
        return Unchanged()
    if status in (404, 410, 451):
        return Gone(status=status)
    if 300 <= status < 400 and headers.get("Location"):
        return Moved(to=_header(headers, "Location")[:2_100])
    if status in REFUSES_US or status >= 500:
        return Away(
            message=f"HTTP {status}",
            whole_host=status in REFUSES_US,
            wait_s=wait_s(status, _header(headers, "Retry-After")),
        )
    if status != 200:
        return Refused(reason="no-advert", message=f"HTTP {status}")
    try:
        return _read(response, ask, setup)
    except BadRecord as error:
        reason, message = error.reason, str(error)
    except Unwanted as error:
        reason, message = error.reason, str(error)
    except Overrun:
        allowed_s = PHOTO_CPU_S if ask.kind == "photo" else ADVERT_CPU_S
        reason, message = "too-slow", f"reading it took more than {allowed_s * 1000:.0f} ms of computing"
    return Refused(reason=reason, message=message[:300], digest=sha256(response.body).hexdigest())


def _read(response: Any, ask: Ask, setup: Setup) -> Answer:
    """Raises BadRecord, Unwanted, Overrun."""
    headers = response.headers
    etag, modified = (_header(headers, name)[:400] for name in ("ETag", "Last-Modified"))
    body: bytes = response.body
    if ask.kind == "sitemap":
        raw = unpacked(body, LARGEST_SITEMAP) if body.startswith(b"\x1f\x8b") else body
        with within(SITEMAP_CPU_S):
            found = parse_sitemap(raw)
        return Listed(etag=etag, modified=modified, pages=found.pages, sitemaps=found.sitemaps, fault=found.fault)
    if ask.kind == "photo":
        return _hashed(body, headers)
    kind, _, more = _header(headers, "Content-Type").partition(";")
    if kind.strip().lower() not in ("text/html", "application/xhtml+xml", ""):
        raise BadRecord("no-advert", f"is {kind[:60]!r}, not a page")
    charset = more.partition("charset=")[2].strip(" \"'")
    robots = ",".join(line.decode("latin-1") for line in headers.getlist("X-Robots-Tag"))
    with within(ADVERT_CPU_S):
        page = read_page(
            body,
            response.url,
            charset=charset,
            robots=robots,
            selectors=setup.selectors,
            is_advert=ask.kind == "advert",
        )
    return Read(etag=etag, modified=modified, links=page.links, advert=page.advert)


def _hashed(body: bytes, headers: Any) -> Answer:
    """A photograph as its hash; the body goes with the response. Raises BadRecord, Overrun."""
    from manumit.connectors.listings.crawling.rooms import MEDIA_TYPES, room_hash  # slow, and few crawls want it

    kind = _header(headers, "Content-Type").partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise BadRecord("no-advert", f"is {kind[:60]!r}, not a photograph")
    told = ",".join(line.decode("latin-1") for line in headers.getlist("X-Robots-Tag")).lower()
    if {word.strip() for word in told.split(",")} & {*UNWANTED, *NO_PICTURES}:
        raise BadRecord("robots", "the picture asks not to be read by machines")
    with within(PHOTO_CPU_S):
        return Pictured(room_hash(body))


def _header(headers: Any, name: str) -> str:
    value: bytes = headers.get(name) or b""
    return value.decode("latin-1")


def settings(setup: Setup) -> dict[str, Any]:
    """All that Scrapy is told; nothing from outside adds to it."""
    handler = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
    return {
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "ITEM_PIPELINES_BASE": {},
        "ADDONS": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {
            f"{HERE}.manners.RobotsMiddleware": 100,
            f"{HERE}.manners.PlainMiddleware": 200,
        },
        "DOWNLOAD_HANDLERS_BASE": {"http": handler, "https": handler},
        "TWISTED_DNS_RESOLVER": f"{HERE}.guard.GuardedResolver",
        "DOWNLOAD_SLOTS": {
            urlsplit(f"//{setup.netloc}").hostname: {"concurrency": 1, "delay": setup.delay_s, "jitter": 0}
        },
        "DOWNLOAD_DELAY": setup.delay_s,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_REQUESTS": 1,
        "DOWNLOAD_TIMEOUT": TIMEOUT_S,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": LARGEST_SITEMAP,
        "DOWNLOAD_WARNSIZE": 0,
        "USER_AGENT": setup.agent,
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        LOOPBACK: setup.loopback,
    }


def _exactly(size: int) -> bytes:
    """From stdin, past no buffer: what follows is read by the reactor."""
    found = b""
    while len(found) < size:
        part = os.read(0, size - len(found))
        if not part:
            raise SystemExit(0)
        found += part
    return found


def main() -> None:
    """Until stdin ends."""
    (size,) = LENGTH.unpack(_exactly(LENGTH.size))
    setup = msgspec.msgpack.decode(_exactly(size), type=Setup)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would put pages on the disk
    out = os.dup(1)
    os.dup2(2, 1)  # whoever prints does not break the frames
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    read_page(FIRST_PAGE, "http://x/", charset="", robots="", selectors={}, is_advert=True)  # loads what reading needs
    if setup.photos:
        from manumit.connectors.listings.crawling.rooms import load_pictures

        load_pictures()
    process = AsyncCrawlerProcess(settings(setup))
    process.crawl(Reader, setup=setup, out=out)
    lock_process(loopback=setup.loopback)
    process.start()


if __name__ == "__main__":
    main()
