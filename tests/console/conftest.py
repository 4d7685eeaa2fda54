"""A console over a real embedded store, emptied after each test, in a process of its own.

chDB allows one folder in a process, and other suites want theirs in this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.console.desk_process import TOKEN
from tests.servers import REPOSITORY

DATABASE = "console"


@dataclass(frozen=True, slots=True)
class Process:
    """The other process: one order, one answer."""

    popen: subprocess.Popen[str]

    def order(self, **order: Any) -> dict[str, Any]:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self.popen.stdin.flush()
        answer: dict[str, Any] = msgspec.json.decode(self.popen.stdout.readline())
        return answer


@dataclass(frozen=True, slots=True)
class Console:
    """A running console. `client` has the token as a bearer, like a script."""

    process: Process
    database: str
    url: str
    client: httpx.Client

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        assert self.process.order(do="write", database=self.database, table=table, rows=rows)["written"] == len(rows)

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.process.order(do="query", database=self.database, sql=sql)["rows"]
        return rows

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def started(folder: Path) -> Iterator[Process]:
    """Ends with its stdin; killed when it does not."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])}
    command = [sys.executable, "-m", "tests.console.desk_process", str(folder)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as popen:
        try:
            yield Process(popen)
            assert popen.stdin is not None
            popen.stdin.close()
            assert popen.wait(timeout=20) == 0
        finally:
            popen.kill()


@pytest.fixture(scope="package")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with started(tmp_path_factory.mktemp("consoles")) as running:
        yield running


@pytest.fixture(scope="package")
def desk_console(process: Process) -> Iterator[Console]:
    url = process.order(do="open", database=DATABASE)["url"]
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        yield Console(process, DATABASE, url, client)


@pytest.fixture
def console(desk_console: Console) -> Iterator[Console]:
    """A console over an empty store."""
    yield desk_console
    desk_console.client.cookies.clear()
    desk_console.process.order(do="clear", database=DATABASE)
