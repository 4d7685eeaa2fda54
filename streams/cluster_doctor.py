"""Looks at the parts of a cluster: the broker, its topics, how far the group is, and where state is put."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.connectors.kafka.access import answering
from manumit.connectors.kafka.reading import committed, ends
from manumit.connectors.kafka.topics import check_topics
from manumit.connectors.snapshots import SnapshotStore
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.cluster import LEGS, archive
from manumit.streams.doctor import Finding, tried

MOST_LAG = 10_000  # messages: some minutes of work
REPAIR = "run `manumit topics apply`; the partitions of a topic with messages stay as they are"


def examine_cluster(settings: Settings, *, servers: str, prefix: str, group: str) -> Iterator[Finding]:
    """Each part in turn; nothing is changed."""
    broker = tried("broker", lambda: f"{len(answering(servers))} addresses, one answers")
    yield broker
    if not broker.healthy:
        return
    yield tried("topics", lambda: _topics(servers, prefix))
    for name in (*(topic.name for topic in archive()), LEGS):
        yield tried(f"lag {name}", lambda name=name: _lag(servers, group, prefix + name))  # type: ignore[misc]
    yield tried("snapshots", lambda: _snapshots(settings, servers, prefix))


def _topics(servers: str, prefix: str) -> str:
    found = check_topics(servers, prefix=prefix)
    if found:
        one = found[0]
        raise ConfigError(
            f"{one.topic}: {one.setting} is {one.found}, not {one.declared} ({len(found)} such): {REPAIR}"
        )
    return "as declared"


def _lag(servers: str, group: str, topic: str) -> str:
    done = committed(servers, group, topic)
    behind = {part: stop - max(done(part), first) for part, (first, stop) in ends(servers, topic).items()}
    lag = sum(behind.values())
    if lag > MOST_LAG:
        worst = max(behind, key=behind.__getitem__)
        raise ConfigError(
            f"{lag} messages wait, most in partition {worst}: look at a worker's /readyz and log, or start more workers"
        )
    return f"{lag} messages wait"


def _snapshots(settings: Settings, servers: str, prefix: str) -> str:
    if not settings.snapshots:
        return "none are made: each start reads legs.v1 from its beginning"
    store = SnapshotStore(f"{settings.snapshots}/{prefix}{LEGS}")
    whole = bad = 0
    for partition in ends(servers, prefix + LEGS):
        for _, body in store.newest(f"{partition:04d}"):
            whole, bad = whole + (body is not None), bad + (body is None)
    if bad:
        raise ConfigError(f"{bad} of {whole + bad} in {settings.snapshots} are damaged: workers rebuild from the log")
    return f"{whole} whole ones in {settings.snapshots}"
