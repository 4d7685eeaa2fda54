"""Fixtures every room shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka_server import other_broker, running_broker
from tests.servers import REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: MANUMIT_SHARED_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("MANUMIT_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"real data are not here: {folder} does not exist; set MANUMIT_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of KAFKA_BOOTSTRAP_SERVERS, else of an Apache Kafka started for this run."""
    other = other_broker()
    if other is not None:
        yield other
        return
    with running_broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.servers
