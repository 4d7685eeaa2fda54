"""Connections lent to one thread at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from manumit.connectors.store.lending import Lending
from manumit.schemas.errors import Broken


class Shop:
    """Numbers the connections it opens, and remembers those it closed."""

    def __init__(self) -> None:
        self.numbers = count()
        self.closed: list[int] = []
        self.lending = Lending(lambda: next(self.numbers), self.closed.append)


def test_no_two_borrow_the_same_at_once() -> None:
    shop, all_borrowed = Shop(), threading.Barrier(4)

    def borrow() -> int:
        with shop.lending.borrow() as number:
            all_borrowed.wait(timeout=30)
            return number

    with ThreadPoolExecutor(4) as pool:
        borrowed = [future.result() for future in [pool.submit(borrow) for _ in range(4)]]
    assert sorted(borrowed) == [0, 1, 2, 3]
    with shop.lending.borrow() as again:
        assert again in borrowed


def test_one_that_failed_is_closed_and_not_lent_again() -> None:
    shop = Shop()
    with pytest.raises(ZeroDivisionError), shop.lending.borrow() as number:
        raise ZeroDivisionError(number)
    assert shop.closed == [0]
    with shop.lending.borrow() as number:
        assert number == 1


def test_closing_waits_for_nobody_and_forgets_nobody() -> None:
    shop = Shop()
    with shop.lending.borrow(), shop.lending.borrow():
        pass
    with shop.lending.borrow() as lent:
        shop.lending.close()
        assert shop.closed == [1 - lent]
    assert sorted(shop.closed) == [0, 1]
    with pytest.raises(Broken, match="closed"), shop.lending.borrow():
        pass
