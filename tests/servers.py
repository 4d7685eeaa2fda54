"""The real servers tests start: where they are found, and what happens when one is missing.

`scripts/servers` gets them. MANUMIT_ANVIL, MANUMIT_LITECOIND, MANUMIT_CLICKHOUSE, MANUMIT_CHROMIUM, MANUMIT_TEST_JAVA
and MANUMIT_TEST_KAFKA (a folder of jars) override the search.
"""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
KAFKA_JARS = REPOSITORY / ".cache" / "kafka"
ANVIL_PACKAGE = REPOSITORY / ".cache" / "npm" / "node_modules" / "@foundry-rs" / "anvil-linux-amd64"


def anvil_path() -> Path:
    """Foundry's Ethereum test node."""
    return require(
        find("anvil", variable="MANUMIT_ANVIL", places=[ANVIL_PACKAGE / "bin" / "anvil"]),
        "anvil: run scripts/servers (npm package @foundry-rs/anvil-linux-amd64), or set MANUMIT_ANVIL",
    )


def litecoind_path() -> Path:
    """Debian's litecoind: a node of a Bitcoin-like chain. The one in PATH is a script that writes into the home."""
    return require(
        find("litecoind", variable="MANUMIT_LITECOIND", places=[Path("/usr/lib/litecoin/litecoind")]),
        "litecoind: run scripts/servers as root (apt package litecoind), or set MANUMIT_LITECOIND",
    )


def clickhouse_path() -> Path:
    """Debian's clickhouse-server (18.16): it proves the wire, not the schema."""
    return require(
        find("clickhouse-server", variable="MANUMIT_CLICKHOUSE", places=[Path("/usr/sbin/clickhouse-server")]),
        "clickhouse-server: run scripts/servers as root (apt package clickhouse-server), or set MANUMIT_CLICKHOUSE",
    )


def chromium_path() -> Path:
    """The browser Playwright drives."""
    return require(
        find("chromium", variable="MANUMIT_CHROMIUM", places=[]),
        "chromium: run scripts/servers as root (apt package chromium), or set MANUMIT_CHROMIUM",
    )


def java_path() -> Path:
    """The Java that runs Apache Kafka; 17 or newer."""
    return require(
        find("java", variable="MANUMIT_TEST_JAVA", places=[]),
        "java: run scripts/servers as root (apt package openjdk-17-jre-headless), or set MANUMIT_TEST_JAVA",
    )


def kafka_jars() -> Path:
    """The folder of Apache Kafka's jars that `deploy/kafka/pom.xml` names."""
    folder = Path(os.environ.get("MANUMIT_TEST_KAFKA") or KAFKA_JARS)
    broker = next(iter(sorted(folder.glob("kafka_2.13-*.jar"))), folder / "kafka_2.13.jar")
    how_to_get = "Apache Kafka: run scripts/servers (Maven and deploy/kafka/pom.xml), or set MANUMIT_TEST_KAFKA"
    return require(broker, how_to_get, mode=os.R_OK).parent


def find(name: str, *, variable: str, places: Sequence[Path]) -> Path | None:
    """The program named by the environment variable, else the first of `places`, else the one in PATH."""
    chosen = os.environ.get(variable)
    if chosen:
        return Path(chosen)
    on_path = shutil.which(name)
    candidates = [*places, *([Path(on_path)] if on_path else [])]
    return next((place for place in candidates if os.access(place, os.X_OK)), None)


def require(binary: Path | None, how_to_get: str, *, mode: int = os.X_OK) -> Path:
    """The one place that decides: a missing server skips the test here and fails it where CI=true."""
    if binary is not None and os.access(binary, mode):
        return binary
    if os.environ.get("CI") == "true":
        pytest.fail(f"needs {how_to_get}")
    pytest.skip(f"needs {how_to_get}")


def free_port() -> int:
    """A loopback TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], *, what: str, deadline_s: float = 60.0) -> None:
    """Return once the condition holds; fail the test when it does not within the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {deadline_s:g} s for {what}")
        time.sleep(0.02)


def port_answers(port: int) -> bool:
    """True when something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
