"""MIDAS-F in plain Python, written from the papers and not from the kernel: the definition that `midas` must meet.

Counts are exact: a dictionary each for edges, sources and destinations, where the paper has sketches that never
collide. arXiv 1911.04464 (MIDAS, MIDAS-R) and arXiv 2009.08452 (MIDAS-F).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Of one kind of thing: a (this tick, faded from earlier ones), s (all ticks before), and the latest score."""

    a: dict[Hashable, float] = field(default_factory=dict)
    s: dict[Hashable, float] = field(default_factory=dict)
    score: dict[Hashable, float] = field(default_factory=dict)

    def seen(self, thing: Hashable, t: int) -> float:
        """Counts it, and how far this tick's count is from the mean of the past: X^2 of a and (t - 1) * s."""
        self.a[thing] = self.a.get(thing, 0.0) + 1.0
        a, s = self.a[thing], self.s.get(thing, 0.0)
        self.score[thing] = (a + s - a * t) ** 2 / (s * (t - 1)) if s > 0 and t > 1 else 0.0
        return self.score[thing]

    def end(self, t: int, epsilon: float, alpha: float) -> None:
        """Conditional merge: s += a, but s += s / (t - 1) for what scored epsilon or more; then a fades by alpha."""
        for thing, a in self.a.items():
            s = self.s.get(thing, 0.0)
            if self.score.get(thing, 0.0) < epsilon:
                self.s[thing] = s + a
            elif t > 1:
                self.s[thing] = s + s / (t - 1)
            self.a[thing] = a * alpha


def scores(edges: Iterable[tuple[Hashable, Hashable, int]], *, epsilon: float, alpha: float) -> list[float]:
    """One score for each (source, destination, tick), ticks from 1 and never falling."""
    links, sources, destinations = Counts(), Counts(), Counts()
    found, now = [], 0
    for u, v, t in edges:
        if t > now:
            for counts in (links, sources, destinations) if now else ():
                counts.end(now, epsilon, alpha)
            now = t
        found.append(max(links.seen((u, v), t), sources.seen(u, t), destinations.seen(v, t)))
    return found
