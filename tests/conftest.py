"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data kept outside the repository: MANUMIT_SHARED_DATA, else beside it."""
    folder = Path(os.environ.get("MANUMIT_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set MANUMIT_SHARED_DATA")
    return folder
