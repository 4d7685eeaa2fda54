"""Reading a server-sent event stream as a browser does, with a deadline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class Told:
    """One event."""

    id: str
    name: str
    value: Any


@contextmanager
def listening(client: httpx.Client, *, after: str = "", last: str = "", **wanted: str) -> Iterator[Iterator[Told]]:
    """The events of one connection; waiting longer than the deadline for the next byte raises ReadTimeout."""
    headers = {"last-event-id": last} if last else {}
    parameters = {"after": after, **wanted}
    with client.stream("GET", "/v1/stream", params=parameters, headers=headers, timeout=DEADLINE_S) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        yield told(answer.iter_lines())


def told(lines: Iterator[str]) -> Iterator[Told]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "event" in fields:
            yield Told(fields["id"], fields["event"], msgspec.json.decode(fields["data"]))
            fields = {}


def until(events: Iterator[Told], name: str) -> Told:
    """The next event of that name."""
    return next(event for event in events if event.name == name)
