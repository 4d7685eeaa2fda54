"""The world the streams are tested with."""

from __future__ import annotations

import pytest

from tests.streams.town import Town, build_town
from tests.streams.whole import Whole, build_whole


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("town"), seed=7, scale=3)


@pytest.fixture(scope="session")
def whole(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return build_whole(town, tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("key") / "token.key")
