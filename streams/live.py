"""A live source read in its own thread: it waits out an edge that is away, once it has ever answered."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from manumit.connectors.contract import Batch, Source
from manumit.schemas.errors import Broken, EdgeDown, ManumitError
from manumit.streams.outages import Outages

QUEUE_BATCHES = 16
WAIT_S = 0.2
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 60.0
END = Batch(position="")


@dataclass(frozen=True, slots=True)
class Failed:
    """What ended the source."""

    error: ManumitError


Waiting = queue.Queue[Batch | Failed]


def live_batches(
    source: Source, position: str | None, stop: threading.Event, outages: Outages
) -> Iterator[Batch | None]:
    """Batches as they come, None when there is nothing for now. Raises the source's own error.

    EdgeDown ends it only before the first batch (a wrong address should be heard of at once); later it is
    retried for ever, each time from the last position, and stands among `outages` until it answers.
    """
    waiting: Waiting = queue.Queue(QUEUE_BATCHES)
    thread = threading.Thread(
        target=_read, args=(source, position, waiting, stop, outages), name="live-source", daemon=True
    )
    thread.start()
    while True:
        try:
            item = waiting.get(timeout=WAIT_S)
        except queue.Empty:
            if not (thread.is_alive() or stop.is_set() or waiting.qsize()):
                raise Broken("a live source ended without a word; what it said last stands above") from None
            yield None
            continue
        if isinstance(item, Failed):
            raise item.error
        if item is END:
            return
        yield item


def _read(source: Source, position: str | None, waiting: Waiting, stop: threading.Event, outages: Outages) -> None:
    answered, retry_s = False, FIRST_RETRY_S
    while not stop.is_set():
        try:
            for batch in source.batches(position):
                outages.back(source.name)
                answered, retry_s = True, FIRST_RETRY_S
                position = batch.position
                if not _put(waiting, batch, stop):
                    return
            _put(waiting, END, stop)
            return
        except EdgeDown as error:
            if not answered:
                _put(waiting, Failed(error), stop)
                return
            outages.away(source.name, str(error))
            stop.wait(retry_s)
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        except ManumitError as error:
            _put(waiting, Failed(error), stop)
            return


def _put(waiting: Waiting, item: Batch | Failed, stop: threading.Event) -> bool:
    """False when told to stop before there was room."""
    while not stop.is_set():
        try:
            waiting.put(item, timeout=WAIT_S)
        except queue.Full:
            continue
        return True
    return False
