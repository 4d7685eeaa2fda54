"""Which seeds may be looked at while a rule is changed, and which only say how good it is."""

from __future__ import annotations

TUNING_SEEDS = (101, 102, 103)  # thresholds are chosen on these alone
EVALUATION_SEEDS = (9001, 9002)  # never looked at while tuning; `make bench-exchange` prints these
SUITE_SEED = 9003  # the short form in the test suite, also never tuned on
