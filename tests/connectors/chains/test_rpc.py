"""Retry, Retry-After, failover and rate limit, against a real HTTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from manumit.connectors.chains.rpc import NodeFault, Pace, Rpc, retry_after_s
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.chains.between import Between, Fault, between
from tests.servers import free_port


@dataclass
class Time:
    """A clock that passes only by sleeping."""

    at_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.at_s += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def stub() -> Iterator[Between]:
    with between() as one:
        one.change = lambda method, params, result: params
        yield one


@pytest.fixture
def connect(time: Time) -> Iterator[Callable[..., Rpc]]:
    made: list[Rpc] = []

    def make(*urls: str, **pace: Any) -> Rpc:
        given = {"attempts": 4, "first_s": 1.0, "longest_s": 8.0, "jitter": lambda: 1.0, **pace}
        made.append(Rpc(urls, pace=Pace(now=time.now, sleep=time.sleep, **given)))
        return made[-1]

    yield make
    for rpc in made:
        rpc.close()


def refusals(*answers: tuple[int, dict[str, str]]) -> Callable[[str], tuple[int, dict[str, str]] | None]:
    left = list(answers)
    return lambda method: left.pop(0) if left else None


def test_a_result_comes_as_bytes(stub: Between, connect: Callable[..., Rpc]) -> None:
    assert connect(stub.url).call("echo", 1, "a") == b'[1,"a"]'


def test_a_batch_keeps_its_order(stub: Between, connect: Callable[..., Rpc]) -> None:
    rpc = connect(stub.url)
    assert rpc.batch([("echo", [i]) for i in range(5)]) == [f"[{i}]".encode() for i in range(5)]
    assert rpc.batch([]) == []


def test_retry_after_is_honoured(stub: Between, connect: Callable[..., Rpc], time: Time) -> None:
    stub.refuse = refusals((429, {"retry-after": "7"}), (503, {}))
    assert connect(stub.url).call("eth_getBlockReceipts") == b"[]"
    assert time.slept == [7.0, 2.0]


def test_retry_after_forms() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after_s("3", now) == 3.0
    assert retry_after_s("Thu, 01 Jan 2026 00:01:00 GMT", now) == 60.0
    assert retry_after_s("Thu, 01 Jan 2025 00:01:00 GMT", now) == 0.0
    assert [retry_after_s(header, now) for header in (None, "", "soon", "-4", "1e9")] == [0.0] * 5


def test_a_node_that_asks_for_hours_is_away_at_once(stub: Between, connect: Callable[..., Rpc], time: Time) -> None:
    stub.refuse = lambda method: (429, {"retry-after": "7200"})
    with pytest.raises(EdgeDown, match="pause of 7200 s"):
        connect(stub.url).call("eth_chainId")
    assert time.slept == []


def test_waits_double_up_to_the_longest_with_jitter(stub: Between, connect: Callable[..., Rpc], time: Time) -> None:
    stub.refuse = lambda method: (500, {})
    with pytest.raises(NodeFault, match="HTTP 500") as raised:
        connect(stub.url, attempts=6, jitter=lambda: 0.0).call("eth_chainId")
    assert time.slept == [0.5, 1.0, 2.0, 4.0, 4.0]
    assert "6 tries" in raised.value.__notes__[0]


def test_the_next_endpoint_answers_and_the_first_is_tried_again(
    stub: Between, connect: Callable[..., Rpc], time: Time
) -> None:
    with between() as second:
        second.change = lambda method, params, result: "second"
        stub.refuse = refusals((500, {}))
        rpc = connect(stub.url, second.url)
        assert rpc.call("x") == b'"second"'
        assert time.slept == []
        time.at_s += 1.0
        assert rpc.call("x") == b"[]"


def test_a_dead_endpoint_is_away(connect: Callable[..., Rpc]) -> None:
    with pytest.raises(NodeFault, match="is away"):
        connect(f"http://127.0.0.1:{free_port()}").call("x")


def test_a_distrusted_endpoint_rests(stub: Between, connect: Callable[..., Rpc]) -> None:
    with between() as second:
        second.change = lambda method, params, result: "second"
        rpc = connect(stub.url, second.url)
        assert rpc.call("x") == b"[]"
        rpc.distrust()
        assert rpc.call("x") == b'"second"'


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (-32005, "query returned more than 10000 results", "too-large"),
        (-32602, "eth_getLogs is limited to a 10,000 block range", "too-large"),
        (-32000, "query timeout exceeded", "too-large"),
        (-32000, "unknown block", "refused"),
        (429, "compute units", "limited"),
    ],
)
def test_kinds_of_error(stub: Between, connect: Callable[..., Rpc], code: int, message: str, kind: str) -> None:
    stub.change = lambda method, params, result: Fault(code, message)
    with pytest.raises(NodeFault) as raised:
        connect(stub.url).call("eth_getLogs")
    assert raised.value.kind == kind
    assert stub.count("eth_getLogs") == 4


def test_a_kind_the_caller_handles_is_not_retried(stub: Between, connect: Callable[..., Rpc]) -> None:
    stub.change = lambda method, params, result: Fault(-32005, "too many results")
    with pytest.raises(NodeFault):
        connect(stub.url).call("eth_getLogs", unless=frozenset({"too-large"}))
    assert stub.count("eth_getLogs") == 1


def test_one_error_fails_the_batch(stub: Between, connect: Callable[..., Rpc]) -> None:
    stub.change = lambda method, params, result: Fault(3, "reverted") if params == [1] else params
    with pytest.raises(NodeFault, match="reverted"):
        connect(stub.url).batch([("x", [i]) for i in range(3)])


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_the_operators_and_never_shown(
    stub: Between, connect: Callable[..., Rpc], status: int
) -> None:
    stub.refuse = lambda method: (status, {})
    with pytest.raises(ConfigError) as raised:
        connect(stub.url + "/v3/SECRET").call("x")
    assert "SECRET" not in str(raised.value)


def test_a_missing_method_is_the_operators(stub: Between, connect: Callable[..., Rpc]) -> None:
    stub.change = lambda method, params, result: Fault(-32601, "method not found")
    with pytest.raises(ConfigError, match="native = false"):
        connect(stub.url).call("eth_getBlockReceipts")


@pytest.mark.parametrize("url", ["", "ftp://host", "http://", "node:8545"])
def test_an_unusable_url(url: str) -> None:
    with pytest.raises(ConfigError):
        Rpc([url])


def test_no_url() -> None:
    with pytest.raises(ConfigError):
        Rpc([])


def test_the_token_bucket_paces_questions(stub: Between, connect: Callable[..., Rpc], time: Time) -> None:
    rpc = connect(stub.url, calls_per_s=2.0, burst=3.0)
    for _ in range(5):
        rpc.call("x")
    assert time.slept == [0.5, 0.5]
    rpc.batch([("x", [])] * 4)
    assert time.slept[-1] == 2.0


def test_stopping_ends_a_wait(stub: Between, connect: Callable[..., Rpc]) -> None:
    stub.refuse = lambda method: (500, {})
    rpc = connect(stub.url)
    rpc.stop.set()
    with pytest.raises(EdgeDown, match="stopped"):
        rpc.call("x")


def test_answers_that_are_not_json_rpc(stub: Between, connect: Callable[..., Rpc]) -> None:
    stub.refuse = lambda method: (200, {})
    with pytest.raises(NodeFault, match="did not answer in JSON-RPC"):
        connect(stub.url).call("x")


def test_an_answer_without_end_is_cut(
    stub: Between, connect: Callable[..., Rpc], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manumit.connectors.chains.rpc.MOST_BYTES", 5000)
    stub.change = lambda method, params, result: "x" * 100_000
    with pytest.raises(NodeFault, match="more than 5000 bytes") as raised:
        connect(stub.url).call("eth_getLogs", unless=frozenset({"too-large"}))
    assert raised.value.kind == "too-large"


def test_nesting_without_end_is_garbled(connect: Callable[..., Rpc], time: Time) -> None:
    deep = b'{"id":0,"result":' + b"[" * 100_000
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=deep))
    rpc = Rpc(["http://node"], pace=Pace(attempts=1, now=time.now, sleep=time.sleep), transport=transport)
    with pytest.raises(NodeFault, match="did not answer in JSON-RPC"):
        rpc.call("x")
    rpc.close()
