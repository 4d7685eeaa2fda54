"""The demonstration empties only what a demonstration made."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.schemas.errors import ConfigError
from manumit.streams.demonstration import stage


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "thesis.txt"
    kept.write_text("keep")
    with pytest.raises(ConfigError, match="holds no demonstration"):
        stage(tmp_path, {}, tmp_path)
    assert kept.read_text() == "keep"
