"""What an embedded store holds, told by a process of its own, for chDB takes one folder a process.

python -m tests.streams.stored FOLDER
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from manumit.connectors.store.opening import open_store
from manumit.schemas.alert import Alert
from manumit.schemas.stored import from_stored
from manumit.streams.digest import AlertDigest


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The newest revision of every alert; `letters` are (reason, place) of every dead letter."""

    rows: list[Alert]
    transfers: int
    signals: int
    letters: list[tuple[str, str]]

    @property
    def digest(self) -> str:
        return digest_of(self.rows)

    @property
    def alerts(self) -> int:
        return len(self.rows)


def digest_of(alerts: Iterable[Alert]) -> str:
    digest = AlertDigest()
    digest.take(alerts)
    return digest.hex


def stored(folder: Path) -> Stored:
    command = [sys.executable, "-m", "tests.streams.stored", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout, type=Stored)


def look(folder: Path) -> Stored:
    store = open_store(f"embedded:{folder}")
    try:
        alerts = [from_stored(Alert, row) for row in store.query("SELECT * FROM alerts FINAL")]
        letters = store.query("SELECT reason, place FROM dead_letters FINAL ORDER BY place")
        counts = [store.query(f"SELECT count() AS n FROM {table} FINAL")[0]["n"] for table in ("transfers", "signals")]  # noqa: S608 - names of ours
    finally:
        store.close()
    return Stored(
        rows=alerts,
        transfers=counts[0],
        signals=counts[1],
        letters=[(row["reason"], row["place"]) for row in letters],
    )


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(look(Path(sys.argv[1]))).decode())
