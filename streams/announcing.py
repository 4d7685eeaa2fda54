"""What workers tell systems that do not read the store: what is for restricted eyes goes onto a topic of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import msgspec

from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.detectors.contract import Detector
from manumit.schemas.alert import Alert
from manumit.schemas.signal import Signal
from manumit.streams.parting import parted
from manumit.streams.screening import Rows

Row = TypeVar("Row", bound=msgspec.Struct)


def protective(detectors: Sequence[Detector]) -> frozenset[str]:
    """Ids of those that speak of minors and people under pressure."""
    return frozenset(one.about.id for one in detectors if one.about.nature == "protection")


class Announcing:
    """What was written, onto signals.v1, alerts.v1, restricted-alerts.v1 and dead-letters.v1.

    `minors` says what names minors at that moment; `protection` are the ids of detectors whose every word is for
    restricted eyes. Their signals, and those about minors, are announced nowhere: the store has them.
    """

    def __init__(
        self, publisher: KafkaPublisher, *, minors: Callable[[], Collection[str]], protection: Collection[str]
    ) -> None:
        self._publisher = publisher
        self._minors = minors
        self._protection = protection

    def __call__(self, rows: Rows) -> None:
        """Returns when the broker has them. Raises EdgeDown, ConfigError."""
        if not any(rows.values()):
            return
        alerts, signals = _of(rows, Alert), _of(rows, Signal)
        hidden = frozenset(self._minors()) if alerts or signals else frozenset()
        general, restricted = parted(alerts, hidden)
        self._publisher.records(rows.get("dead_letters", ()))
        self._publisher.records([one for one in signals if self._is_general(one, hidden)])
        self._publisher.records(general)
        self._publisher.records(restricted, restricted=True)
        self._publisher.flush()

    def _is_general(self, one: Signal, hidden: Collection[str]) -> bool:
        return one.detector not in self._protection and one.subject not in hidden


def _of(rows: Rows, kind: type[Row]) -> list[Row]:
    return [row for table in rows.values() for row in table if isinstance(row, kind)]
