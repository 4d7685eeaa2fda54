"""Running the app: uvicorn in the calling thread, until told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from threading import Event

import uvicorn
from fastapi import FastAPI

from manumit.schemas.errors import ConfigError

GRACE_S = 3


class _Server(uvicorn.Server):
    """Tells where it listens, watches `stop`, and ends the streams before it waits for them."""

    def __init__(self, app: FastAPI, config: uvicorn.Config, ready: Callable[[str, int], None], stop: Event) -> None:
        super().__init__(config)
        self._closing: Event = app.state.closing
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        self._ready(host, port)

    async def on_tick(self, counter: int) -> bool:
        return self._stop.is_set() or await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)


def serve(app: FastAPI, bound: socket.socket, ready: Callable[[str, int], None], stop: Event) -> None:
    """Serves until `stop` is set or, in the main thread, SIGINT or SIGTERM comes. Blocks, and closes `bound`.

    `ready(host, port)` is called once it answers. The same process must hold the embedded store, so there is
    one worker.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # a request line may hold the token
        ws="none",
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    with bound:
        _Server(app, config, ready, stop).run(sockets=[bound])
    for settle in app.state.settle:
        settle()


def is_loopback(host: str) -> bool:
    """True for 127.0.0.0/8, ::1 and localhost; any other name could point anywhere."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int, *, allow_remote: bool = False) -> socket.socket:
    """A socket for `serve`, got before any work is done for it; port 0 lets the system choose.

    Raises ConfigError for an address that other machines can reach (unless `allow_remote`) or that is taken.
    """
    if not allow_remote and not is_loopback(host):
        raise ConfigError(f"{host} can be reached from other machines: set host to 127.0.0.1, and use a tunnel")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; with it each answer takes 40 ms more
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}; set another port") from error
    return bound
