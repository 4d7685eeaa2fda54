"""History through a changed rule or model: the same answer every time, as Parquet, compared with another replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet

from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow, to_arrow
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.signal import Signal

ALERTS = "alerts.parquet"
DEAD_LETTERS = "dead_letters.parquet"


class ReplayStore:
    """Keeps the newest revision of each alert and the dead letters in memory, and counts signals."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._letters: dict[str, DeadLetter] = {}
        self._signals: Counter[str] = Counter()

    def migrate(self) -> tuple[str, ...]:
        return ()

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        for row in rows:
            if isinstance(row, Alert):
                self._alerts[row.alert_id] = msgspec.structs.replace(row, stored_us=0)
            elif isinstance(row, DeadLetter):
                self._letters[row.letter_id] = row
            elif isinstance(row, Signal):
                self._signals[row.detector] += 1

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A replay asks nothing: what it reads is its input."""
        return []

    def close(self) -> None:
        return None

    def save(self, folder: Path) -> None:
        """Alerts and dead letters, ordered by id, so that equal replays give equal files."""
        folder.mkdir(parents=True, exist_ok=True)
        alerts = [self._alerts[key] for key in sorted(self._alerts)]
        letters = [self._letters[key] for key in sorted(self._letters)]
        pyarrow.parquet.write_table(to_arrow(Alert, alerts), folder / ALERTS, compression="zstd")
        pyarrow.parquet.write_table(to_arrow(DeadLetter, letters), folder / DEAD_LETTERS, compression="zstd")

    @property
    def dead_letters(self) -> Mapping[str, DeadLetter]:
        return self._letters

    @property
    def signals(self) -> Mapping[str, int]:
        """How many signals each detector gave."""
        return self._signals

    @property
    def alerts(self) -> Mapping[str, Alert]:
        return self._alerts


def saved_alerts(folder: Path) -> dict[str, Alert]:
    """The alerts of an earlier replay. Raises ConfigError when the folder holds none."""
    path = folder / ALERTS
    if not path.is_file():
        raise ConfigError(f"{folder} is no replay: it has no {ALERTS}")
    return {alert.alert_id: alert for alert in from_arrow(Alert, pyarrow.parquet.read_table(path))}


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that only one of two replays has, or both with another content."""

    detector: str
    subject: str
    last_us: int
    alert_id: str


def compare(now: Mapping[str, Alert], before: Mapping[str, Alert]) -> dict[str, list[Difference]]:
    """Alerts only here (`added`), only there (`removed`), and in both with another content, in order of time."""
    return {
        "added": _listed(now, now.keys() - before.keys()),
        "removed": _listed(before, before.keys() - now.keys()),
        "changed": _listed(now, {key for key in now.keys() & before.keys() if now[key] != before[key]}),
    }


def _listed(alerts: Mapping[str, Alert], ids: Iterable[str]) -> list[Difference]:
    found = (alerts[key] for key in ids)
    rows = [Difference(detector=a.detector, subject=a.subject, last_us=a.last_us, alert_id=a.alert_id) for a in found]
    return sorted(rows, key=lambda row: (row.last_us, row.alert_id))
