"""Clusters as links come, and as reorgs take them back. Pure.

Union by size without path compression (Tarjan and van Leeuwen 1984), so that every step can be undone exactly. Finding
a cluster follows at most log2(size) parents. Two guards keep one false link from making a super-cluster, as Harrigan
and Fretter report them (arXiv 1605.06369): two clusters that are both large are not joined, nor are two that are
known by different names. Such links are `held` for a person to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manumit.schemas.errors import Broken
from manumit.schemas.utxo import ClusterLink

MOST_JOINED = 10_000  # ours: a service's cluster grows by small ones; two of this size have met by a mix


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """`name` is the least of its addresses, so it depends on no order. `confidence` is that of its weakest link."""

    name: str
    size: int
    confidence: float
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What adding one link changed: `child` now hangs under `root`, whose `before` was. Nothing: `child` is empty."""

    link: ClusterLink
    child: str = ""
    root: str = ""
    before: Cluster | None = None
    held: bool = False


class Clusters:
    """The clusters of one chain. `known` names some addresses' owners (an exchange, a service).

    `most_joined`: of two clusters to be joined, the smaller may not be larger.
    """

    def __init__(self, *, known: Mapping[str, str] | None = None, most_joined: int = MOST_JOINED) -> None:
        self._known = dict(known or {})
        self._most_joined = most_joined
        self._parent: dict[str, str] = {}
        self._about: dict[str, Cluster] = {}
        self._steps: list[Step] = []

    @property
    def length(self) -> int:
        """How many links were added and not undone."""
        return len(self._steps)

    @property
    def held(self) -> tuple[ClusterLink, ...]:
        """Links that would have joined what the guards keep apart, in the order they came."""
        return tuple(step.link for step in self._steps if step.held)

    def add(self, link: ClusterLink) -> None:
        """Join the two addresses of a link, unless a guard forbids it."""
        root, child = self._root(link.first), self._root(link.second)
        above, below = self._cluster(root), self._cluster(child)
        if (below.size, above.name) > (above.size, below.name):
            root, child, above, below = child, root, below, above
        if root == child:
            self._steps.append(Step(link))
            return
        if below.size > self._most_joined or (above.known_as and below.known_as and above.known_as != below.known_as):
            self._steps.append(Step(link, held=True))
            return
        self._steps.append(Step(link, child=child, root=root, before=self._about.get(root)))
        self._parent[child] = root
        self._about[root] = Cluster(
            name=min(above.name, below.name),
            size=above.size + below.size,
            confidence=min(above.confidence, below.confidence, link.confidence),
            known_as=above.known_as or below.known_as,
        )

    def undo(self, count: int) -> None:
        """Take the newest `count` links back. Raises Broken when there are not so many."""
        if count > len(self._steps):
            raise Broken(f"{count} links to be taken back, only {len(self._steps)} were added")
        for _ in range(count):
            step = self._steps.pop()
            if not step.child:
                continue
            del self._parent[step.child]
            if step.before is None:
                del self._about[step.root]
            else:
                self._about[step.root] = step.before

    def of(self, address: str) -> Cluster:
        """The cluster of an address; one that was never linked is alone in its own."""
        return self._cluster(self._root(address))

    def _root(self, address: str) -> str:
        while (parent := self._parent.get(address)) is not None:
            address = parent
        return address

    def _cluster(self, root: str) -> Cluster:
        found = self._about.get(root)
        return found or Cluster(name=root, size=1, confidence=1.0, known_as=self._known.get(root, ""))
