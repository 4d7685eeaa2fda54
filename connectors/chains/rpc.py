"""Raw JSON-RPC over HTTP: bytes in, with our own retry, failover and rate limit.

web3's retry ignores Retry-After, never retries -32005 and leaves eth_getBlockReceipts out, so it is not used here.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

import httpx
import msgspec

from manumit.schemas.errors import ConfigError, EdgeDown

FaultKind = Literal["away", "limited", "timeout", "too-large", "refused", "garbled", "not-yet"]
Call = tuple[str, Sequence[object]]
NEVER: frozenset[FaultKind] = frozenset()

TOO_LARGE_WORDS = ("too many", "more than", "range", "limit", "exceed", "size", "timeout", "timed out", "too wide")
LIMITED_CODES = frozenset({-32005, -32016, 429})
UNKNOWN_METHOD = -32601
RESPONSE_TOO_LARGE = -32003
STARTING = -28  # bitcoind reads its index
MOST_BYTES = 256 * 2**20


class NodeFault(EdgeDown):
    """One failed question. `wait_s` is what the node asked for; `code` and `data` are JSON-RPC's own."""

    def __init__(self, kind: FaultKind, message: str, *, wait_s: float = 0.0, code: int = 0, data: object = None):
        super().__init__(message)
        self.kind = kind
        self.wait_s = wait_s
        self.code = code
        self.data = data


class RpcError(msgspec.Struct, frozen=True):
    """The `error` of a JSON-RPC reply."""

    code: int = 0
    message: str = ""
    data: object = None


class Reply(msgspec.Struct, frozen=True):
    """A JSON-RPC reply whose result stays undecoded."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: RpcError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patiently and how fast a node is asked.

    `attempts` questions over all endpoints before giving up; waits grow from `first_s` to `longest_s`,
    times 0.5 to 1.0 by `jitter`; a node asking for more than `patience_s` is away. `calls_per_s` and
    `burst` are the token bucket. `jitter` gives [0, 1), `now` monotonic seconds; `sleep` is for tests.
    """

    attempts: int = 6
    first_s: float = 0.25
    longest_s: float = 30.0
    patience_s: float = 300.0
    timeout_s: float = 10.0
    calls_per_s: float = 200.0
    burst: float = 200.0
    jitter: Callable[[], float] = random.random
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None


class Endpoint:
    """One URL and how it has behaved. Its name leaves out path and user: providers put keys there."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError("a node url must be http:// or https:// with a host; check [[nodes]] url")
        self.url = url
        self.name = parts.hostname + (f":{parts.port}" if parts.port else "")
        self.failures = 0
        self.lies = 0
        self.ready_at = 0.0


class Rpc:
    """Questions to one chain's endpoints, the first ready one in order. For one thread.

    Raises NodeFault (an EdgeDown) after `pace.attempts` failures, or at once for a kind in `unless`;
    ConfigError when the node refuses the key or lacks a method.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        pace: Pace | None = None,
        stop: threading.Event | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not urls:
            raise ConfigError("a node needs at least one url; set [[nodes]] url")
        self.pace = pace or Pace()
        self.stop = stop or threading.Event()
        self.endpoints = [Endpoint(url) for url in urls]
        self._last = self.endpoints[0]
        self._tokens = self.pace.burst
        self._filled_at = self.pace.now()
        headers = {"content-type": "application/json"}
        # Reading the certificate store takes 0.1 s, for nothing without TLS; redirects are not followed.
        speaks_tls = any(endpoint.url.startswith("https") for endpoint in self.endpoints)
        self._http = httpx.Client(timeout=self.pace.timeout_s, headers=headers, transport=transport, verify=speaks_tls)

    def call(self, method: str, *params: object, unless: frozenset[FaultKind] = NEVER) -> bytes:
        """The JSON bytes of one result."""
        return self.batch([(method, list(params))], unless=unless)[0]

    def batch(self, calls: Sequence[Call], *, unless: frozenset[FaultKind] = NEVER) -> list[bytes]:
        """The JSON bytes of each result, in the order asked, in one request. One error fails them all."""
        if not calls:
            return []
        body = [{"jsonrpc": "2.0", "id": i, "method": m, "params": p} for i, (m, p) in enumerate(calls)]
        asked = msgspec.json.encode(body if len(body) > 1 else body[0])

        def ask(endpoint: Endpoint) -> list[bytes]:
            return _results(endpoint, calls, self._post(endpoint, endpoint.url, asked, calls[0][0]))

        return self._ask(ask, len(calls), unless)

    def post(self, path: str, body: object) -> bytes:
        """The answer of a plain HTTP interface below the urls, asked with JSON."""
        asked = msgspec.json.encode(body)
        return self._ask(lambda one: [self._post(one, one.url.rstrip("/") + path, asked, path)], 1, NEVER)[0]

    def distrust(self) -> None:
        """The endpoint that answered last has lied: let another answer while it rests, longer each time."""
        self._last.lies += 1
        self._rest(self._last, self._grown_s(self._last.lies))

    def close(self) -> None:
        self._http.close()

    def _ask(self, ask: Callable[[Endpoint], list[bytes]], calls: int, unless: frozenset[FaultKind]) -> list[bytes]:
        for attempt in range(1, self.pace.attempts + 1):
            endpoint = self._ready_endpoint()
            self._take(calls)
            try:
                results = ask(endpoint)
            except NodeFault as fault:
                self._after(fault, endpoint, unless, attempt)
                continue
            endpoint.failures = 0
            return results
        raise AssertionError("unreachable: the last attempt raises")

    def _after(self, fault: NodeFault, endpoint: Endpoint, unless: frozenset[FaultKind], attempt: int) -> None:
        if fault.kind in unless:
            raise fault
        self._rest(endpoint, fault.wait_s)
        if attempt == self.pace.attempts:
            fault.add_note(f"gave up after {attempt} tries on {', '.join(e.name for e in self.endpoints)}")
            raise fault

    def _rest(self, endpoint: Endpoint, asked_s: float) -> None:
        endpoint.failures += 1
        wait_s = self._grown_s(endpoint.failures) * (0.5 + 0.5 * self.pace.jitter())
        endpoint.ready_at = self.pace.now() + max(asked_s, wait_s)

    def _grown_s(self, times: int) -> float:
        return min(self.pace.longest_s, self.pace.first_s * 2.0 ** min(times - 1, 32))

    def _ready_endpoint(self) -> Endpoint:
        now = self.pace.now()
        ready = next((e for e in self.endpoints if e.ready_at <= now), None)
        endpoint = ready or min(self.endpoints, key=lambda e: e.ready_at)
        wait_s = endpoint.ready_at - now
        if wait_s > self.pace.patience_s:
            raise NodeFault("limited", f"{endpoint.name} asks for a pause of {wait_s:.0f} s; try later or add a node")
        if wait_s > 0:
            self._sleep(wait_s)
        self._last = endpoint
        return endpoint

    def _take(self, calls: int) -> None:
        now = self.pace.now()
        self._tokens = min(self.pace.burst, self._tokens + (now - self._filled_at) * self.pace.calls_per_s)
        self._filled_at = now
        self._tokens -= calls
        if self._tokens < 0:
            self._sleep(-self._tokens / self.pace.calls_per_s)

    def _sleep(self, seconds: float) -> None:
        if self.pace.sleep:
            self.pace.sleep(seconds)
        else:
            self.stop.wait(seconds)
        if self.stop.is_set():
            raise EdgeDown("stopped while waiting for the node")

    def _post(self, endpoint: Endpoint, url: str, asked: bytes, what: str) -> bytes:
        try:
            with self._http.stream("POST", url, content=asked) as response:
                content = _bounded(endpoint, response)
        except httpx.TimeoutException as error:
            raise NodeFault("timeout", f"{endpoint.name} did not answer {what} in time") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NodeFault("away", f"{endpoint.name} is away: {error}") from error
        _refuse_status(endpoint, response, content)
        return content


def _bounded(endpoint: Endpoint, response: httpx.Response) -> bytes:
    """The whole answer, unpacked, but never more than MOST_BYTES of it."""
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            raise NodeFault("too-large", f"{endpoint.name} answered with more than {MOST_BYTES} bytes")
    return bytes(content)


def _refuse_status(endpoint: Endpoint, response: httpx.Response, content: bytes) -> None:
    status = response.status_code
    if status in (401, 403):
        raise ConfigError(f"{endpoint.name} refuses us (HTTP {status}); check the key in [[nodes]] url")
    if status == 413:
        raise NodeFault("too-large", f"{endpoint.name} finds the request too large (HTTP 413)")
    if status in (429, 503):
        wait_s = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
        raise NodeFault("limited", f"{endpoint.name} is busy (HTTP {status})", wait_s=wait_s)
    if status >= 300 and not content.startswith((b"{", b"[")):  # bitcoind answers errors with HTTP 500 and JSON
        raise NodeFault("away", f"{endpoint.name} answered HTTP {status}")


def retry_after_s(header: str | None, now: datetime) -> float:
    """Seconds of a Retry-After header, which is a number or an HTTP date (RFC 9110, 10.2.3); 0 when unusable."""
    if not header:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _results(endpoint: Endpoint, calls: Sequence[Call], content: bytes) -> list[bytes]:
    replies = _replies(endpoint, content)
    by_id = {reply.id: reply for reply in replies}
    failed = next((reply.error for reply in replies if reply.error), None)
    if failed:
        raise _fault(endpoint, calls[0][0], failed)
    if len(replies) != len(calls) or set(by_id) != set(range(len(calls))):
        raise NodeFault("garbled", f"{endpoint.name} answered {len(replies)} of {len(calls)} questions")
    results = [bytes(by_id[i].result) for i in range(len(calls))]
    if not all(results):
        raise NodeFault("garbled", f"{endpoint.name} answered {calls[0][0]} with neither result nor error")
    return results


def _replies(endpoint: Endpoint, content: bytes) -> list[Reply]:
    try:
        if content.lstrip().startswith(b"["):
            return msgspec.json.decode(content, type=list[Reply])
        return [msgspec.json.decode(content, type=Reply)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NodeFault("garbled", f"{endpoint.name} did not answer in JSON-RPC: {error}") from error


def _fault(endpoint: Endpoint, method: str, error: RpcError) -> NodeFault:
    if error.code == UNKNOWN_METHOD:
        raise ConfigError(f"{endpoint.name} has no {method}; choose another node (or native = false for receipts)")
    message = f"{endpoint.name} on {method}: {error.message[:200]} ({error.code})"
    if error.code == STARTING:
        return NodeFault("away", message, code=error.code)
    return NodeFault(_kind(method, error), message, code=error.code, data=error.data)


def _kind(method: str, error: RpcError) -> FaultKind:
    said = error.message.lower()
    if error.code == RESPONSE_TOO_LARGE or said.startswith("batch size"):  # java-tron's own limits
        return "too-large"
    if method == "eth_getLogs" and (error.code == -32005 or any(word in said for word in TOO_LARGE_WORDS)):
        return "too-large"
    limited = error.code in LIMITED_CODES or "rate" in said.split() or "too many requests" in said
    return "limited" if limited else "refused"
