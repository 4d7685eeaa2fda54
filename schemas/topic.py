"""The topics: who owns each, what keys and keeps it, and an example that must decode.

They are declared in `schemas/topics/`, one TOML file a topic; `manumit topics apply` makes them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from manumit.schemas.errors import Broken
from manumit.schemas.records import RECORDS

DAY_MS = 86_400_000
TOML = ".toml"
SEPARATOR = "|"
COMPRESSION = "gzip"  # the one every client reads without a further library; the broker turns others into it


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`schema` is the record its envelopes hold; `key` names the fields that make the key, and so the order.

    `owner` is the room that writes it. `retention_days` 0 keeps for ever; `cleanup` `compact` keeps the newest
    message of each key, so such a topic holds one record a message. `example` is one message in JSON. `inner` topics
    are between workers: they carry records of several schemas, and nobody else writes or reads them. `restricted` ones
    are for those alone who may see what concerns minors and people under pressure.
    """

    name: str
    schema: str
    owner: Literal["connectors", "streams"]
    what: str
    key: tuple[str, ...]
    partitions: int
    retention_days: int
    cleanup: Literal["delete", "compact"] = "delete"
    inner: bool = False
    restricted: bool = False
    example: str

    def settings(self) -> dict[str, str]:
        """The broker's settings of this topic."""
        retention = self.retention_days * DAY_MS or -1
        return {"cleanup.policy": self.cleanup, "retention.ms": str(retention), "compression.type": COMPRESSION}

    def key_of(self, record: msgspec.Struct) -> str:
        return SEPARATOR.join(str(getattr(record, name)) for name in self.key)


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by name. Raises Broken for a declaration that contradicts itself."""
    found = sorted(
        (f for f in files("manumit.schemas.topics").iterdir() if f.name.endswith(TOML)), key=lambda f: f.name
    )
    declared = [(f.name, msgspec.convert(tomllib.loads(f.read_text("utf-8")), Topic)) for f in found]
    return MappingProxyType({topic.name: _sound(name, topic) for name, topic in declared})


def topic_of(schema: str, *, restricted: bool = False) -> Topic:
    """The topic that carries a schema, to all or to restricted eyes. Raises KeyError."""
    return {topic.schema: topic for topic in topics().values() if not topic.inner and topic.restricted == restricted}[
        schema
    ]


def _sound(file: str, topic: Topic) -> Topic:
    if file != topic.name + TOML:
        raise Broken(f"schemas/topics/{file} declares {topic.name}: a topic's file carries its name")
    struct = RECORDS.get(topic.schema)
    if struct is None or set(topic.key) - set(struct.__struct_fields__) or not topic.key:
        raise Broken(f"{topic.name}: {topic.schema} is no record, or has no fields {', '.join(topic.key)} to key by")
    return topic
