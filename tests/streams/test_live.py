"""A live source whose edge goes away is waited for; one that never answered is an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from manumit.connectors.contract import Batch
from manumit.schemas.errors import Broken, EdgeDown
from manumit.streams.live import live_batches


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


def positions(source: Flaky, notices: list[str]) -> list[str]:
    found = live_batches(source, None, threading.Event(), notices.append)
    return [batch.position for batch in found if batch is not None]


def test_an_outage_is_waited_out_from_the_last_position() -> None:
    source, notices = Flaky(), list[str]()
    assert positions(source, notices) == ["x", "xx"]
    assert source.asked == [None, "x"]
    assert notices == [
        "node:flaky is away and will be asked again: the connection was cut",
        "node:flaky answers again",
    ]


def test_an_edge_that_never_answered_is_an_error_at_once() -> None:
    with pytest.raises(EdgeDown, match="nobody is there"):
        positions(Flaky(ever=False), [])


def test_what_can_never_be_true_is_not_retried() -> None:
    with pytest.raises(Broken, match="final block"):
        positions(Mad(), [])
