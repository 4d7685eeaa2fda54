"""kill -9 of workers, broker, store and connector at random moments: no alert is lost, and none is doubled.

10 kills; MANUMIT_TEST_KILLS=200 (`make test-cluster`) for the long form.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.servers import wait_until
from tests.streams.ground import alerts_of, running_ground
from tests.streams.stored import digest_of
from tests.streams.whole import Whole

pytestmark = pytest.mark.broker

KILLS = int(os.environ.get("MANUMIT_TEST_KILLS", "10"))
LONGEST_PAUSE_S = 2.0
WORKERS = ("worker-0", "worker-1")
OFTEN = (*WORKERS, *WORKERS, "store", "store", "connector", "broker")


@pytest.mark.timeout(600 + 40 * KILLS)
def test_killed_at_random_moments_it_gives_the_alerts_of_one_machine(whole: Whole, tmp_path: Path) -> None:
    dice = Random(20260101)  # noqa: S311 - moments and victims, no secret
    victims = ["broker", "store", "worker-0", "connector"]
    with running_ground(tmp_path, whole, workers=len(WORKERS), shards=2) as ground:
        ground.supervise()
        for _ in range(KILLS):
            pause_over = time.monotonic() + dice.uniform(0.1, LONGEST_PAUSE_S)
            wait_until(passed(pause_over), what="the moment")
            ground.kill(victims.pop() if victims else dice.choice(OFTEN))
            ground.supervise()
        wait_until(ground.is_through, what="everything to be screened", deadline_s=400)
        rows = alerts_of(ground, whole)
    assert len({row.alert_id for row in rows}) == len(rows) == whole.alerts
    assert digest_of(rows) == whole.stored


def passed(moment: float) -> Callable[[], bool]:
    return lambda: time.monotonic() >= moment
