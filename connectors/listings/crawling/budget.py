"""Computing time that one page may take. Main thread only, and only in a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN_S = 0.01


class Overrun(BaseException):
    """Not an Exception: a library that forgives everything must not forgive this."""


@contextmanager
def within(cpu_s: float) -> Iterator[None]:
    """Raises Overrun inside of the block once the process has computed for `cpu_s`. Waiting costs nothing.

    Python's regular expressions look for signals while they match, so bait is left as well.
    """
    armed = True

    def overrun(number: int, frame: object) -> None:
        if armed:
            raise Overrun

    before = signal.signal(signal.SIGPROF, overrun)
    signal.setitimer(signal.ITIMER_PROF, cpu_s, AGAIN_S)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
