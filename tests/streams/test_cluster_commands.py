"""topics and publish as commands on a real broker."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
import typer
from kafka import KafkaAdminClient
from typer.testing import CliRunner

from manumit.commands import cluster
from manumit.schemas.topic import topics
from tests.servers import free_port
from tests.streams.town import Town

pytestmark = pytest.mark.broker


def test_topics_are_checked_made_and_published_to(
    brokers: str, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANUMIT_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", brokers)
    app = typer.Typer()
    app.add_typer(cluster.topics, name="topics")
    app.command("publish")(cluster.publish)
    prefix = f"test-{secrets.token_hex(4)}-"

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, arguments)
        return done.exit_code, done.stdout

    code, said = call("topics", "check", "--prefix", prefix)
    assert code == 1
    assert prefix + "transfers.v1" in said.replace("\n", "")
    assert call("publish", str(town.file), "--prefix", prefix)[0] == 2, "no topic: the settings are wrong"
    assert call("topics", "apply", "--prefix", prefix) == (0, "")
    assert call("topics", "check", "--prefix", prefix, "--json") == (0, "[]\n")
    code, said = call("publish", str(town.file), "--prefix", prefix, "--json")
    assert code == 0
    assert json.loads(said)["events"] == len(town.rows)
    assert call("topics", "check", "--servers", f"127.0.0.1:{free_port()}")[0] == 4, "no broker: the edge is down"
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.delete_topics([prefix + name for name in topics()])
    admin.close()
