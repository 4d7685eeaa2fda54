from __future__ import annotations

from pathlib import Path

import pytest

from manumit.schemas.dead_letter import REASONS

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = "".join(
    path.read_text() for room in ("connectors", "streams", "schemas") for path in (REPOSITORY / room).rglob("*.py")
)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_that_is_explained_is_given_somewhere(reason: str) -> None:
    assert CODE.count(f'"{reason}"') > 1
