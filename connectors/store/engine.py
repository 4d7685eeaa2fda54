"""chDB, the ClickHouse engine inside this process.

What it cannot do, and what is done about it: one folder per process (ConfigError), one process
per folder (ConfigError), no use after fork (Broken; the engine would hang: start workers by
spawn), no import or start beside a stray config.xml (it happens inside the store's own folder).
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from manumit.connectors.store.folder import FolderLock, refuse_stray_config
from manumit.schemas.errors import Broken, ConfigError

DATA_NAME = "engine"


class Engine:
    """The engine on one folder, from construction to `close`. Sessions may be used in any thread, one each."""

    def __init__(self, folder: Path) -> None:
        """Start chDB (about 0.3 s, 300 MB of memory). Raises ConfigError."""
        self.folder = folder.absolute()
        self._process = os.getpid()
        self._lock = FolderLock(self.folder)
        self._path = self.folder / DATA_NAME
        try:
            self._chdb, self._first = _start(self._path)
        except ConfigError:
            self._lock.release()
            raise

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What chDB raises when it refuses a statement."""
        return (self._chdb.ChdbError, RuntimeError)

    def session(self) -> Any:
        """A new chdb Session, in database `default`. Raises Broken in a forked child or after close."""
        self.check_process()
        if self._first is None:
            raise Broken("the embedded store is closed")
        return self._chdb.session.Session(str(self._path))

    def check_process(self) -> None:
        """Raises Broken in a forked child, where any query would hang."""
        if os.getpid() != self._process:
            raise Broken("the embedded store does not work in a forked process: start the process by spawn")

    def close(self) -> None:
        """Stop the engine once every session is closed, and free the folder. Twice is harmless."""
        if self._first is not None:
            self._first.close()
        self._first = None
        self._lock.release()


def _start(path: Path) -> tuple[Any, Any]:
    """The chdb module and a session that keeps its engine running."""
    path.mkdir(mode=0o700, exist_ok=True)
    refuse_stray_config(path)
    with _working_in(path):
        chdb = _chdb()
        try:
            return chdb, chdb.session.Session(str(path))
        except RuntimeError as error:
            raise ConfigError(_start_message(path, str(error))) from error


def _chdb() -> Any:
    try:
        chdb = importlib.import_module("chdb")
        importlib.import_module("chdb.session")
    except ImportError as error:
        raise ConfigError(f"the embedded store needs chDB (pip install chdb): {error}") from error
    return chdb


def _start_message(path: Path, said: str) -> str:
    if "already initialized with path" in said:
        return f"this process has another embedded store open: one folder per process, so {path.parent} must wait"
    return f"the embedded store in {path.parent} does not start: {said}"


_WORKING_DIRECTORY = threading.Lock()


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """The working directory belongs to the whole process: it is changed only while chDB starts."""
    with _WORKING_DIRECTORY:
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
