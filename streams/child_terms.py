"""The operator's hashed terms: read for a run, and made from a list that the operator may hold."""

from __future__ import annotations

import secrets
from pathlib import Path

from manumit.connectors.listings.own_eyes import read_own, write_own
from manumit.detectors.text.hashed_terms import HashedTerms, hashed_list, read_hashed
from manumit.schemas.errors import ConfigError

SALT_BYTES = 32


def read_child_terms(path: Path) -> HashedTerms:
    """Raises ConfigError for a file that is away, that others may read, or that is no such list."""
    return read_hashed(read_own(path))


def write_child_terms(terms: Path, path: Path) -> int:
    """Hash a list of terms, one a line, under a new salt, to a new file of its owner. Returns how many terms.

    Raises ConfigError, which never repeats a term.
    """
    try:
        lines = [line.strip() for line in terms.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{terms} cannot be read: {type(error).__name__}") from error
    wanted = {line for line in lines if line and not line.startswith("#")}
    write_own(path, hashed_list(wanted, secrets.token_bytes(SALT_BYTES)))
    return len(wanted)
