"""Connections that are lent to one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from manumit.schemas.errors import Broken

Lent = TypeVar("Lent")


class Lending(Generic[Lent]):
    """Opens a connection when all others are lent; keeps it afterwards unless its use failed.

    So no two threads ever share one, and there are as many as were ever in use at once.
    """

    def __init__(self, open_one: Callable[[], Lent], close_one: Callable[[Lent], None]) -> None:
        self._open_one = open_one
        self._close_one = close_one
        self._idle: list[Lent] = []
        self._closed = False
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self) -> Iterator[Lent]:
        """A connection for the length of the `with`. Raises Broken after close, and what opening raises."""
        idle = self._take()
        lent = self._open_one() if idle is None else idle
        finished = False
        try:
            yield lent
            finished = True
        finally:
            self._give_back(lent, reusable=finished)

    def close(self) -> None:
        """Close the idle ones now and the lent ones when they come back. Twice is harmless."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            self._close_one(one)

    def _take(self) -> Lent | None:
        with self._lock:
            if self._closed:
                raise Broken("the store is closed")
            return self._idle.pop() if self._idle else None

    def _give_back(self, lent: Lent, *, reusable: bool) -> None:
        with self._lock:
            kept = reusable and not self._closed
            if kept:
                self._idle.append(lent)
        if not kept:
            self._close_one(lent)
