"""`manumit up` and `manumit demo` as a user runs them: they listen before they work, and say how things are."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.detectors.customer_stories import whole
from manumit.schemas.wire import encode
from tests.cli.program import Program
from tests.connectors.chains.anvil import Anvil
from tests.connectors.files.events import transfer
from tests.servers import anvil_path, wait_until

PAGE = re.compile(r"http://[0-9.:]+/\?token=\S+")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("command", [("up", "events.ndjson"), ("demo", "--folder", "demo")])
def test_a_taken_port_is_heard_of_before_anything_is_done(
    tmp_path: Path, taken: int, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Program(tmp_path).configure()
    (tmp_path / "events.ndjson").write_bytes(encode(transfer(1)) + b"\n")
    before = sorted(tmp_path.rglob("*"))
    said = CliRunner().invoke(app, [*command, "--port", str(taken)], env={"MANUMIT_CONFIG": str(settings)})
    assert said.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{taken}" in " ".join(said.stderr.split())
    assert sorted(tmp_path.rglob("*")) == before


def test_a_token_that_is_too_short_is_heard_of_before_anything_is_done(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    (tmp_path / "events.ndjson").write_bytes(encode(transfer(1)) + b"\n")
    said = program.run("up", "events.ndjson", "--port", "0", environment={"MANUMIT_CONSOLE_TOKEN": "short"})
    assert said.code == 2
    assert program.rows("SELECT count() AS n FROM transfers") == [[{"n": 0}]]


@contextmanager
def up(program: Program, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[httpx.Client]:
    """The console's /v1, until the end of the `with`; it stops by Ctrl-C."""
    process = program.start("up", "--port", "0", *arguments, environment=environment)
    try:
        url = httpx.URL(announced(process))
        bearer = {"authorization": f"Bearer {url.params['token']}"}
        with httpx.Client(base_url=url.copy_with(query=None), headers=bearer, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_without_inputs_the_console_shows_what_was_loaded(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    rows = [whole("adult", jurisdiction="NL", age=30), whole("child", jurisdiction="NL", age=15, minimum_age=18)]
    (tmp_path / "customers.ndjson").write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    loaded = program.run("exchange", "load", "customers.ndjson", "--json")
    assert (loaded.code, loaded.json["loaded"]) == (0, 2), loaded.err
    protection = "an-invented-token-for-protection"
    with up(program, environment={"MANUMIT_PROTECTION_TOKEN": protection}) as client:
        assert client.get("/v1/health").json()["status"] == "ok"
        ranked = client.get("/v1/customers/ranking").json()["ranking"]
        assert ranked["customers"] >= 1
        bearer = {"authorization": f"Bearer {protection}"}
        restricted = client.get("/v1/protection/alerts", headers=bearer).json()["alerts"]
        assert [alert["detector"] for alert in restricted] == ["kyc-minor-account"]


def test_without_inputs_nothing_is_served_where_no_store_is_and_run_and_replay_refuse(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    said = program.run("up", "--port", "0")
    assert (said.code, "nothing to read" in said.err) == (2, True)
    assert not (tmp_path / "store").exists()
    (tmp_path / "events.ndjson").write_bytes(encode(transfer(1)) + b"\n")
    assert program.run("run", "events.ndjson").code == 0
    for command in ("run", "replay"):
        said = program.run(command)
        assert (said.code, "nothing to read" in said.err) == (2, True)


def announced(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line.strip()
        found = PAGE.search(said)
        if found:
            return found[0]
    pytest.fail(f"no address in {said!r}")


@pytest.mark.node
def test_a_node_that_goes_away_makes_the_health_degraded(tmp_path: Path) -> None:
    program = Program(tmp_path)
    node = Anvil(anvil_path())
    path = program.configure()
    path.write_text(path.read_text() + f'[[nodes]]\nname = "main"\nchain = "eip155:31337"\nurl = "{node.url}"\n')
    try:
        with up(program) as client:
            wait_until(lambda: client.get("/v1/health").json()["status"] == "ok", what="the console")
            wait_until(lambda: any(tmp_path.glob("state/**/*")), what="the first block")
            node.close()
            wait_until(lambda: client.get("/v1/health").json()["status"] == "degraded", what="the outage to be said")
            (away,) = client.get("/v1/health").json()["away"]
            assert away["source"].endswith("main")
            assert away["since_us"] > 0
            node = Anvil(anvil_path(), port=node.port)
            wait_until(lambda: client.get("/v1/health").json()["status"] == "ok", what="the node to be back")
    finally:
        node.close()
