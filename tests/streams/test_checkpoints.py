"""A run that is killed and resumed says what an undisturbed run says."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Source
from manumit.detectors.stories import pay
from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.pipeline import Pipeline
from manumit.streams.runner import Desk, Runner, Totals
from tests.streams.flow import LABELS, NOW_US, Event, Kept, new_pipeline, run, small_worlds, source
from tests.streams.test_reorgs import Chain, others, standing


class Killed(Exception):
    """The process ended here: after the write, before the checkpoint."""


def run_until(
    death: int, sources: Sequence[Source], store: Kept, folder: Path, every: int, pipeline: Pipeline | None = None
) -> Totals | None:
    """Dies at bundle `death`; checkpoints at every `every`th bundle. None when it died."""
    bundles = 0

    def progress(totals: Totals, positions: Mapping[str, str]) -> None:
        nonlocal bundles
        bundles += 1
        if bundles == death:
            raise Killed

    desk = Desk(
        store=store,
        clock=lambda: NOW_US + bundles,
        read=lambda listing: listing,
        seal=lambda letter: letter,
        progress=progress,
        checkpoint_every_us=every,
    )
    try:
        return Runner(
            sources=sources,
            pipeline=pipeline or new_pipeline(),
            desk=desk,
            labels=LABELS,
            checkpoints=Checkpoints(folder),
        ).run(threading.Event())
    except Killed:
        return None


def check_deaths(deaths: Sequence[int], every: int, sources: Sequence[Source], folder: Path) -> None:
    undisturbed = run(*sources)
    store, totals = Kept(), None
    for death in (*deaths, 10**9):
        totals = run_until(death, sources, store, folder, every)
        if totals is not None:
            break
    assert totals is not None
    assert store.alerts == undisturbed.store.alerts
    assert store.dead_letters == undisturbed.store.dead_letters
    assert (totals.events, totals.signals, totals.alerts) == (
        undisturbed.totals.events,
        undisturbed.totals.signals,
        undisturbed.totals.alerts,
    )
    assert totals.digest.hex == undisturbed.totals.digest.hex


def run_and_stop(stop_at: int, sources: Sequence[Source], store: Kept, folder: Path) -> None:
    """Ctrl-C at bundle `stop_at`."""
    stop = threading.Event()
    bundles = 0

    def progress(totals: Totals, positions: Mapping[str, str]) -> None:
        nonlocal bundles
        bundles += 1
        if bundles == stop_at:
            stop.set()

    desk = Desk(
        store=store, clock=lambda: NOW_US, read=lambda listing: listing, seal=lambda letter: letter, progress=progress
    )
    Runner(sources=sources, pipeline=new_pipeline(), desk=desk, labels=LABELS, checkpoints=Checkpoints(folder)).run(
        stop
    )


FORTY = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
DEATHS = st.lists(st.integers(1, 12), max_size=5)


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(small_worlds(longest=40), DEATHS, st.integers(0, 6), st.sampled_from((1, 3, 7)))
def test_files(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], deaths: list[int], every: int, size: int
) -> None:
    sources = [source("even", events[::2], size), source("odd", events[1::2], 2 * size)]
    check_deaths(deaths, every, sources, tmp_path_factory.mktemp("state"))


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(("", "b", "early")), st.integers(0, 9)), max_size=5),
    DEATHS,
    st.booleans(),
    st.integers(0, 99),
)
def test_a_chain_with_reorgs_that_is_stopped_and_resumed(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, str, int]],
    stops: list[int],
    alone: bool,
    seed: int,
) -> None:
    chain = Chain(seed)
    for count, fork, depth in steps:
        chain.grow(count, fork)
        chain.reorganise(depth)
    chain.grow(4, "last")
    rest = [] if alone else [source("file", others(seed, 12 * 40), 3)]
    store, folder = Kept(), tmp_path_factory.mktemp("state")
    for stop_at in (*stops, 10**9):
        run_and_stop(stop_at, [chain.source(), *rest], store, folder)
    straight = run(chain.final_source(), *rest)
    assert standing(store) == standing(straight.store)
    assert not store.dead_letters


def test_a_run_that_ended_says_the_same_again(tmp_path: Path) -> None:
    events = [pay(f"p{i}", f"payer-{i}", "till", 80, at=i) for i in range(30)]
    first = run(source("all", events), folder=tmp_path)
    again = run(source("all", events), folder=tmp_path, store=first.store)
    assert again.totals.plain() == first.totals.plain()
    assert again.totals.digest.hex == first.totals.digest.hex


def test_a_source_that_is_new_after_a_restart_is_not_passed_over(tmp_path: Path) -> None:
    """What it brings is too old, and that is said of every row."""
    old = [pay(f"old{i}", "payer", "other", 80, at=i) for i in range(3)]
    new = [pay(f"new{i}", "payer", "till", 80, at=100 + i) for i in range(3)]
    store = Kept()
    run(source("new", new), folder=tmp_path, store=store)
    again = run(source("new", new), source("old", old), folder=tmp_path, store=store)
    assert {letter.place for letter in store.dead_letters.values()} == {row.event_id for row in old}
    assert again.totals.dead_letters == 3


def saved(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.checkpoint"))


def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(tmp_path: Path) -> None:
    events = [pay(f"p{i}", f"payer-{i}", "till", 80, at=i) for i in range(30)]
    store = Kept()
    assert run_until(9, [source("all", events, 3)], store, tmp_path, 0) is None
    assert len(saved(tmp_path)) == 2
    newest = saved(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:-1])
    check_deaths([], 0, [source("all", events, 3)], tmp_path)


def test_checkpoints_that_are_all_damaged_are_named(tmp_path: Path) -> None:
    (tmp_path / "000000000001.checkpoint").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"every checkpoint in .* is damaged"):
        Checkpoints(tmp_path).newest("rules")


def test_other_rules_other_thresholds_another_version(tmp_path: Path) -> None:
    events = [pay(f"p{i}", f"payer-{i}", "till", 80, at=i) for i in range(30)]
    run(source("all", events), folder=tmp_path)
    other = new_pipeline(overrides={"tx-funnel-fan-in": {"min_usd": 11}})
    with pytest.raises(ConfigError, match=r"another set of rules.*fresh state_dir"):
        run(source("all", events), folder=tmp_path, pipeline=other)
    path = saved(tmp_path)[-1]
    body = b"\x01" + path.read_bytes()[33:]
    path.write_bytes(sha256(body).digest() + body)
    with pytest.raises(ConfigError, match="another version of manumit"):
        run(source("all", events), folder=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file is in the way")
    events = [pay("p", "payer", "till", 80, at=0)]
    with pytest.raises(EdgeDown, match=r"no checkpoint can be written in .*state.* make room"):
        run(source("all", events), folder=tmp_path / "state")


def test_files_that_are_no_checkpoints_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.checkpoint").write_text("mine")
    (tmp_path / "000000000007.draft").write_text("half")
    assert Checkpoints(tmp_path).newest("rules") is None
