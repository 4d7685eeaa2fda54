"""Streams of invented transfers among few accounts, some of them labelled, with amounts that do not divide evenly."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from manumit.detectors.exposure.terms import Asked, Side, Terms, Whole, bits_of, exposure
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.addresses import NOBODY
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD, USD_UNKNOWN
from tests.detectors.windows.streams import DAY, HOUR, START_US, Row

CHAINS = ("eip155:1", "tron:mainnet")
NAMES = ("0xa", "0xb", "0xc", "0xd", "0xe", "c" * 62, "~wire", NOBODY[0])
AMOUNTS = (USD_UNKNOWN, 0, 1, 7, 9_999, 10_000, 3 * MICRO_USD + 1, 100 * MICRO_USD, 333_333_333, MAX_MICRO_USD)
GAPS = (0, 0, 0, 1, HOUR, DAY, 30 * DAY)
CATEGORIES = ("scam", "mixer", "exchange", "sanctions", "other")
BITS = (*map(bits_of, CATEGORIES), bits_of("scam", "sanctions"), bits_of("exchange", "scam"))
SIDES: tuple[Side, ...] = ("sender", "receiver")
WHOLES: tuple[tuple[int, Whole], ...] = (
    (1, "transfer"),
    (3, "transfer"),
    (1, "received"),
    (3, "received"),
    (1, "sent"),
)
ASKED: tuple[Asked, ...] = tuple(
    (side, exposure(category, hops, of))
    for side in SIDES
    for category in ("scam", "mixer", "exchange")
    for hops, of in WHOLES
)
FORGETFUL = Terms(hops=3, forget_us=DAY)
TERMS = (Terms(), Terms(hops=1), Terms(hops=2, dust_micro=0), FORGETFUL, Terms(dust_micro=MICRO_USD))


def streams(max_size: int) -> SearchStrategy[list[Row]]:
    """Half of them long: hypothesis alone would draw about five transfers."""
    name = st.sampled_from(NAMES)
    step = st.tuples(st.sampled_from(GAPS), st.sampled_from(AMOUNTS), st.sampled_from(CHAINS), name, name)
    steps = st.lists(step, max_size=max_size) | st.lists(step, min_size=max_size // 2, max_size=max_size)
    return steps.map(timed)


def timed(steps: Sequence[tuple[int, int, str, str, str]]) -> list[Row]:
    rows, now = [], START_US
    for gap, usd, chain, sender, receiver in steps:
        now += gap
        rows.append(Row(now, usd, chain, sender, receiver))
    return rows


def label_spans(max_size: int) -> SearchStrategy[list[LabelSpan]]:
    moment = st.sampled_from([START_US + offset for offset in (0, 1, HOUR, DAY, 60 * DAY, 900 * DAY)])
    return st.lists(
        st.builds(
            LabelSpan,
            chain=st.sampled_from(CHAINS),
            address=st.sampled_from(NAMES[:6]),
            bits=st.sampled_from(BITS),
            valid_from_us=moment,
            valid_to_us=moment,
        ),
        max_size=max_size,
    )
