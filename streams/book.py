"""Everything screening knows: transfers in order, the labels in force, and what follows from both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from hashlib import sha256

import msgspec
import numpy as np

from manumit.detectors.exposure.engine import Engine
from manumit.detectors.exposure.log import USD, Log
from manumit.detectors.exposure.terms import Terms
from manumit.schemas.block import TextColumn, TransferBlock
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label
from manumit.streams.label_book import AS_OF, LabelBook
from manumit.streams.segments import Segments

DIGEST_DIGITS = 16


class Book:
    """Grows with `take` and `learn`; ask it through `streams.screening_answers`. Hold `lock` while doing either.

    `terms` must forget nothing: all that was read stays. Raises ConfigError otherwise.
    """

    def __init__(self, *, label_mode: str = AS_OF, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        if self.terms.forget_us:
            raise ConfigError("a book for screening forgets nothing: leave forget_us at 0")
        self.label_mode = label_mode
        self.lock = threading.RLock()
        self.engine = Engine(self.terms, undo_depth=0)
        self.log = Log()
        self.labels = LabelBook(label_mode)
        self._segments = Segments()
        self._stale = False
        self._digest = ""

    @property
    def as_of_us(self) -> int:
        """The newest transfer, 0 when there is none."""
        return int(self.log.at_us[-1]) if self.log.length else 0

    def learn(self, labels: Iterable[Label]) -> None:
        """Labels hold for all that was read, each within its validity; one that is known is read as it now stands."""
        found = [label for label in labels if not self.labels.knows(label)]
        if found:
            self.labels.add(found)
            self._stale, self._digest = True, ""

    def replace_labels(self, labels: Iterable[Label]) -> None:
        """Forget every label and read these instead."""
        self.labels = LabelBook(self.label_mode)
        self.labels.add(labels)
        self._stale, self._digest = True, ""

    def take(self, block: TransferBlock, name: Callable[[int], str] | None = None) -> None:
        """Transfers in event-time order, after those taken before; `name(i)` is the event id of row i, where the block
        has no whole records. Raises Broken for retractions: `withdraw` them."""
        self.fresh()
        rows = np.flatnonzero(~block.sender.equals(block.receiver))
        moving = block if len(rows) == len(block) else block.take(rows)
        whole = block.row
        if name is None:  # spelled out once: a file's records are slow to come by one at a time
            name = TextColumn.of([whole(i).event_id for i in range(len(block))]).__getitem__
        told = name
        self._segments.append(self.log.length, moving, lambda i: told(int(rows[i])))
        self.log.append(moving, self.engine.take(moving), self.engine.accounts)

    def withdraw(self, event_ids: frozenset[str]) -> None:
        """What the chain took back moves nothing any more."""
        left, sequence = set(event_ids), self.log.length
        while left and sequence:
            sequence -= 1
            found = self.event_id(sequence)
            if found in left:
                left.discard(found)
                self.log.entries[sequence, USD] = 0
                self._stale = True

    def event_id(self, sequence: int) -> str:
        return self._segments.event_id(sequence)

    def fresh(self) -> None:
        """Read everything again where labels have changed since; about a second for a million transfers."""
        if not self._stale:
            return
        self.engine.relabel(self.labels.spans())
        if self.log.length:
            self.log.recount(self.engine)
        self._stale = False

    def labels_digest(self) -> str:
        """Of the labels in force, whatever order they came in."""
        if not self._digest:
            rows = sorted(map(msgspec.json.encode, self.labels.all()))
            self._digest = sha256(b"\n".join(rows)).hexdigest()[:DIGEST_DIGITS]
        return self._digest
