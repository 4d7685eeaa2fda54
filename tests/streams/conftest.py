"""The world the streams are tested with."""

from __future__ import annotations

import pytest

from tests.streams.town import Town, build_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("town"), seed=7, scale=3)
