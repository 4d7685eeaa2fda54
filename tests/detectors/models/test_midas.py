from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from bench.bursts import burst_set
from manumit.detectors.models import midas_oracle
from manumit.detectors.models.midas import COLUMNS, FADE, THRESHOLD, Midas, fresh, keys
from manumit.schemas.errors import ConfigError

Edge = tuple[int, int, int]
WIDE = 4_096  # cells: so many that few accounts never meet in one


def ours(edges: list[Edge], state: Midas | None = None) -> list[float]:
    columns = np.array(edges, np.int64).reshape(-1, 3)
    state = state or fresh(1, columns=WIDE, threshold=50.0)
    found = state.take(columns[:, 0].astype(np.uint64), columns[:, 1].astype(np.uint64), columns[:, 2].copy())
    return found.tolist()  # type: ignore[no-any-return] # numpy


@st.composite
def streams(draw: st.DrawFn) -> list[Edge]:
    """Few accounts, ticks that stand still, go on or jump, and now and then the same edge many times over."""
    tick, edges = 1, []
    for _ in range(draw(st.integers(1, 12))):
        tick += draw(st.sampled_from((0, 1, 1, 1, 5)))
        one = (draw(st.integers(0, 4)), draw(st.integers(5, 9)), tick)
        edges += [one] * draw(st.sampled_from((1, 1, 2, 30)))
    return edges


@settings(max_examples=60, deadline=None)
@given(streams())
def test_the_kernel_is_the_papers_program(edges: list[Edge]) -> None:
    assert ours(edges) == pytest.approx(midas_oracle.scores(edges, epsilon=50.0, alpha=FADE), rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(streams(), st.integers(1, 20))
def test_batches_and_a_snapshot_never_matter(edges: list[Edge], size: int) -> None:
    state, found = fresh(1, columns=WIDE, threshold=50.0), []
    for start in range(0, len(edges), size):
        found += ours(edges[start : start + size], state)
        state = Midas.of(state.parts())
    assert found == ours(edges)


def test_bursts_are_ranked_as_by_the_papers_program() -> None:
    """With sketches as wide as the accounts are many; with the papers' own small ones it differs by collisions."""
    stream = burst_set(3, 6_000)
    plain = zip(stream.source.tolist(), stream.destination.tolist(), stream.tick.tolist(), strict=True)
    wanted = roc_auc_score(stream.burst, midas_oracle.scores(plain, epsilon=THRESHOLD, alpha=FADE))
    found = [
        roc_auc_score(
            stream.burst, fresh(7, columns=columns, rows=4).take(stream.source, stream.destination, stream.tick)
        )
        for columns in (2**14, COLUMNS)
    ]
    assert found[0] == pytest.approx(wanted, abs=1e-9)
    assert found[1] == pytest.approx(wanted, abs=0.03)
    assert wanted > 0.9


def test_a_burst_does_not_become_usual() -> None:
    """The reason for MIDAS-F: after a burst the same again scores as high as the first time, or nearly so."""
    calm = [(1, 5, tick) for tick in range(1, 21)]
    again = [edge for tick in range(21, 25) for edge in [(1, 5, tick)] * 40]
    found = ours(calm + again)
    assert max(found[20 + 120 :]) > 0.3 * max(found[20:60])


def test_the_first_tick_and_what_was_never_seen_surprise_nobody() -> None:
    assert ours([(1, 5, 1)] * 9) == [0.0] * 9
    assert ours([(1, 5, 1), (2, 6, 2)])[1] == 0.0


@pytest.mark.parametrize("ticks", [[0], [2, 1]])
def test_ticks_begin_at_one_and_never_fall(ticks: list[int]) -> None:
    with pytest.raises(ValueError, match="never fall"):
        ours([(1, 5, tick) for tick in ticks])


def test_ticks_never_fall_from_one_batch_to_the_next() -> None:
    state = fresh(1, columns=WIDE)
    ours([(1, 5, 7)], state)
    with pytest.raises(ValueError, match="never fall"):
        ours([(1, 5, 6)], state)


def test_a_name_has_one_key() -> None:
    """FNV-1a's published test values."""
    assert keys(["", "a", "foobar"]).tolist() == [0xCBF29CE484222325, 0xAF63DC4C8601EC8C, 0x85944171F73967E8]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("now", np.zeros((3, 2, 8), np.float32)),
        ("past", np.zeros((3, 2, 9))),
        ("now", np.zeros((2, 2, 8))),
        ("salt", np.zeros((3, 1), np.uint64)),
        ("limits", np.zeros(3)),
    ],
)
def test_damaged_parts_are_refused(name: str, part: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    with pytest.raises(ConfigError, match="start anew"):
        Midas.of({**fresh(1, columns=8).parts(), name: part})
