"""Streams of invented transfers that keep landing exactly on the edges, and the features asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Never

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from manumit.detectors.windows.contract import LabelSpan, Pushed, WindowEngine
from manumit.detectors.windows.features import (
    UNITS_US,
    Aggregate,
    Direction,
    Feature,
    Filter,
    PairCount,
    Since,
    count_in,
    count_out,
    pair_count,
    receivers,
    senders,
    since,
    sum_in,
    sum_out,
    where,
)
from manumit.detectors.windows.plan import Plan, Request, plan
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD, USD_UNKNOWN, Int64s, TextColumn, TransferBlock

Account = tuple[str, str]
HOUR, DAY = UNITS_US["h"], UNITS_US["d"]
START_US = 1_600_000_000_000_000


class Row(NamedTuple):
    """What the engine reads of one transfer."""

    at_us: int
    usd_micro: int
    chain: str
    sender: str
    receiver: str
    known: int = 0

    def end(self, way: Direction) -> Account:
        """The account whose inflow or outflow this is."""
        return (self.chain, self.receiver if way == "in" else self.sender)

    @property
    def pair(self) -> tuple[str, str, str]:
        return (self.chain, self.sender, self.receiver)


def block(rows: Sequence[Row], op: int = 1) -> TransferBlock:
    """The rows as columns; the engine must not ask for whole records."""
    chains = tuple(dict.fromkeys(row.chain for row in rows))
    return TransferBlock(
        at_us=np.array([row.at_us for row in rows], np.int64),
        usd_micro=np.array([row.usd_micro for row in rows], np.int64),
        chains=chains,
        chain=np.array([chains.index(row.chain) for row in rows], np.int32),
        sender=TextColumn.of([row.sender for row in rows]),
        receiver=TextColumn.of([row.receiver for row in rows]),
        op=np.full(len(rows), op, np.int8),
        row=_no_record,
        known=np.array([row.known for row in rows], np.int64) if any(row.known for row in rows) else None,
    )


def _no_record(i: int) -> Never:
    raise AssertionError(f"the engine read the whole record {i}")


def cut(rows: Sequence[Row], size: int) -> Iterator[TransferBlock]:
    for start in range(0, len(rows), size):
        yield block(rows[start : start + size])


def pushed(engine: WindowEngine, rows: Sequence[Row], size: int) -> tuple[Int64s, Int64s]:
    """Columns [requests, n] and labels [2, n] of the rows, pushed `size` at a time."""
    return joined([engine.push(part) for part in cut(rows, size)] or [engine.push(block([]))])


def joined(parts: Sequence[Pushed]) -> tuple[Int64s, Int64s]:
    columns = np.concatenate([part.columns for part in parts], axis=1)
    labels = np.concatenate([np.stack([part.sender_labels, part.receiver_labels]) for part in parts], axis=1)
    return columns, labels.astype(np.int64)


def _tiny(direction: Direction, window_us: int, only: Filter, at_least: int = 1) -> Aggregate:
    return Aggregate(measure="counterparties", direction=direction, window_us=window_us, where=only, at_least=at_least)


BAND = where(low_usd=900, high_usd=1000)
SMALL = where(high_usd=1000)
KNOWN = where(low_usd=0)
SCAM, MIXER = where(counterparty=("scam",)), where(counterparty=("mixer", "darknet"))
FEATURES: tuple[Feature, ...] = (
    count_in("1h"),
    count_out("24h"),
    count_in("7d", SMALL),
    count_out("30d", KNOWN),
    count_in("1h", where(emptied=("24h", 0.1))),
    count_in("24h", where(emptied=("7d", 0.25), low_usd=900)),
    count_out("1h", where(held="24h")),
    count_out("1h", where(held="60d")),
    count_out("24h", where(held="1h", high_usd=1000)),
    count_in("30d", where(new_pair="7d")),
    count_out("1h", where(new_pair="90d")),
    sum_in("1h"),
    sum_out("24h"),
    sum_in("24h", SCAM),
    sum_out("24h", SCAM),
    sum_in("30d", BAND),
    sum_out("7d", where(held="7d", counterparty=("mixer", "darknet"))),
    sum_in("7d", where(emptied=("1h", 0.5))),
    sum_out("30d", where(new_pair="24h", low_usd=0)),
    senders("1h"),
    senders("24h", at_least=3),
    senders("7d", BAND),
    senders("30d", SCAM, at_least=3),
    senders("24h", where(emptied=("24h", 0.1))),
    senders("7d", where(new_pair="24h")),
    receivers("24h"),
    receivers("7d", at_least=3),
    receivers("30d", SMALL, at_least=3),
    receivers("1h", MIXER),
    receivers("24h", where(held="1h")),
    pair_count("1h"),
    pair_count("7d", BAND),
    pair_count("24h", where(new_pair="1h")),
    count_in("30d", where(hours=(22, 6))),
    sum_out("7d", where(hours=(0, 12.5), utc_offset=-9.5, counterparty=("scam", "prepaid"))),
    senders("24h", where(hours=(6, 22), utc_offset=14)),
    pair_count("30d", where(hours=(23, 0), utc_offset=1)),
    count_out("30d", where(multiple_of=(450, 1e-6))),
    count_in("7d", where(multiple_of=(100, 0))),
    pair_count("7d", where(multiple_of=(999.9, 0.1))),
    since("last-in", within="24h"),
    since("last-out", within="7d"),
    since("pair", within="1h"),
    since("pair", within="180d"),
    Aggregate(measure="count", direction="in", window_us=1),
    Aggregate(measure="sum", direction="out", window_us=2),
    Aggregate(measure="count", direction="out", window_us=3, where=Filter(held_us=2)),
    Aggregate(measure="count", direction="out", window_us=2, where=Filter(held_us=4)),
    Aggregate(measure="count", direction="in", window_us=4, where=Filter(new_pair_us=2)),
    Aggregate(measure="count", direction="in", window_us=4, where=Filter(empty_window_us=3, empty_per_mille=500)),
    _tiny("in", 3, Filter()),
    _tiny("out", 4, BAND, 3),
    PairCount(window_us=3),
    Since(moment="last-in", within_us=3),
    Since(moment="last-out", within_us=2),
    Since(moment="pair", within_us=2),
)
RICH: tuple[Request, ...] = tuple((side, feature) for feature in FEATURES for side in ("sender", "receiver"))
RICH_PLAN: Plan = plan(RICH)
# no window longer than a day: accounts are soon forgotten when little can be taken back
SHORT: tuple[Request, ...] = (
    ("sender", count_out("24h")),
    ("receiver", sum_in("1h", BAND)),
    ("receiver", senders("24h", at_least=3)),
    ("sender", receivers("1h", SCAM)),
    ("sender", count_out("1h", where(held="24h"))),
    ("receiver", count_in("24h", where(emptied=("1h", 0.5)))),
    ("receiver", count_in("1h", where(new_pair="24h"))),
    ("sender", pair_count("24h")),
    ("sender", since("last-in", within="24h")),
    ("receiver", since("pair", within="1h")),
    ("sender", Aggregate(measure="sum", direction="out", window_us=3)),
)
SHORT_PLAN: Plan = plan(SHORT)

CHAINS = ("eip155:1", "tron:mainnet", "bip122:0")
NAMES = ("0xa", "0xb", "8letters", "c" * 62, "")
_SPANS_US = (HOUR, DAY, 7 * DAY, 30 * DAY)
GAPS = (0, 0, 0, 0, 1, 1, 2, 3, HOUR // 2, 90 * DAY, 180 * DAY, *(s + d for s in _SPANS_US for d in (-1, 0, 1)))
SHORT_GAPS = (0, 0, 0, 1, 2, HOUR // 2, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, DAY + 1)
AMOUNTS = (
    USD_UNKNOWN, 0, 1, 100 * MICRO_USD, 900 * MICRO_USD - 1, 900 * MICRO_USD, 1000 * MICRO_USD - 1,
    1000 * MICRO_USD, MAX_MICRO_USD,
)  # fmt: skip
_TRAIT = where(counterparty=("prepaid",)).labels
_BITS = (where(counterparty=("scam",)).labels, MIXER.labels, where(counterparty=("exchange",)).labels)
TOLD = (0, 0, _TRAIT << 32, _BITS[1], 0, _BITS[0] << 32 | _TRAIT, 0)


def streams(max_size: int, gaps: Sequence[int] = GAPS) -> SearchStrategy[list[Row]]:
    """Few accounts, so that everything collides; gaps that add up to exactly a window, or miss it by 1 us.

    Half the streams are long: hypothesis alone would draw about five transfers.
    """
    name = st.sampled_from(NAMES)
    step = st.tuples(st.sampled_from(gaps), st.sampled_from(AMOUNTS), st.sampled_from(CHAINS[:2]), name, name)
    steps = st.lists(step, max_size=max_size) | st.lists(step, min_size=max_size // 2, max_size=max_size)
    return steps.map(lambda drawn: _timed(drawn, START_US))


def _timed(steps: Sequence[tuple[int, int, str, str, str]], start_us: int) -> list[Row]:
    rows: list[Row] = []
    now = start_us
    for gap, usd, chain, sender, receiver in steps:
        now += gap
        known = TOLD[(7 * len(rows) + len(sender)) % len(TOLD)]
        rows.append(Row(now, usd, chain, sender, receiver, known))
    return rows


def label_spans(max_size: int) -> SearchStrategy[list[LabelSpan]]:
    moment = st.sampled_from([START_US + offset for offset in (0, 1, HOUR, DAY, 7 * DAY, 30 * DAY, 400 * DAY)])
    return st.lists(
        st.builds(
            LabelSpan,
            chain=st.sampled_from(CHAINS),
            address=st.sampled_from(NAMES),
            bits=st.sampled_from(_BITS),
            valid_from_us=moment,
            valid_to_us=moment,
        ),
        max_size=max_size,
    )


def seeded(
    seed: int, size: int, *, accounts: int, gaps: Sequence[int], start_us: int = START_US, prefix: str = "0x"
) -> list[Row]:
    """A long stream that is the same each time."""
    dice = np.random.default_rng(seed)
    names = [f"{prefix}{n:040x}" for n in range(accounts)]
    ends = dice.integers(0, accounts, (size, 2)).tolist()
    chosen = zip(dice.choice(gaps, size).tolist(), dice.choice(AMOUNTS, size).tolist(), ends, strict=True)
    steps = [(gap, usd, CHAINS[a % 2], names[a], names[b]) for gap, usd, (a, b) in chosen]
    return _timed(steps, start_us)
