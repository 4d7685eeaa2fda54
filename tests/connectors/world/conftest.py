from __future__ import annotations

import pytest

from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import World


@pytest.fixture(scope="package")
def world() -> World:
    return generate(seed=7, scale=10)


@pytest.fixture(scope="package")
def quiet_world() -> World:
    return quiet(seed=7, scale=4)
