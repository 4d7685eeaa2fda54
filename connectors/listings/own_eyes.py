"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from manumit.schemas.errors import ConfigError

READABLE_BY_OTHERS = 0o077
LARGEST = 64 << 20


def read_own(path: Path) -> str:
    """ASCII text. Raises ConfigError for a file that is away, too large, no ASCII, or that others may read."""
    try:
        found = path.stat()
        if found.st_mode & READABLE_BY_OTHERS:
            raise ConfigError(f"{path} may be read by others: chmod 600 it")
        if found.st_size > LARGEST:
            raise ConfigError(f"{path} is larger than {LARGEST} bytes")
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {type(error).__name__}") from error


def write_own(path: Path, text: str) -> None:
    """To a new file. Raises ConfigError when there is one already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made: {type(error).__name__}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
