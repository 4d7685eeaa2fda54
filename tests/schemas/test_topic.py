"""The declared topics."""

from __future__ import annotations

import pytest

from manumit.schemas.envelope import unpacked
from manumit.schemas.json_schema import example
from manumit.schemas.topic import DAY_MS, Topic, topic_of, topics
from manumit.schemas.wire import decode

NAMES = [
    "account-events.v1",
    "alerts.v1",
    "child-referrals.v1",
    "customers.v1",
    "dead-letters.v1",
    "labels.v1",
    "legs.v1",
    "listings.v1",
    "restricted-alerts.v1",
    "signals.v1",
    "transfers.v1",
]
LONGEST_WINDOW_DAYS = 180


def test_the_topics_are_these() -> None:
    assert list(topics()) == NAMES


@pytest.mark.parametrize("topic", topics().values(), ids=NAMES)
def test_the_example_decodes_and_has_a_key(topic: Topic) -> None:
    opened = unpacked(topic.example.encode(), "json")
    assert opened.refused == ()
    assert list(opened.records) == [decode(topic.schema, example(topic.schema))]
    assert all(topic.key_of(record) for record in opened.records)
    assert topic.inner or topic_of(topic.schema, restricted=topic.restricted) is topic
    assert topic.what.strip().endswith(".")


def test_the_archive_outlives_every_window() -> None:
    transfers = topics()["transfers.v1"]
    assert topics()["legs.v1"].retention_days == transfers.retention_days
    assert transfers.retention_days > 2 * LONGEST_WINDOW_DAYS
    assert transfers.settings()["retention.ms"] == str(transfers.retention_days * DAY_MS)
    assert topics()["labels.v1"].settings() == {
        "cleanup.policy": "compact",
        "retention.ms": "-1",
        "compression.type": "gzip",
    }
