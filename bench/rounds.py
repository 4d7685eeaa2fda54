"""Interleaved rounds: every implementation once a round, in turn, so that a noisy minute hits them all.

Each implementation lives in a process of its own, all on the one core: what one leaves behind in the
allocator, the collector or the kernel's page tables must not be paid by the next.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

from bench.ours import Alert

Answer = TypeVar("Answer")
Run = Callable[[], Sequence[Alert]]
Build = Callable[[Path], Run]
"""Makes a run over one input file; reading or cutting the file beforehand is not timed."""


@contextmanager
def collector_off() -> Iterator[None]:
    """No cyclic garbage collection inside: the best case for plain Python."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def cpu_seconds(run: Callable[[], object]) -> float:
    """Processor time of this process: on a shared machine wall time measures the neighbours."""
    with collector_off():
        start = process_time()
        run()
        return process_time() - start


def medians(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each, all in this process."""
    return _medians({name: partial(cpu_seconds, run) for name, run in runs.items()}, rounds)


def compared(builds: Mapping[str, Build], path: Path, rounds: int) -> dict[str, float]:
    """Median CPU seconds of each in a process of its own. Raises AssertionError unless all alerts are the same."""
    workers = {name: ProcessPoolExecutor(1, mp_context=get_context("spawn")) for name in builds}
    try:
        same_alerts({name: partial(_asked, workers[name], _alerts, build, path) for name, build in builds.items()})
        timed = {name: partial(_asked, workers[name], _seconds, build, path) for name, build in builds.items()}
        return _medians(timed, rounds)
    finally:
        for worker in workers.values():
            worker.shutdown()


def _medians(timed: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, seconds in timed.items():
            spent[name].append(seconds())
    return {name: median(seconds) for name, seconds in spent.items()}


def _asked(worker: ProcessPoolExecutor, question: Callable[[Build, Path], Answer], build: Build, path: Path) -> Answer:
    return worker.submit(question, build, path).result()


@cache
def _built(build: Build, path: Path) -> Run:
    return build(path)


def _alerts(build: Build, path: Path) -> Sequence[Alert]:
    return _built(build, path)()


def _seconds(build: Build, path: Path) -> float:
    return cpu_seconds(_built(build, path))


def same_alerts(runs: Mapping[str, Run]) -> int:
    """Runs each once, also to compile and warm it. Raises AssertionError unless all alerts are the same set."""
    found: dict[str, set[Alert]] = {}
    for name, run in runs.items():
        alerts = run()
        found[name] = set(alerts)
        assert len(found[name]) == len(alerts), f"{name} gave an alert twice"
    first, wanted = next(iter(found.items()))
    for name, others in found.items():
        assert others == wanted, f"{name} and {first} differ in {len(others ^ wanted)} alerts"
    return len(wanted)
