"""One polite HTTP request for a feed: conditional, bounded in size and time, only to registered hosts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from manumit.connectors.files.stream import inflate
from manumit.connectors.listings.addresses import checked_address
from manumit.connectors.listings.register import SourceEntry, SourceRegister
from manumit.schemas.errors import BadRecord, ConfigError, EdgeDown

LARGEST_FEED = 8 << 20
ONE_READ_S = 10.0
WHOLE_ANSWER_S = 60.0
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
NOT_MODIFIED, OK = 304, 200
HEADERS = {
    "User-Agent": "manumit (feed reader)",
    "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip, identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """`body` is None when the feed has not changed since the given marks."""

    body: bytes | None
    charset: str
    etag: str
    modified: str


def open_client() -> httpx.Client:
    """A client that follows nothing by itself and asks no proxy: a proxy would connect to what it likes."""
    return httpx.Client(timeout=ONE_READ_S, follow_redirects=False, trust_env=False)


def fetch(client: httpx.Client, url: str, register: SourceRegister, *, etag: str, modified: str) -> Fetched:
    """Raises EdgeDown when the host is away or refuses; BadRecord for an answer too large or broken, a host that leads
    to an address that is not public, or a redirect to a host outside the register; ConfigError for such a URL."""
    marks = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = HEADERS | {name: value for name, value in marks.items() if value}
    entry = register.entry(url)
    for _ in range(REDIRECTS + 1):
        answer, moved_to = ask(client, url, headers, loopback=entry.test_only_loopback)
        if answer is not None:
            return answer
        url = urljoin(url, moved_to)
        entry = redirected(url, register)
    raise EdgeDown(f"{url}: more than {REDIRECTS} redirects")


def redirected(url: str, register: SourceRegister) -> SourceEntry:
    """What a site says must not end a run, so it is a refused answer."""
    try:
        return register.entry(url)
    except ConfigError as error:
        raise BadRecord("refused-address", f"the feed redirects where it must not: {error}") from error


def ask(client: httpx.Client, url: str, headers: dict[str, str], *, loopback: bool) -> tuple[Fetched | None, str]:
    """The answer, or where the feed has moved to. Connects to the address that was checked, whatever the name
    says a moment later; TLS is held against the name."""
    try:
        named = httpx.URL(url)
        port = named.port or (443 if named.scheme == "https" else 80)
        address = checked_address(named.host, port, loopback=loopback)
        told = headers | {"Host": named.netloc.decode("ascii")}
        with client.stream(
            "GET", named.copy_with(host=address), headers=told, extensions={"sni_hostname": named.host}
        ) as response:
            if response.status_code in MOVED and response.headers.get("location"):
                return None, response.headers["location"]
            return read(response, url), ""
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise EdgeDown(f"{url}: {type(error).__name__}: {error}") from error


def read(response: httpx.Response, url: str) -> Fetched:
    """The body of an answer. Raises EdgeDown for any status but 200 and 304, BadRecord for a body too large."""
    if response.status_code not in (OK, NOT_MODIFIED):
        raise EdgeDown(f"{url}: HTTP {response.status_code}")
    body = b"".join(bounded(chunks(response, url))) if response.status_code == OK else None
    return Fetched(
        body=body,
        charset=response.charset_encoding or "",
        etag=response.headers.get("etag", ""),
        modified=response.headers.get("last-modified", ""),
    )


def chunks(response: httpx.Response, url: str) -> Iterator[bytes]:
    """Decoded bytes. Our own inflater bounds each step, httpx's would not."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise EdgeDown(f"{url}: answers in {encoding!r}, which was not asked for")
    raw = response.iter_raw()
    return inflate(raw) if "gzip" in encoding else raw


def bounded(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Raises BadRecord above LARGEST_FEED bytes, EdgeDown after WHOLE_ANSWER_S."""
    size, until = 0, time.monotonic() + WHOLE_ANSWER_S
    for part in parts:
        size += len(part)
        if size > LARGEST_FEED:
            raise BadRecord("malformed", f"the feed is larger than {LARGEST_FEED} bytes")
        if time.monotonic() > until:
            raise EdgeDown(f"the feed took longer than {WHOLE_ANSWER_S} s")
        yield part
