"""Muting known innocents, inside the pipeline, so that a replay mutes them too and every count is visible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from manumit.schemas.signal import Signal
from manumit.schemas.triage import Suppression

EVERY = "*"


class Suppressions:
    """The suppressions in force and how many signals each has muted."""

    def __init__(self, rows: Iterable[Suppression] = ()) -> None:
        self._by_subject: dict[str, list[Suppression]] = defaultdict(list)
        self.muted: dict[str, int] = defaultdict(int)
        self.replace(rows)

    def replace(self, rows: Iterable[Suppression]) -> None:
        """Take these from now on; counts go on."""
        self._by_subject.clear()
        for row in sorted(rows, key=lambda r: r.suppression_id):
            if row.active:
                self._by_subject[row.subject].append(row)

    def match(self, signal: Signal) -> str:
        """The id of the suppression that mutes this signal, counted; empty when none does."""
        rows: list[Suppression] = [*self._by_subject.get(signal.subject, ()), *self._by_subject.get(EVERY, ())]
        for row in rows:
            if row.detector in (EVERY, signal.detector) and row.from_us <= signal.at_us < row.until_us:
                self.muted[row.suppression_id] += 1
                return row.suppression_id
        return ""

    def forget(self, suppression_ids: Iterable[str]) -> None:
        """Signals they muted were taken back."""
        for suppression_id in suppression_ids:
            self.muted[suppression_id] -= 1
