"""Which names mean one and the same: links between them, each for a time, with a guard against giants.

A forest of names: a link joins one tree to another and is forgotten, with what it joined, a window later. So an
old chance meeting of two contacts does not bind them for ever. A join that would make a tree of more than `most`
names is refused: a number that stands in everybody's advert (a site's own, a stolen text's) joins nobody.
"""

from __future__ import annotations

from collections import deque

import msgspec


class Link(msgspec.Struct, frozen=True, array_like=True):
    """`name` was joined to the tree that `to` was the root of."""

    at_us: int
    name: str
    to: str


class Roots:
    """Links must come in the order of time."""

    def __init__(self, window_us: int, most: int) -> None:
        self._window_us = window_us
        self._most = most
        self._to: dict[str, str] = {}
        self._size: dict[str, int] = {}
        self._links: deque[Link] = deque()

    def root(self, name: str) -> str:
        """The name its tree goes by."""
        while name in self._to:
            name = self._to[name]
        return name

    def size(self, root: str) -> int:
        """Names in the tree of a root."""
        return self._size.get(root, 1)

    def join(self, one: str, other: str, at_us: int) -> tuple[str, str] | None:
        """(root that stays, root that ends), or None when they are one already or would be too many."""
        one, other = self.root(one), self.root(other)
        if one == other or self.size(one) + self.size(other) > self._most:
            return None
        stays, ends = sorted((one, other), key=lambda root: (-self.size(root), root))
        self.link(stays, ends, at_us)
        return stays, ends

    def link(self, stays: str, ends: str, at_us: int) -> None:
        """Join root `ends` to root `stays`."""
        self._to[ends] = stays
        self._grow(stays, self.size(ends))
        self._links.append(Link(at_us, ends, stays))

    def forget(self, now_us: int) -> None:
        """Links exactly as old as the window are gone."""
        while self._links and self._links[0].at_us <= now_us - self._window_us:
            link = self._links.popleft()
            del self._to[link.name]
            self._grow(link.to, -self.size(link.name))

    def _grow(self, name: str, by: int) -> None:
        for step in self._way(name):
            size = self.size(step) + by
            if size > 1:
                self._size[step] = size
            else:
                self._size.pop(step, None)

    def _way(self, name: str) -> list[str]:
        way = [name]
        while way[-1] in self._to:
            way.append(self._to[way[-1]])
        return way

    def dump(self) -> list[Link]:
        return list(self._links)

    def load(self, links: list[Link]) -> None:
        """In the order they were made; what was forgotten before is not among them."""
        for link in links:
            self.link(link.to, link.name, link.at_us)
