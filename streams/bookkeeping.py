"""Filling a book: from files once, or from a store, kept up with what a runner writes there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from manumit.connectors.contract import Source, Store
from manumit.detectors.windows.contract import no_row
from manumit.schemas.block import TextColumn, TransferBlock, micro_usd
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label
from manumit.schemas.stored import from_stored
from manumit.streams.book import Book
from manumit.streams.label_book import AS_OF, in_force
from manumit.streams.lanes import END_US
from manumit.streams.merging import Bundle, Merger

PAGE_ROWS = 100_000
REFRESH_US = 2_000_000
Told = Callable[[int], None]

STANDING = """op = 1 AND sender != receiver AND (chain, block_height, tx_hash, position, block_hash) NOT IN
  (SELECT chain, block_height, tx_hash, position, block_hash FROM transfers WHERE op = -1)
  AND at_us > fromUnixTimestamp64Micro({after:Int64}, 'UTC')
  AND at_us <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')"""
PAGE_END = f"""SELECT toUnixTimestamp64Micro(at_us) AS at FROM transfers WHERE {STANDING}
ORDER BY at_us LIMIT 1 OFFSET {PAGE_ROWS}"""  # noqa: S608 - constants
PAGE = f"""SELECT chain, concat(chain, ':', block_hash, ':', tx_hash, ':', toString(position)) AS event_id,
toUnixTimestamp64Micro(at_us) AS at, sender, receiver, amount_usd
FROM transfers FINAL WHERE {STANDING} ORDER BY at_us, chain, block_height, position, tx_hash, block_hash"""  # noqa: S608 - constants
NEWEST = "SELECT toUnixTimestamp64Micro(max(at_us)) AS at FROM transfers WHERE op = 1"
TAKEN_BACK = "SELECT uniqExact(chain, block_hash, tx_hash, position) AS events FROM transfers WHERE op = -1"
LABELS_CHANGED = "SELECT count() AS labels, toString(max(stored_at)) AS at FROM labels"
LABELS = "SELECT * FROM labels FINAL"


def bundles(sources: Sequence[Source]) -> Iterator[Bundle]:
    """Everything the sources give, merged in event-time order. They must end."""
    merger = Merger([(source.name, source.live) for source in sources])
    feeds = {source.name: source.batches(None) for source in sources}
    while (name := merger.hungriest()) is not None:
        batch = next(feeds[name], None)
        if batch is None:
            merger.end(name)
        else:
            merger.offer(name, batch, latest_us=END_US)
        yield from merger.ready()
    yield from merger.ready(all_of_it=True)


def fill(book: Book, sources: Sequence[Source], told: Told = lambda transfers: None) -> int:
    """Read files into a book; `told` hears how many transfers it holds. Returns how many records were refused."""
    refused = 0
    for bundle in bundles(sources):
        book.learn(bundle.labels)
        if bundle.retracted is not None:
            gone = bundle.retracted
            book.withdraw(frozenset(gone.row(i).event_id for i in range(len(gone))))
        if bundle.transfers:
            book.take(TransferBlock.merged([block for _, block in bundle.transfers]))
        refused += len(bundle.dead_letters)
        told(book.log.length)
    return refused


class Keeper:
    """A book over a store. `labels` are those beside the store's; `clock` is UTC microseconds.

    `written_us` says up to when a runner in this process has written, None where it runs elsewhere: then the newest
    moment is left out until something follows it, for it may still be being written.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], int],
        labels: Sequence[Label] = (),
        label_mode: str = AS_OF,
        written_us: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._labels = tuple(labels)
        self._label_mode = label_mode
        self._written_us = written_us
        self._lock = threading.Lock()
        self._looked_us = -REFRESH_US
        self._taken_back = 0
        self._labels_seen: Mapping[str, Any] = {}
        self._until_us = YEAR_1970_US - 1
        self._book = Book(label_mode=label_mode)

    def book(self, told: Told = lambda transfers: None) -> Book:
        """As of at most two seconds ago. Raises EdgeDown."""
        with self._lock:
            if self._clock() - self._looked_us >= REFRESH_US:
                self._refresh(told)
                self._looked_us = self._clock()
            return self._book

    def _refresh(self, told: Told) -> None:
        taken_back = int(self._store.query(TAKEN_BACK)[0]["events"])
        if taken_back != self._taken_back:
            self._book, self._until_us, self._labels_seen = Book(label_mode=self._label_mode), YEAR_1970_US - 1, {}
            self._taken_back = taken_back
        changed = self._store.query(LABELS_CHANGED)[0]
        if changed != self._labels_seen:
            stored = [from_stored(Label, row) for row in self._store.query(LABELS)]
            known = dict.fromkeys((*self._labels, *stored))
            with self._book.lock:
                self._book.replace_labels(in_force(known, self._label_mode, self._clock()))
            self._labels_seen = changed
        until_us = self._readable_us()
        while self._until_us < until_us:
            self._until_us = self._page(until_us)
            told(self._book.log.length)

    def _readable_us(self) -> int:
        newest_us = int(self._store.query(NEWEST)[0]["at"])
        written_us = self._written_us()
        return newest_us - 1 if written_us is None else min(newest_us, written_us)

    def _page(self, until_us: int) -> int:
        """Take what follows, a page at a time; returns up to when."""
        span = {"after": self._until_us, "until": until_us}
        ends = self._store.query(PAGE_END, span)
        cut_us = int(ends[0]["at"]) if ends else until_us
        rows = self._store.query(PAGE, {**span, "until": cut_us})
        if rows:
            block = _block(rows)
            with self._book.lock:
                self._book.take(*block)
        return cut_us


def _block(rows: Sequence[Mapping[str, Any]]) -> tuple[TransferBlock, Callable[[int], str]]:
    """Rows of PAGE as a block, and their event ids."""
    chains = tuple(dict.fromkeys(row["chain"] for row in rows))
    place = {name: i for i, name in enumerate(chains)}
    names = TextColumn.of([row["event_id"] for row in rows])
    block = TransferBlock(
        at_us=np.array([row["at"] for row in rows], np.int64),
        usd_micro=np.array([micro_usd(row["amount_usd"]) for row in rows], np.int64),
        chains=chains,
        chain=np.array([place[row["chain"]] for row in rows], np.int32),
        sender=TextColumn.of([row["sender"] for row in rows]),
        receiver=TextColumn.of([row["receiver"] for row in rows]),
        op=np.ones(len(rows), np.int8),
        row=no_row,
    )
    return block, names.__getitem__
