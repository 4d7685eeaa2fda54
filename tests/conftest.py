"""Fixtures every room shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: MANUMIT_SHARED_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("MANUMIT_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"real data are not here: {folder} does not exist; set MANUMIT_SHARED_DATA")
    return folder
