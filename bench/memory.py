"""Resident memory for each live account, each implementation in a process of its own.

`python -m bench.memory ours|plain FILE` reads the NDJSON file and prints bytes an account. Linux only.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.ours import Judge, ndjson_alerts
from bench.plain import Accounts, plain_alerts
from bench.results import Result, less_is_better
from bench.three_rules import THREE_RULES
from bench.transfers import Stream
from manumit.connectors.files.stream import Block
from manumit.detectors.windows.engine import Engine

LINES = 1000


def of_accounts(stream: Stream) -> Iterator[Result]:
    ours, plain = (_asked(whose, stream.ndjson_file) for whose in ("ours", "plain"))
    name = "orjson + plain Python"
    yield less_is_better("resident memory of a live account, three detectors", ours, plain, name, "bytes")


def _asked(whose: str, path: Path) -> float:
    command = [sys.executable, "-m", "bench.memory", whose, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def measured(whose: str, path: Path) -> float:
    """Growth of this process's resident memory over the file, for each account live at its end."""
    judge, accounts = Judge(THREE_RULES), Accounts()
    engine = Engine(judge.plan())
    ndjson_alerts(judge, Engine(judge.plan()), [Block(b"".join(next(_pieces(path))))])  # compiles
    before = resident()
    for piece in _pieces(path):
        if whose == "ours":
            ndjson_alerts(judge, engine, [Block(b"".join(piece))])
        else:
            plain_alerts(accounts, piece)
    gc.collect()
    return (resident() - before) / (engine.live_accounts or len(accounts))


def _pieces(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        while piece := list(islice(file, LINES)):
            yield piece


def resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.stdout.write(f"{measured(sys.argv[1], Path(sys.argv[2]))}\n")
