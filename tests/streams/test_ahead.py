"""What is given at once while a newer one is fetched, and who waits."""

from __future__ import annotations

import threading

import pytest

from manumit.schemas.errors import EdgeDown
from manumit.streams.ahead import Ahead


class Made:
    """Numbers, one more each time; the thread's wait until they are let go."""

    def __init__(self) -> None:
        self.now_us = 0
        self.count = 0
        self.go = threading.Event()
        self.away = False

    def make(self) -> int:
        if threading.current_thread() is not threading.main_thread():
            assert self.go.wait(timeout=20)
        if self.away:
            raise EdgeDown("the made-up store is away")
        self.count += 1
        return self.count


def test_an_old_one_is_given_at_once_and_a_newer_one_when_it_is_there() -> None:
    made = Made()
    ahead = Ahead(made.make, clock=lambda: made.now_us, refresh_us=10)
    assert ahead.get() == 1
    made.now_us = 9
    assert ahead.get() == 1
    made.now_us = 10
    assert [ahead.get(), ahead.get()] == [1, 1]
    made.go.set()
    ahead.settle()
    assert (ahead.get(), made.count) == (2, 2)


def test_one_that_is_too_old_is_waited_for() -> None:
    made = Made()
    ahead = Ahead(made.make, clock=lambda: made.now_us, refresh_us=10)
    assert ahead.get() == 1
    made.now_us = 50
    assert ahead.get() == 2


def test_nothing_is_old_enough_to_be_kept_when_each_is_to_be_new() -> None:
    made = Made()
    ahead = Ahead(made.make, clock=lambda: made.now_us, refresh_us=0)
    assert [ahead.get(), ahead.get()] == [1, 2]


def test_an_outage_met_beside_is_told_to_whoever_waits_next() -> None:
    made = Made()
    made.go.set()
    ahead = Ahead(made.make, clock=lambda: made.now_us, refresh_us=10)
    assert ahead.get() == 1
    made.away, made.now_us = True, 10
    assert ahead.get() == 1
    ahead.settle()
    made.now_us = 50
    with pytest.raises(EdgeDown):
        ahead.get()
