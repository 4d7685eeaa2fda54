"""The `manumit` command in a process of its own, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.servers import REPOSITORY

SOURCE = REPOSITORY / "src"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output. Fails when there is none, or more."""
        assert self.out.count("\n") == 1, self.out
        return msgspec.json.decode(self.out)


@dataclass(frozen=True, slots=True)
class Program:
    """Everything it keeps lives in `folder`; `settings` go into its file."""

    folder: Path

    def configure(self, **settings: object) -> Path:
        """Texts, numbers and lists of them: those are spelt in TOML as in JSON."""
        self.folder.mkdir(exist_ok=True)
        known: dict[str, object] = {
            "store_url": f"embedded:{self.folder / 'store'}",
            "state_dir": str(self.folder / "state"),
            "token_key_file": str(self.folder / "token.key"),
        }
        path = self.folder / "manumit.toml"
        lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in {**known, **settings}.items()]
        path.write_text("".join(lines))
        return path

    def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        own = {"PYTHONPATH": str(SOURCE), "MANUMIT_CONFIG": str(self.folder / "manumit.toml")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MANUMIT_")}
        return subprocess.Popen(
            [sys.executable, "-m", "manumit.cli", *arguments],
            cwd=self.folder,
            env={**kept, **own, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None, **options: Any) -> Said:
        process = self.start(*arguments, environment=environment, **options)
        out, err = process.communicate(timeout=120)
        said = Said(process.returncode, out, err)
        assert "Traceback" not in err, err
        return said

    def rows(self, *statements: str) -> list[list[dict[str, Any]]]:
        """Answers of the store, read in another process: one folder belongs to one process."""
        program = (
            "import sys, msgspec; from manumit.connectors.store.opening import open_store;"
            "s = open_store(sys.argv[1]); print(msgspec.json.encode([s.query(q) for q in sys.argv[2:]]).decode())"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, f"embedded:{self.folder / 'store'}", *statements],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[list[dict[str, Any]]] = msgspec.json.decode(done.stdout)
        return found
