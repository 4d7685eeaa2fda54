"""WebSocket heads wake the follower; a dropped connection costs nothing but the wake-up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from manumit.connectors.chains.websocket import HeadWatch
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.between import Wire
from tests.connectors.chains.sources import Following, net, token_rows
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.node
Make = Callable[..., Following]
HOUR_S = 3600.0  # no poll within the test: only a wake-up can help


@pytest.fixture
def wire(anvil: Anvil) -> Iterator[Wire]:
    proxy = Wire(anvil.port)
    try:
        yield proxy
    finally:
        proxy.close()


def caught_up(anvil: Anvil, following: Following) -> None:
    following.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])


def test_a_new_head_wakes_a_follower_that_would_sleep_for_an_hour(anvil: Anvil, following: Make) -> None:
    one = following(websocket_url=anvil.websocket_url, poll_s=HOUR_S)
    caught_up(anvil, one)
    for amount in (1, 2, 3):
        anvil.pay_token(anvil.accounts[1], amount)
        caught_up(anvil, one)
    assert token_rows(one.transfers) == anvil.token_truth()


def test_a_reorg_wakes_it_too(anvil: Anvil, following: Make) -> None:
    one = following(websocket_url=anvil.websocket_url, poll_s=HOUR_S)
    for amount in (1, 2, 3):
        anvil.pay_token(anvil.accounts[1], amount)
    caught_up(anvil, one)
    anvil.reorg(2, [(anvil.token_payment(anvil.accounts[7], 9), 0)])
    caught_up(anvil, one)
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()


def test_a_dropped_connection_misses_no_transfer(anvil: Anvil, following: Make, wire: Wire) -> None:
    one = following(websocket_url=f"ws://127.0.0.1:{wire.port}", poll_s=HOUR_S)
    wait_until(lambda: wire.connections == 1, what="the first connection")
    for dropped in range(1, 4):
        anvil.pay_token(anvil.accounts[1], dropped)
        caught_up(anvil, one)
        wire.cut()
        for amount in range(10, 15):
            anvil.pay_token(anvil.accounts[2], amount)
        wire.mend()
        caught_up(anvil, one)
    wait_until(lambda: wire.connections >= 2, what="another connection")
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()
    assert len(one.transfers) == 1 + 3 * 6


def test_polling_goes_on_while_the_socket_is_gone(anvil: Anvil, following: Make) -> None:
    one = following(websocket_url=f"ws://127.0.0.1:{free_port()}", poll_s=0.02)
    caught_up(anvil, one)
    anvil.pay_token(anvil.accounts[1], 4)
    caught_up(anvil, one)
    assert token_rows(one.transfers) == anvil.token_truth()


def test_a_server_that_is_no_websocket_only_costs_the_wake_up(following: Make, anvil: Anvil) -> None:
    one = following(websocket_url="ws://127.0.0.1:1/", poll_s=0.02)
    caught_up(anvil, one)
    assert one.error is None


@pytest.mark.parametrize(
    "junk",
    ["not json", "[" * 90_000, "7", '{"error":{}}', b"\xff\xfe", "null"],
)
def test_junk_on_the_socket_is_a_lost_connection(anvil: Anvil, following: Make, junk: str | bytes) -> None:
    connections = []

    def talk(connection: ServerConnection) -> None:
        connections.append(connection.id)
        connection.send(junk)
        with contextlib.suppress(ConnectionClosed):
            connection.recv()
            connection.recv()

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        one = following(websocket_url=f"ws://127.0.0.1:{port}", poll_s=0.02)
        caught_up(anvil, one)
        wait_until(lambda: len(connections) >= 2, what="another connection")
        anvil.pay_token(anvil.accounts[1], 4)
        caught_up(anvil, one)
        one.close()
        server.shutdown()
        thread.join(5)
    assert token_rows(one.transfers) == anvil.token_truth()


def test_the_watch_ends_with_its_block(anvil: Anvil) -> None:
    wake = threading.Event()
    with HeadWatch(anvil.websocket_url, wake):
        assert wake.wait(10)
    wait_until(lambda: all(t.name != "new-heads" for t in threading.enumerate()), what="the thread to end")
