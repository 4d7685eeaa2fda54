"""The plain-Python peer: one object of queues and counters per account, orjson, nothing clever.

This is what an engineer writes by hand for exactly these three detectors; bytewax runs the same class.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

import orjson
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from bench.ours import Alert
from bench.three_rules import BAND_COUNT, BAND_HIGH_USD, BAND_LOW_USD, FAN, LEAST_INFLOW_USD
from bench.transfers import CHAIN, DAY_US
from manumit.schemas.block import MICRO_USD

HOUR_US, WEEK_US = DAY_US // 24, 7 * DAY_US
BAND_LOW, BAND_HIGH, LEAST_INFLOW = BAND_LOW_USD * MICRO_USD, BAND_HIGH_USD * MICRO_USD, LEAST_INFLOW_USD * MICRO_USD
FAN_OUT, FAN_IN, PASS_THROUGH, STRUCTURING = 1, 2, 4, 8
NAMES = {FAN_OUT: "fan-out", FAN_IN: "fan-in", PASS_THROUGH: "pass-through", STRUCTURING: "structuring"}


class Account:
    """Everything the three detectors remember of one account."""

    __slots__ = ("band", "came", "came_sum", "paid", "paid_by", "payers", "payments", "went", "went_sum")

    def __init__(self) -> None:
        self.payments: deque[tuple[int, str]] = deque()
        self.paid: dict[str, int] = {}
        self.payers: deque[tuple[int, str]] = deque()
        self.paid_by: dict[str, int] = {}
        self.came: deque[tuple[int, int]] = deque()
        self.came_sum = 0
        self.went: deque[tuple[int, int]] = deque()
        self.went_sum = 0
        self.band: deque[int] = deque()

    def pays(self, at_us: int, other: str, micro: int) -> int:
        """Bits of the alerts of the sender."""
        found = FAN_OUT if crossed(self.payments, self.paid, at_us, other) else 0
        limit = at_us - HOUR_US
        went, came = self.went, self.came
        went.append((at_us, micro))
        self.went_sum += micro
        while went[0][0] <= limit:
            self.went_sum -= went.popleft()[1]
        while came and came[0][0] <= limit:
            self.came_sum -= came.popleft()[1]
        if self.came_sum >= LEAST_INFLOW and self.went_sum * 10 >= self.came_sum * 9:
            found |= PASS_THROUGH
        if BAND_LOW <= micro < BAND_HIGH:
            band, limit = self.band, at_us - WEEK_US
            band.append(at_us)
            while band[0] <= limit:
                band.popleft()
            if len(band) >= BAND_COUNT:
                found |= STRUCTURING
        return found

    def is_paid(self, at_us: int, other: str, micro: int) -> int:
        """Bits of the alerts of the receiver."""
        came, limit = self.came, at_us - HOUR_US
        came.append((at_us, micro))
        self.came_sum += micro
        while came[0][0] <= limit:
            self.came_sum -= came.popleft()[1]
        return FAN_IN if crossed(self.payers, self.paid_by, at_us, other) else 0


def crossed(queue: deque[tuple[int, str]], counts: dict[str, int], at_us: int, other: str) -> bool:
    """Adds one payment to a day's window; true when it brought the 25th counterparty."""
    limit = at_us - DAY_US
    while queue and queue[0][0] <= limit:
        gone = queue.popleft()[1]
        left = counts[gone] - 1
        if left:
            counts[gone] = left
        else:
            del counts[gone]
    before = counts.get(other, 0)
    counts[other] = before + 1
    queue.append((at_us, other))
    return before == 0 and len(counts) == FAN


def named(bits: int, account: str, event: int) -> list[Alert]:
    return [(name, f"{CHAIN}:{account}", event) for bit, name in NAMES.items() if bits & bit]


Accounts = dict[str, Account]


def judged(accounts: Accounts, event: int, at_us: int, sender: str, receiver: str, usd: float) -> list[Alert]:
    """The alerts of one transfer."""
    micro = round(usd * 1e6)
    payer = accounts.get(sender)
    if payer is None:
        payer = accounts[sender] = Account()
    payee = accounts.get(receiver)
    if payee is None:
        payee = accounts[receiver] = Account()
    received = payee.is_paid(at_us, sender, micro)
    paid = payer.pays(at_us, receiver, micro)
    if not paid and not received:
        return []
    return [*named(paid, sender, event), *named(received, receiver, event)]


def plain_alerts(accounts: Accounts, lines: Iterable[bytes], first: int = 0) -> list[Alert]:
    """The alerts of lines that follow those `accounts` has seen; `first` is the number of the first."""
    alerts: list[Alert] = []
    for event, line in enumerate(lines, first):
        transfer = orjson.loads(line)
        found = judged(
            accounts, event, transfer["at_us"], transfer["sender"], transfer["receiver"], transfer["amount_usd"]
        )
        if found:
            alerts += found
    return alerts


def plain_parquet_alerts(path: Path) -> list[Alert]:
    accounts: Accounts = {}
    alerts: list[Alert] = []
    event = 0
    for batch in ParquetFile(path).iter_batches(columns=["at_us", "sender", "receiver", "amount_usd"]):
        at_us = batch.column("at_us").cast(pa.int64()).to_pylist()
        rest = (batch.column(name).to_pylist() for name in ("sender", "receiver", "amount_usd"))
        for row in zip(at_us, *rest, strict=True):
            alerts += judged(accounts, event, *row)
            event += 1
    return alerts
