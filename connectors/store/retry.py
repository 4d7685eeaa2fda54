"""Try again for a while: ClickHouse's driver never does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from manumit.schemas.errors import EdgeDown

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """`tries` attempts in all; the pause doubles from `first_s` to `longest_s`. `sleep` takes seconds."""

    tries: int = 6
    first_s: float = 0.2
    longest_s: float = 5.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, action: Callable[[], Answer]) -> Answer:
        """The answer of the first attempt that is not EdgeDown; the last EdgeDown, with the count, if none is."""
        pause_s = self.first_s
        for _ in range(self.tries - 1):
            try:
                return action()
            except EdgeDown:
                self.sleep(pause_s)
                pause_s = min(pause_s * 2, self.longest_s)
        try:
            return action()
        except EdgeDown as error:
            raise EdgeDown(f"{error}; tried {self.tries} times") from error
