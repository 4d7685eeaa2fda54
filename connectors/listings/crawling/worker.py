"""The parent's end of the crawl's process: one ask, one answer."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from threading import Event
from typing import IO

import msgspec

from manumit.connectors.listings.crawling.frames import LARGEST_FRAME, LENGTH, Answer, Ask, Setup, Slower, packed
from manumit.schemas.errors import Broken, EdgeDown

CHILD = "manumit.connectors.listings.crawling.child"
PATIENCE_S = 330.0  # beyond the delay: robots.txt with its redirects, and the page, at a minute each
ENDING_S = 5.0
KEPT_BACK = ("MANUMIT_", "SSLKEYLOGFILE", "SCRAPY_")  # our secrets, and what would change how it works


class Died(EdgeDown):
    """The process ended in the middle of an ask."""


@dataclass(slots=True)
class Worker:
    """Starts the process at the first ask. Not to be shared between threads, but for `end`."""

    setup: Setup
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    ended: Event = field(default_factory=Event)
    delay_s: float = field(default=0.0, init=False)
    _held: bytes = field(default=b"", init=False)

    def ask(self, ask: Ask, patience_s: float) -> Answer:
        """Raises Died when the process ended or was ended, EdgeDown after PATIENCE_S and `patience_s`."""
        try:
            process = self.process or self._start()
            self._write(process, packed(ask))
            return self._read(process, time.monotonic() + PATIENCE_S + max(patience_s, self.delay_s))
        except (BrokenPipeError, ValueError) as error:
            raise Died(f"{self.setup.netloc}: the crawl's process has ended") from error

    def _start(self) -> subprocess.Popen[bytes]:
        self._held = b""
        self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-B", "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith(KEPT_BACK)},
        )
        if self.ended.is_set():
            self.process.kill()
        self._write(self.process, packed(self.setup))
        return self.process

    def _write(self, process: subprocess.Popen[bytes], data: bytes) -> None:
        stdin = _open(process.stdin)
        stdin.write(data)
        stdin.flush()

    def _read(self, process: subprocess.Popen[bytes], until_s: float) -> Answer:
        stdout = _open(process.stdout)
        while not isinstance(frame := self._frame(), Answer):
            if isinstance(frame, Slower):
                until_s += frame.delay_s
                self.delay_s = frame.delay_s
                continue
            ready, _, _ = select.select([stdout], [], [], max(0.0, until_s - time.monotonic()))
            if not ready:
                self.close()
                raise EdgeDown(f"{self.setup.netloc}: the crawl's process gave no answer in time")
            part = os.read(stdout.fileno(), 1 << 20)
            if not part:
                raise Died(f"{self.setup.netloc}: the crawl's process ended without an answer")
            self._held += part
        return frame

    def _frame(self) -> Answer | Slower | None:
        if len(self._held) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack(self._held[: LENGTH.size])
        if size > LARGEST_FRAME:
            raise Broken("the crawl's process sent no frame")
        stop = LENGTH.size + size
        if len(self._held) < stop:
            return None
        body, self._held = self._held[LENGTH.size : stop], self._held[stop:]
        found: Answer | Slower = msgspec.msgpack.decode(body, type=Answer | Slower)
        return found

    def end(self) -> None:
        """From any thread: whoever waits for an answer gets Died, now and later."""
        self.ended.set()
        process = self.process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Ends the process and lets go of its pipes; the next ask starts another."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait(ENDING_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _quietly_close(pipe)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise Broken("the crawl's process was started without pipes")
    return pipe


def _quietly_close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
