"""Live sources whose edge does not answer at the moment, told to a person once for each outage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """`since_us` is when it was noticed, UTC microseconds."""

    since_us: int
    why: str


class Outages:
    """Written by the threads that read sources, read by whoever asks how things are."""

    def __init__(self, clock: Callable[[], int], notice: Callable[[str], None] = lambda message: None) -> None:
        self._clock = clock
        self._notice = notice
        self._away: dict[str, Outage] = {}

    @property
    def now(self) -> Mapping[str, Outage]:
        """By the source's name."""
        return self._away.copy()

    def away(self, source: str, why: str) -> None:
        if source not in self._away:
            self._away[source] = Outage(since_us=self._clock(), why=why)
            self._notice(f"{source} is away and will be asked again: {why}")

    def back(self, source: str) -> None:
        if self._away.pop(source, None) is not None:
            self._notice(f"{source} answers again")
