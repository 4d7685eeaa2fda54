"""Interleaved rounds: every implementation once a round, in turn, so that a noisy minute hits them all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from time import process_time

from bench.ours import Alert

Run = Callable[[], Sequence[Alert]]


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
    """Median CPU seconds of each."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            spent[name].append(cpu_seconds(run))
    return {name: median(seconds) for name, seconds in spent.items()}


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
