"""`python -m bench`: measure, print the table, write results.json."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import exposure, growth, keeping, latency, memory, results, stories, throughput
from bench.transfers import Stream, columns

HERE = Path(__file__).resolve().parent


def measured(stream: Stream, rounds: int) -> Iterator[results.Result]:
    yield from throughput.json_lines(stream, rounds)
    yield from throughput.parquet_file(stream, rounds)
    yield from throughput.against_oracle(stream, rounds)
    yield from exposure.of_transfers(stream, rounds)
    yield from stories.beside_rules(stream, rounds)
    yield from latency.blocks(stream)
    yield from memory.of_accounts(stream)
    yield from growth.accounts(stream, rounds)
    yield from growth.windows(stream, rounds)
    yield from growth.window_length(stream, rounds)
    yield from keeping.restored(stream, rounds)
    yield from keeping.dead_accounts(stream)
    yield from keeping.threshold_sets(stream, rounds)


def pin() -> int:
    """Keep this process, and those it starts, on one core; returns its number."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="transfers in the stream (default 200000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds, medians are kept (default 5)")
    parser.add_argument("--out", type=Path, default=HERE / "results.json", help="where the results go")
    wanted = parser.parse_args(arguments)
    screen = Console(stderr=True)
    core = pin()
    with TemporaryDirectory() as folder:
        stream = Stream(columns=columns(wanted.events, wanted.events * 3 // 2), folder=Path(folder))
        screen.print(f"{wanted.events:,} transfers, {wanted.rounds} rounds, core {core}")
        lines = []
        for line in measured(stream, wanted.rounds):
            screen.print(f"{line.measure}: x{line.ratio:.1f} {line.peer_name}")
            lines.append(line)
    results.write(lines, wanted.out)
    results.show(lines, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
