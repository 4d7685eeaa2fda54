"""The operator's hashed terms, from a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from manumit.detectors.text.hashed_terms import HashedTerms, hashed_list, read_hashed
from manumit.schemas.errors import ConfigError

READABLE_BY_OTHERS = 0o077
SALT_BYTES = 32
LARGEST = 64 << 20


def read_child_terms(path: Path) -> HashedTerms:
    """Raises ConfigError for a file that is away, that others may read, or that is no such list."""
    try:
        found = path.stat()
        if found.st_mode & READABLE_BY_OTHERS:
            raise ConfigError(f"{path} may be read by others: chmod 600 it")
        if found.st_size > LARGEST:
            raise ConfigError(f"{path} is larger than {LARGEST} bytes")
        return read_hashed(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"hashed terms {path}: {type(error).__name__}") from error


def write_child_terms(terms: Path, path: Path) -> int:
    """Hash a list of terms, one a line, under a new salt, to a new file of its owner. Returns how many terms.

    Raises ConfigError, which never repeats a term.
    """
    try:
        lines = [line.strip() for line in terms.read_text("utf-8").splitlines()]
        wanted = [line for line in lines if line and not line.startswith("#")]
        text = hashed_list(wanted, secrets.token_bytes(SALT_BYTES))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"hashing {terms} to {path}: {type(error).__name__}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    return len(set(wanted))
