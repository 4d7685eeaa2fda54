"""Where the console listens, and that it stops when it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue

import httpx
import pytest

from manumit.console.serving import is_loopback, listen, serve
from manumit.schemas.errors import ConfigError
from tests.console.gated import BEARER, away_app
from tests.servers import free_port, port_answers

DEADLINE_S = 10.0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example", ""])  # noqa: S104 - refused below
def test_an_address_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="other machines"):
        listen(host, 0)


def test_loopback_names() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("10.0.0.1", "localhost.example", "0.0.0.0")] == [False] * 3  # noqa: S104


def test_no_answer_waits_for_the_one_before_to_be_acknowledged() -> None:
    """asyncio leaves Nagle's delay on for a socket of no named protocol: 40 ms an answer."""
    with listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_said_plainly() -> None:
    port = free_port()
    with running(port), pytest.raises(ConfigError, match=f"127.0.0.1:{port}.*in use"):
        listen("127.0.0.1", port)


def test_it_tells_its_port_and_stops_with_a_reader_on_the_line() -> None:
    with running(0) as server:
        client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=BEARER, trust_env=False)
        with client, client.stream("GET", "/v1/stream", params={"after": "0.0"}) as answer:
            assert answer.status_code == 200
            server.stop.set()
            server.thread.join(DEADLINE_S)
            assert not server.thread.is_alive()
    assert not port_answers(server.port)


@dataclass(frozen=True, slots=True)
class Running:
    """A console in a thread."""

    port: int
    stop: threading.Event
    thread: threading.Thread


@contextmanager
def running(port: int) -> Iterator[Running]:
    """Serves for the length of the `with`."""
    stop, listening = threading.Event(), Queue[int]()
    arguments = (away_app(poll_s=0.05), listen("127.0.0.1", port), lambda _, at: listening.put(at), stop)
    thread = threading.Thread(target=serve, args=arguments)
    thread.start()
    try:
        yield Running(listening.get(timeout=DEADLINE_S), stop, thread)
    finally:
        stop.set()
        thread.join(DEADLINE_S)
