"""What takes a moment to bring up to date, brought up to date beside whoever asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from manumit.schemas.errors import ManumitError

Kept = TypeVar("Kept")
OLDEST = 5


class Ahead(Generic[Kept]):
    """`renewed` gives the newest, and may take long; `clock` is UTC microseconds.

    Older than `refresh_us`: the one at hand is given and a newer one fetched meanwhile, in a thread of its own. Where
    there is none at hand, or one older than five times that, whoever asks waits. An outage that the thread meets is
    told to those who wait.
    """

    def __init__(self, renewed: Callable[[], Kept], *, clock: Callable[[], int], refresh_us: int) -> None:
        self._renewed = renewed
        self._clock = clock
        self._refresh_us = refresh_us
        self._lock = threading.Lock()
        self._held: tuple[int, Kept] | None = None
        self._thread: threading.Thread | None = None

    def get(self) -> Kept:
        """Raises what `renewed` raises."""
        held = self._held
        age_us = 0 if held is None else self._clock() - held[0]
        if held is None or age_us >= OLDEST * self._refresh_us:
            return self._renew()
        if age_us >= self._refresh_us:
            self._start()
        return held[1]

    def settle(self) -> None:
        """Wait for the thread, before what it reads is closed."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _renew(self) -> Kept:
        at_us = self._clock()
        found = self._renewed()
        self._held = at_us, found
        return found

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beside, name="ahead")
                self._thread.start()

    def _beside(self) -> None:
        try:
            self._renew()
        except ManumitError:
            return  # the one at hand grows older: soon somebody waits, and is told
