"""History through a changed rule or model: the same answer every time, as Parquet, compared with another replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet

from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow, to_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.signal import Signal
from manumit.streams.parting import RESTRICTED, Minors, parted, restricted_folder

ALERTS = "alerts.parquet"
DEAD_LETTERS = "dead_letters.parquet"


class ReplayStore:
    """Keeps the newest revision of each alert and the dead letters in memory, counts signals, and knows the minors."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._letters: dict[str, DeadLetter] = {}
        self._signals: Counter[str] = Counter()
        self._minors = Minors()
        self._hidden: frozenset[str] = frozenset()

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
            elif isinstance(row, Customer):
                self._minors.learn(row)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A replay asks nothing: what it reads is its input."""
        return []

    def close(self) -> None:
        return None

    def save(self, folder: Path) -> None:
        """Alerts and dead letters, ordered by id, so that equal replays give equal files.

        Alerts for restricted eyes stand in `restricted`, a folder for its owner alone.
        """
        folder.mkdir(parents=True, exist_ok=True)
        letters = [self._letters[key] for key in sorted(self._letters)]
        for half, place in zip(self.halves(), (folder, restricted_folder(folder)), strict=True):
            pyarrow.parquet.write_table(to_arrow(Alert, half), place / ALERTS, compression="zstd")
        pyarrow.parquet.write_table(to_arrow(DeadLetter, letters), folder / DEAD_LETTERS, compression="zstd")

    def hide(self, names: Iterable[str]) -> None:
        """Alerts about these are for restricted eyes too: what others found to name minors."""
        self._hidden |= frozenset(names)

    @property
    def hidden(self) -> frozenset[str]:
        """What names minors, as far as is known here."""
        return self._hidden | self._minors.names()

    def halves(self) -> tuple[list[Alert], list[Alert]]:
        """The alerts for all eyes and those for restricted ones, each ordered by id."""
        return parted((self._alerts[key] for key in sorted(self._alerts)), self.hidden)

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


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier replay: all its alerts by id, and the ids of those for restricted eyes."""

    alerts: Mapping[str, Alert]
    restricted: frozenset[str]


def saved(folder: Path) -> Saved:
    """Raises ConfigError when the folder holds no replay, or its restricted half may not be read."""
    if not (folder / ALERTS).is_file():
        raise ConfigError(f"{folder} is no replay: it has no {ALERTS}")
    try:
        restricted = _read(folder / RESTRICTED / ALERTS)
    except PermissionError as error:
        raise ConfigError(f"{folder / RESTRICTED} is for its owner alone: {error.strerror}") from error
    return Saved(alerts={**_read(folder / ALERTS), **restricted}, restricted=frozenset(restricted))


def _read(path: Path) -> dict[str, Alert]:
    """Nothing where there is no file: replays of before had one half."""
    if not path.exists():
        return {}
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


def apart(
    found: Mapping[str, Sequence[Difference]], restricted: Collection[str]
) -> tuple[dict[str, list[Difference]], int]:
    """The differences without those of alerts for restricted eyes, whose ids are given, and how many those are."""
    shown = {kind: [row for row in rows if row.alert_id not in restricted] for kind, rows in found.items()}
    return shown, sum(map(len, found.values())) - sum(map(len, shown.values()))


def _listed(alerts: Mapping[str, Alert], ids: Iterable[str]) -> list[Difference]:
    found = (alerts[key] for key in ids)
    rows = [Difference(detector=a.detector, subject=a.subject, last_us=a.last_us, alert_id=a.alert_id) for a in found]
    return sorted(rows, key=lambda row: (row.last_us, row.alert_id))
