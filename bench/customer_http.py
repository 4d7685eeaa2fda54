"""`python -m bench.customer_http`: how long one customer's answer takes over HTTP, from a store being written to.

The console runs in a process of its own with an embedded store, as under `manumit up`. Half of the checks follow each
other at once, half come at leisure, so that what happens between requests is met too. Fails above 10 ms at p99.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from bench.customer_checks import CHAIN, alert, customer, wallet
from manumit.connectors.contract import Store
from manumit.connectors.store.opening import open_store
from manumit.console.app import make_app
from manumit.console.customers import CheckAnswer
from manumit.console.serving import listen, serve
from manumit.detectors.stories import START_US
from manumit.schemas.label import Label
from manumit.schemas.subject import customer_subject
from manumit.schemas.transfer import Transfer
from manumit.streams.customer_book import CONTROL

LIMIT_MS = 10.0
TOKEN = "invented-token-for-the-bench"  # noqa: S105 - invented
EXCHANGE = "made-up-exchange"
AT_ONCE = 50_000
LEISURE_S = 0.03
WRITE_EVERY_S = 0.5
SEEN_WITHIN_S = 10.0
Sizes = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, took_ms: Sequence[float]) -> Measured:
        p50, p99, worst = np.percentile(took_ms, (50, 99, 100)).tolist()
        return cls(p50=p50, p99=p99, worst=worst)


def subject(number: int) -> str:
    return customer_subject(EXCHANGE, f"c{number:07}")


def transfer(number: int, sides: tuple[int, int]) -> Transfer:
    """One in a hundred comes from an address that a made-up list names."""
    sender = 10**9 + number % 50 if number % 100 == 0 else sides[0]
    return Transfer(
        chain=CHAIN, block_height=number, block_hash=f"0x{number:064x}", tx_hash=f"0x{number:064x}", position=0,
        at_us=START_US + number * 1_000_000, seen_us=START_US, sender=f"0x{wallet(sender)}",
        receiver=f"0x{wallet(sides[1])}", asset="ETH", amount=1, decimals=18, amount_usd=250.0,
    )  # fmt: skip


def fill(store: Store, sizes: Sizes) -> None:
    """Customers, an alert about one in twenty, transfers between their wallets."""
    customers, transfers, seed = sizes
    dice = np.random.default_rng(seed)
    for first in range(0, customers, AT_ONCE):
        store.write("customers", [customer(one) for one in range(first, min(customers, first + AT_ONCE))])
    told = dice.choice(customers, customers // 20, replace=False).tolist()
    store.write("alerts", [alert(number, subject(one)) for number, one in enumerate(told)])
    bad = [
        Label(subject=f"{CHAIN}:0x{wallet(10**9 + one)}", category="trafficking", source="made-up-list")
        for one in range(50)
    ]
    store.write("labels", bad)
    sides = dice.integers(0, customers, (transfers, 2)).tolist()
    for first in range(0, transfers, AT_ONCE):
        rows = range(first, min(transfers, first + AT_ONCE))
        store.write("transfers", [transfer(row, (sides[row][0], sides[row][1])) for row in rows])


def now_us() -> int:
    return time.time_ns() // 1000


def desk(folder: str, sizes: Sizes, end: Connection) -> None:
    """The server's process: fills the store, says its port, writes an alert now and then until told to stop."""
    store = open_store(f"embedded:{folder}")
    store.migrate()
    fill(store, sizes)
    stop = threading.Event()
    app = make_app(store, TOKEN, clock=now_us)
    bound = listen("127.0.0.1", 0)
    serving = threading.Thread(target=serve, args=(app, bound, lambda _, port: end.send(port), stop))
    serving.start()
    for number in count(1_000_000_000):
        if end.poll(WRITE_EVERY_S):
            break
        new = alert(number, subject(number % sizes[0]))
        store.write("alerts", [msgspec.structs.replace(new, stored_us=now_us())])
        if new.nature != CONTROL:  # what is a gap is told as one, without the alert's id
            end.send((new.subject.rsplit(":", 1)[1], new.alert_id))
    stop.set()
    serving.join()
    store.close()


@dataclass(slots=True)
class Client:
    """One kept connection."""

    link: HTTPConnection

    def check(self, customer_id: str) -> tuple[CheckAnswer, float]:
        """The answer, and milliseconds by the clock from the request's first byte to the answer's last."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        began = time.perf_counter_ns()
        self.link.request("POST", f"/v1/customers/{customer_id}/check?exchange={EXCHANGE}", b"{}", headers)
        reply = self.link.getresponse()
        body = reply.read()
        took_ms = (time.perf_counter_ns() - began) / 1e6
        if reply.status != 200:
            raise SystemExit(f"the check of {customer_id} was refused: {body.decode(errors='replace')}")
        return msgspec.json.decode(body, type=CheckAnswer), took_ms


def rounds(client: Client, asked: Sequence[int], *, apart_s: float) -> Iterator[float]:
    for number in asked:
        yield client.check(f"c{number:07}")[1]
        time.sleep(apart_s)


def freshness(client: Client, end: Connection) -> float:
    """Seconds from a new alert's being written until an answer tells of it. Stops where it takes too long."""
    while end.poll():
        end.recv()
    told, alert_id = end.recv()
    began = time.perf_counter()
    while time.perf_counter() - began < SEEN_WITHIN_S:
        if any(one.alert_id == alert_id for one in client.check(told)[0].check.findings):
            return time.perf_counter() - began
        time.sleep(0.05)
    raise SystemExit(f"an alert about {told} was not told of within {SEEN_WITHIN_S} s")


def measured(sizes: Sizes, checks: int) -> int:
    context = get_context("spawn")
    with TemporaryDirectory() as folder:
        mine, theirs = context.Pipe()
        server = context.Process(target=desk, args=(str(Path(folder) / "store"), sizes, theirs))
        server.start()
        theirs.close()
        try:
            client = Client(HTTPConnection("127.0.0.1", mine.recv(), timeout=120))
            _, first_ms = client.check("c0000001")
            dice = np.random.default_rng(sizes[2] + 1)
            asked = dice.integers(0, sizes[0], checks).tolist()
            took = list(rounds(client, asked[: checks // 2], apart_s=0.0))
            calm = list(rounds(client, asked[checks // 2 :], apart_s=LEISURE_S))
            seen_s = freshness(client, mine)
        finally:
            mine.close()
            server.join()
    print(f"POST /v1/customers/ID/check over HTTP, {sizes[0]:,} customers, {sizes[1]:,} transfers, store embedded")
    print(f"first answer, everything read: {first_ms / 1e3:.1f} s; a new alert is told of after {seen_s:.1f} s")
    late = False
    for name, found in (
        ("one after the other", Measured.of(took)),
        (f"each {LEISURE_S * 1e3:.0f} ms", Measured.of(calm)),
    ):
        kept = found.p99 <= LIMIT_MS
        late |= not kept
        print(
            f"{name}: p50 {found.p50:.1f} ms, p99 {found.p99:.1f} ms, worst {found.worst:.1f} ms; "
            f"limit {LIMIT_MS:.0f} ms at p99: {'reached' if kept else 'missed'}"
        )
    return int(late)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.customer_http", description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--transfers", type=int, default=200_000)
    parser.add_argument("--checks", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    return measured((given.customers, given.transfers, given.seed), given.checks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
