"""The same input through one machine and through Faust, with few and many workers and shards, live and replayed.

One in `make test`, with a setting of MANUMIT_TEST_CLUSTER (`make test-cluster`) all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import wait_until
from tests.streams.ground import alerts_of, running_ground
from tests.streams.stored import digest_of
from tests.streams.whole import Whole

pytestmark = pytest.mark.broker

SHORT = ((2, 2, "live"),)
LONG = tuple(
    (workers, shards, how)
    for workers in (1, 2, 4)
    for shards in (1, 2, 4, 8)
    if workers <= shards
    for how in ("live", "replayed")
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("workers", "shards", "how"), LONG if os.environ.get("MANUMIT_TEST_CLUSTER") else SHORT)
def test_any_number_of_workers_and_shards_gives_the_alerts_of_one_machine(
    whole: Whole, tmp_path: Path, workers: int, shards: int, how: str
) -> None:
    with running_ground(tmp_path, whole, workers=workers, shards=shards) as ground:
        if how == "replayed":
            connector = ground.parts["connector"]
            connector.start()
            wait_until(lambda: connector.well, what="everything to be published", deadline_s=120)
        ground.supervise()
        wait_until(ground.is_through, what="everything to be screened", deadline_s=400)
        rows = alerts_of(ground, whole)
    assert digest_of(rows) == whole.stored
