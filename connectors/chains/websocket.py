"""New heads over WebSocket, as a wake-up only: a message lost here delays a poll and loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from manumit.connectors.chains.web3_import import load_web3

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 30.0
CLOSE_S = 10.0
# What web3 raises on messages that are not what it expects; to us they are a lost connection.
JUNK = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class HeadWatch:
    """Sets `wake` at every new head, on every connection made and on every connection lost. A context manager.

    It runs in a thread of its own with its own socket, for a backlog of heads must not hold up questions.
    A lost connection is opened again after a growing pause; meanwhile the follower polls.
    """

    def __init__(self, url: str, wake: threading.Event, *, jitter: Callable[[], float] = random.random) -> None:
        self._url = url
        self._wake = wake
        self._jitter = jitter
        self._thread = threading.Thread(target=self._run, name="new-heads", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def __enter__(self) -> HeadWatch:
        load_web3()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.wait(CLOSE_S)
        if self._loop and self._task and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._watch())
        except asyncio.CancelledError:
            return

    async def _watch(self) -> None:
        from web3.exceptions import Web3Exception
        from websockets.exceptions import WebSocketException

        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._started.set()
        while True:
            try:
                await self._listen()
            except (*JUNK, OSError, WebSocketException, Web3Exception):
                self._failures += 1
            self._wake.set()
            pause = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(self._failures, 16))
            await asyncio.sleep(pause * (0.5 + 0.5 * self._jitter()))

    async def _listen(self) -> None:
        from web3 import AsyncWeb3, WebSocketProvider
        from web3.exceptions import Web3Exception
        from web3.utils.subscriptions import NewHeadsSubscription
        from websockets.exceptions import WebSocketException

        # Full blocks exceed websockets' default limit of 1 MiB, which would end the connection.
        provider = WebSocketProvider(
            self._url, websocket_kwargs={"max_size": None}, max_connection_retries=1, request_timeout=CLOSE_S
        )
        web3 = AsyncWeb3(provider)
        try:
            await provider.connect()
            await web3.subscription_manager.subscribe(NewHeadsSubscription(handler=self._on_head))
            self._failures = 0
            self._wake.set()
            await web3.subscription_manager.handle_subscriptions(run_forever=True)
        finally:
            with contextlib.suppress(*JUNK, OSError, WebSocketException, Web3Exception):
                await provider.disconnect()
            # The first call ends early on an error of the listener; this one closes the socket.
            await provider.disconnect()

    async def _on_head(self, context: Any) -> None:
        self._wake.set()
