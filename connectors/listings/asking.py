"""One HTTP request in this process: to a checked address, bounded in size and time, following nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from manumit.connectors.files.stream import inflate
from manumit.connectors.listings.addresses import checked_address
from manumit.schemas.errors import BadRecord, EdgeDown

ONE_READ_S = 10.0
WHOLE_ANSWER_S = 60.0
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`body` is empty but for status 200; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    charset: str


def open_client() -> httpx.Client:
    """A client that follows nothing by itself and asks no proxy: a proxy would connect to what it likes."""
    return httpx.Client(timeout=ONE_READ_S, follow_redirects=False, trust_env=False)


def ask(client: httpx.Client, url: str, headers: Mapping[str, str], *, loopback: bool, largest: int) -> Answered:
    """Connects to the address that was checked, whatever the name says a moment later; TLS is held against the name.

    Raises EdgeDown when the host is away, BadRecord("refused-address"), BadRecord("malformed") above `largest` bytes.
    """
    try:
        named = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise EdgeDown(f"{url}: {error}") from error
    try:
        port = named.port or (443 if named.scheme == "https" else 80)
        address = checked_address(named.host, port, loopback=loopback)
        told = {**headers, "Accept-Encoding": "gzip, identity", "Host": named.netloc.decode("ascii")}
        with client.stream(
            "GET", named.copy_with(host=address), headers=told, extensions={"sni_hostname": named.host}
        ) as response:
            return Answered(
                status=response.status_code,
                headers=dict(response.headers),
                body=b"".join(_bounded(_chunks(response, url), largest)) if response.status_code == OK else b"",
                charset=response.charset_encoding or "",
            )
    except httpx.InvalidURL as error:  # httpx looks at where a redirect leads, even when it follows none
        raise BadRecord("refused-address", f"redirects to what is no address ({error})") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        if "location header" in str(error):
            raise BadRecord("refused-address", f"redirects to what is no address ({error})") from error
        raise EdgeDown(f"{url}: {type(error).__name__}: {error}") from error


def _chunks(response: httpx.Response, url: str) -> Iterator[bytes]:
    """Decoded bytes. Our own inflater bounds each step, httpx's would not."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise EdgeDown(f"{url}: answers in {encoding!r}, which was not asked for")
    raw = response.iter_raw()
    return inflate(raw) if "gzip" in encoding else raw


def _bounded(parts: Iterator[bytes], largest: int) -> Iterator[bytes]:
    """Raises BadRecord above `largest` bytes, EdgeDown after WHOLE_ANSWER_S."""
    size, until = 0, time.monotonic() + WHOLE_ANSWER_S
    for part in parts:
        size += len(part)
        if size > largest:
            raise BadRecord("malformed", f"the answer is larger than {largest} bytes")
        if time.monotonic() > until:
            raise EdgeDown(f"the answer took longer than {WHOLE_ANSWER_S} s")
        yield part
