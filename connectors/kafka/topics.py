"""The declared topics and those of a broker: make what is missing, and say where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import NoError, TopicAlreadyExistsError, for_code

from manumit.connectors.kafka.access import BOOTSTRAP_TIMEOUT_MS, answering, broker_errors
from manumit.schemas.errors import ConfigError
from manumit.schemas.topic import Topic, topics

BROKER_DEFAULT = -1
ACCEPTED = "OK"
ALL = "all"  # also the settings that stand at the broker's default


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One declaration a broker does not follow. `setting` is `topic`, `partitions` or a broker's setting."""

    topic: str
    setting: str
    declared: str
    found: str


def apply_topics(servers: str, *, prefix: str = "", replication: int = BROKER_DEFAULT) -> tuple[str, ...]:
    """Make the missing topics and set retention where it differs; returns what was done. Idempotent.

    The number of partitions of a topic that exists is left alone: more of them would move keys and break their
    order; `check_topics` names it. `prefix` stands before every name. Raises EdgeDown, ConfigError.
    """
    declared = _declared(prefix)
    with broker_errors("topics apply", servers), _admin(servers) as admin:
        differences = _differences(admin, declared)
        made = {d.topic for d in differences if d.setting == "topic"}
        if made:
            wanted = {name: _options(declared[name], replication) for name in sorted(made)}
            _make(admin, wanted)
        changed = [d for d in differences if d.setting not in ("topic", "partitions")]
        if changed:
            _set(admin, changed)
    done = [f"made {name} with {declared[name].partitions} partitions" for name in sorted(made)]
    return (*done, *(f"{d.topic}: {d.setting} {d.found} -> {d.declared}" for d in changed))


def check_topics(servers: str, *, prefix: str = "") -> tuple[Difference, ...]:
    """Where the broker differs from the declarations; empty when nowhere. Raises EdgeDown, ConfigError."""
    declared = _declared(prefix)
    with broker_errors("topics check", servers), _admin(servers) as admin:
        return _differences(admin, declared)


def require_topics(servers: str, names: Iterable[str]) -> None:
    """Raises ConfigError naming those the broker does not have: its clients would wait for them a long time."""
    with broker_errors("look for topics", servers), _admin(servers) as admin:
        missing = sorted(set(names) - set(admin.list_topics()))
    if missing:
        raise ConfigError(f"{servers} has no topic {', '.join(missing)}; run `manumit topics apply`")


def _make(admin: KafkaAdminClient, wanted: Mapping[str, object]) -> None:
    """One that is there meanwhile is as good."""
    for found in admin.create_topics(wanted, raise_errors=False)["topics"]:
        kind = for_code(found["error_code"])
        if kind not in (NoError, TopicAlreadyExistsError):
            raise ConfigError(f"{found['name']} cannot be made: {kind.__name__} {found['error_message']}")
    admin.wait_for_topics(list(wanted))


def _set(admin: KafkaAdminClient, changed: Sequence[Difference]) -> None:
    names = sorted({d.topic for d in changed})
    found = admin.alter_configs([_resource(name, _new(name, changed)) for name in names])["topic"]
    refused = {name: result for name, result in found.items() if result != ACCEPTED}
    if refused:
        raise ConfigError(f"the broker refuses settings: {refused}")


def _admin(servers: str) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=answering(servers), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)


def _declared(prefix: str) -> dict[str, Topic]:
    return {prefix + name: topic for name, topic in topics().items()}


def _differences(admin: KafkaAdminClient, declared: Mapping[str, Topic]) -> tuple[Difference, ...]:
    there = sorted(set(admin.list_topics()) & declared.keys())
    partitions = {found["name"]: len(found["partitions"]) for found in admin.describe_topics(there)} if there else {}
    settings = _settings(admin, {name: declared[name] for name in there})
    missing = [
        Difference(topic=name, setting="topic", declared="there", found="missing")
        for name in declared
        if name not in partitions
    ]
    wrong = [d for name in there for d in _wrong(name, declared[name], partitions[name], settings[name])]
    return (*missing, *wrong)


def _wrong(name: str, topic: Topic, partitions: int, settings: dict[str, str]) -> Iterable[Difference]:
    wanted = {"partitions": str(topic.partitions), **topic.settings()}
    found = {"partitions": str(partitions), **settings}
    for setting, value in wanted.items():
        if found.get(setting) != value:
            yield Difference(topic=name, setting=setting, declared=value, found=found.get(setting, ""))


def _settings(admin: KafkaAdminClient, there: Mapping[str, Topic]) -> dict[str, dict[str, str]]:
    if not there:
        return {}
    wanted = [_resource(name, dict.fromkeys(topic.settings())) for name, topic in there.items()]
    found = admin.describe_configs(wanted, config_filter=ALL)["topic"]
    return {name: {key: str(row["value"]) for key, row in found[name].items()} for name in there}


def _options(topic: Topic, replication: int) -> dict[str, object]:
    return {"num_partitions": topic.partitions, "replication_factor": replication, "configs": topic.settings()}


def _resource(name: str, settings: Mapping[str, str | None]) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, name, settings)


def _new(name: str, changed: Sequence[Difference]) -> dict[str, str]:
    return {d.setting: d.declared for d in changed if d.topic == name}
