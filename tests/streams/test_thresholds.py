"""A threshold that cannot be meant is refused by name."""

from __future__ import annotations

import math

import pytest

from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.assembly import pipeline

FUNNEL = "tx-funnel-fan-in"


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_senders_week", -4), ("min_senders_week", math.nan), ("min_usd", math.inf), ("min_new_share", 70)],
)
def test_what_no_threshold_can_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"{FUNNEL}\.{name} is "):
        pipeline(Settings(thresholds={FUNNEL: {name: value}}))


@pytest.mark.parametrize(("name", "value"), [("min_senders_week", 0), ("min_new_share", 1.0), ("min_usd", 1e9)])
def test_what_it_can_be_is_taken(name: str, value: float) -> None:
    assert pipeline(Settings(thresholds={FUNNEL: {name: value}})).judges.values[FUNNEL][name] == value
