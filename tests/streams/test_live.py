"""A live source whose edge goes away is waited for; one that never answered is an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from manumit.connectors.contract import Batch
from manumit.schemas.errors import Broken, EdgeDown
from manumit.streams.live import live_batches
from manumit.streams.outages import Outage, Outages


class Flaky:
    """Answers once for each position, and is away after the first answer."""

    name = "node:flaky"
    live = True

    def __init__(self, *, ever: bool = True) -> None:
        self.asked: list[str | None] = []
        self._ever = ever

    def total(self) -> int | None:
        return None

    def batches(self, after: str | None) -> Iterator[Batch]:
        self.asked.append(after)
        if not self._ever:
            raise EdgeDown("nobody is there")
        yield Batch(position=f"{after or ''}x")
        if len(self.asked) == 1:
            raise EdgeDown("the connection was cut")


class Mad(Flaky):
    def batches(self, after: str | None) -> Iterator[Batch]:
        yield Batch(position="x")
        raise Broken("a final block was taken back")


def positions(source: Flaky, outages: Outages) -> list[str]:
    found = live_batches(source, None, threading.Event(), outages)
    return [batch.position for batch in found if batch is not None]


def test_an_outage_is_waited_out_from_the_last_position() -> None:
    source, notices = Flaky(), list[str]()
    outages = Outages(lambda: 7, notices.append)
    assert positions(source, outages) == ["x", "xx"]
    assert source.asked == [None, "x"]
    assert not outages.now
    assert notices == [
        "node:flaky is away and will be asked again: the connection was cut",
        "node:flaky answers again",
    ]


def test_a_source_that_is_away_is_known_and_since_when() -> None:
    class Gone(Flaky):
        def batches(self, after: str | None) -> Iterator[Batch]:
            yield from super().batches(after) if after is None else self._away()

        def _away(self) -> Iterator[Batch]:
            raise EdgeDown("still away")

    stop, outages = threading.Event(), Outages(lambda: 7)
    found = live_batches(Gone(), None, stop, outages)
    assert next(found) is not None
    while not outages.now:
        assert next(found) is None
    assert outages.now == {"node:flaky": Outage(since_us=7, why="the connection was cut")}
    stop.set()


def test_an_edge_that_never_answered_is_an_error_at_once() -> None:
    with pytest.raises(EdgeDown, match="nobody is there"):
        positions(Flaky(ever=False), Outages(lambda: 7))


def test_what_can_never_be_true_is_not_retried() -> None:
    with pytest.raises(Broken, match="final block"):
        positions(Mad(), Outages(lambda: 7))
