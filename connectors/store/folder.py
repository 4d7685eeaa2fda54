"""A store's folder belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from manumit.schemas.errors import ConfigError

LOCK_NAME = "manumit.lock"
CONFIG_NAMES = ("config.xml", "config.yaml", "config.yml")


class FolderLock:
    """Held from construction to `release`; the kernel drops it when the process dies.

    The engine has a lock of its own, but refuses a second process without saying why.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder (only its owner may enter) and lock it. Raises ConfigError."""
        self._handle = _locked(folder)

    def release(self) -> None:
        """Twice is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1


def refuse_stray_config(folder: Path) -> None:
    """chDB obeys a config file in the working directory (it may even load users from it). Raises ConfigError."""
    for name in CONFIG_NAMES:
        if (folder / name).exists():
            raise ConfigError(f"{folder / name} would configure the embedded store: remove it")


def _locked(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"store folder {folder} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        os.close(handle)
        raise ConfigError(_in_use(folder, holder)) from error
    except OSError as error:
        os.close(handle)
        raise ConfigError(f"store folder {folder} cannot be locked: {error.strerror}") from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _in_use(folder: Path, holder: str) -> str:
    if holder == str(os.getpid()):
        return f"store folder {folder} is already open in this process: use the store that is open"
    return f"store folder {folder} is in use by another process (pid {holder or 'unknown'}): stop it or wait for it"
