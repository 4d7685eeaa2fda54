"""What workers put onto topics: nothing about minors and people under pressure where everybody reads."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from manumit.detectors.catalogue import detectors
from manumit.schemas.dead_letter import dead_letter
from manumit.schemas.envelope import unpacked
from manumit.schemas.signal import Signal
from manumit.streams.announcing import Announcing, protective
from manumit.streams.screening import Rows
from tests.streams.customer_books import standing, subject
from tests.streams.small_cluster import LogPublisher, Logs

PROTECTION = protective(detectors())
PRESSED = sorted(PROTECTION)[0]
LETTER = dead_letter(source="here", place="1", reason="malformed", message="x", payload=b"{}", at_us=1)


def signal(detector: str, about: str) -> Signal:
    return Signal(detector=detector, version=1, subject=about, event_id=f"account:x:{about}", at_us=1)


def announced(rows: Rows, minors: set[str]) -> dict[str, list[msgspec.Struct]]:
    """By topic, read back as other systems do."""
    logs = Logs()
    found: dict[str, list[msgspec.Struct]] = defaultdict(list)
    Announcing(LogPublisher(logs), minors=lambda: minors, protection=PROTECTION)(rows)
    for (topic, _), messages in logs.by_place.items():
        for message in messages:
            opened = unpacked(message.value, "msgpack")
            assert opened.refused == ()
            found[topic] += opened.records
    return {topic: sorted(rows, key=msgspec.json.encode) for topic, rows in found.items()}


def test_each_half_has_its_topic_and_restricted_signals_none() -> None:
    alerts = [
        standing("kyc-income-mismatch", subject("grown"), alert_id="0" * 32),
        standing("kyc-income-mismatch", subject("child"), alert_id="1" * 32),
        standing("kyc-single-controller", "device:d", alert_id="2" * 32),
        standing(PRESSED, subject("grown"), alert_id="3" * 32),
    ]
    assert [one.nature == "protection" for one in alerts] == [False, False, False, True]
    signals = [signal(one.detector, one.subject) for one in alerts]
    letters = [LETTER]
    rows: Rows = {"dead_letters": letters, "signals": signals, "alerts": alerts}
    assert announced(rows, {subject("child"), "device:d"}) == {
        "dead-letters.v1": letters,
        "signals.v1": signals[:1],
        "alerts.v1": alerts[:1],
        "restricted-alerts.v1": alerts[1:],
    }


def test_nobody_is_asked_about_nothing() -> None:
    def minors() -> list[str]:
        raise AssertionError

    announce = Announcing(LogPublisher(Logs()), minors=minors, protection=PROTECTION)
    announce({"alerts": [], "signals": [], "dead_letters": []})
    announce({"alerts": [], "signals": [], "dead_letters": [LETTER]})
