from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.files.order import Item, clean_cut, runs

TIMES = st.lists(st.integers(0, 20), min_size=1, max_size=40)


def is_clean(times: list[int], k: int) -> bool:
    return max(times[:k]) <= min(times[k:])


@given(TIMES, st.integers(1, 30))
def test_clean_cut_is_the_largest_within_the_limit_else_the_smallest(times: list[int], limit: int) -> None:
    found = clean_cut(np.array(times, np.int64), limit)
    clean = [k for k in range(1, len(times)) if is_clean(times, k)]
    within = [k for k in clean if k <= limit]
    if sorted(times) == times:
        assert found == min(limit, len(times))
    else:
        assert found == (within[-1] if within else clean[0] if clean else 0)


def items(times: list[int]) -> list[Item]:
    return [Item(str(i + 1), at_us, None) for i, at_us in enumerate(times)]


@given(TIMES, st.integers(1, 6), st.integers(2, 4))
def test_runs_are_prefixes_of_the_file_each_in_order(times: list[int], size: int, windows: int) -> None:
    found = list(runs(iter(items(times)), size, size * windows))
    done = 0
    for position, run in found:
        expected = sorted(items(times)[done : done + len(run)], key=lambda item: item.at_us)
        assert run == expected
        done += len(run)
        assert position == str(done)
    assert done == len(times)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 3)), min_size=1, max_size=60))
def test_rows_displaced_within_the_window_come_out_sorted(steps: list[tuple[int, int]]) -> None:
    """Each row may stand up to three places late: the whole file comes out in order."""
    in_order = sorted(step for step, _ in steps)
    places = sorted(range(len(steps)), key=lambda i: i + steps[i][1])
    times = [in_order[i] for i in places]
    given_out = [item.at_us for _, run in runs(iter(items(times)), 8, 32) for item in run]
    assert given_out == in_order


@given(TIMES, st.integers(1, 6), st.integers(2, 4))
def test_a_resumed_reading_cuts_at_the_same_places(times: list[int], size: int, windows: int) -> None:
    whole = list(runs(iter(items(times)), size, size * windows))
    for i, (position, _) in enumerate(whole):
        assert list(runs(iter(items(times)[int(position) :]), size, size * windows)) == whole[i + 1 :]


def test_rows_taken_back_stand_alone_as_they_come() -> None:
    rows = [Item("1", 1, None), Item("2", 2, None), Item("3", 2, None, -1), Item("4", 1, None, -1), Item("5", 1, None)]
    found = list(runs(iter(rows), 10, 20))
    assert [[(i.at_us, i.op) for i in run] for _, run in found] == [[(1, 1), (2, 1)], [(2, -1), (1, -1)], [(1, 1)]]
