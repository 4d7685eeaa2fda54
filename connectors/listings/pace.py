"""When a host may be asked again: one pace a host, for all that ask it."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from threading import Event, Lock

from manumit.schemas.errors import EdgeDown

REFUSES_US = (401, 403, 407, 429, 503)
REFUSED_WAIT_S = 900.0
LONGEST_WAIT_S = 86_400.0


class Pace:
    """Shared by the feeds and the crawl of one host; from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last_s = float("-inf")
        self._held_until_s = float("-inf")

    def turn(self, delay_s: float, stopping: Event) -> bool:
        """Waits until `delay_s` have passed since whoever asked last; False when told to stop meanwhile.

        Raises EdgeDown while the host wants to be left alone.
        """
        with self._lock:
            now_s = self._clock()
            if self._held_until_s > now_s:
                raise EdgeDown(f"the host asked to be left alone for {self._held_until_s - now_s:.0f} s more")
            at_s = max(now_s, self._last_s + delay_s)
            self._last_s = at_s
        return not stopping.wait(at_s - now_s)

    def hold(self, wait_s: float) -> None:
        """Nobody asks for so long; nothing for 0."""
        with self._lock:
            self._held_until_s = max(self._held_until_s, self._clock() + min(wait_s, LONGEST_WAIT_S))


def wait_s(status: int, retry_after: str) -> float:
    """How long an answer wants us to stay away: Retry-After in seconds or as a date, else a while for a refusal."""
    said = retry_after.strip()
    try:
        seconds = float(said) if said.isdigit() else parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, OverflowError):
        seconds = 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_S) or (REFUSED_WAIT_S if status in REFUSES_US else 0.0)
