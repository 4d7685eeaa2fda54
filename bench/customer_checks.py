"""`python -m bench.customer_checks`: how long one customer's answer takes, and the ranking of all."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import msgspec
import numpy as np

from manumit.detectors.catalogue import detectors
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.stories import DAY, START_US, pay
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.redflag import catalogue, citations
from manumit.schemas.subject import customer_subject
from manumit.streams.address_screening import screen
from manumit.streams.book import Book
from manumit.streams.customer_book import CustomerBook
from manumit.streams.customer_check import check
from manumit.streams.customer_trial import Trial
from manumit.streams.ranking import rank
from manumit.streams.rule_pack import Configured

CHAIN = "eip155:1"
EVENTS_GIVEN = 20


def wallet(number: int) -> str:
    return f"{number:040x}"


def customer(number: int) -> Customer:
    """One in eight lacks something, one in ten shares a device, one in thirty an address."""
    return whole(
        f"c{number:07}",
        address="" if number % 8 == 0 else f"address:{number // 30 if number % 30 < 5 else number}",
        verification="basic" if number % 16 == 0 else "full",
        contacts=(f"contact:{number}",),
        devices=(f"device:{number // 10 if number % 10 < 2 else number}",),
        wallets=(f"{CHAIN}:0x{wallet(number)}",),
    )


def alert(number: int, subject: str) -> Alert:
    known = [one.about for one in detectors() if one.about.id.startswith("kyc-")]
    about = known[number % len(known)]
    flag = catalogue()[about.entries[0]]
    return Alert(
        alert_id=f"{number:032x}", revision=1, detector=about.id, version=1, entry=flag.id, title=about.title,
        domain=flag.domain, typology=flag.typology, severity=about.severity, score=1.0, subject=subject,
        roles={subject: "unknown"}, state="final", opened_us=START_US, last_us=START_US, signals=1,
        citations=citations(flag), reason=about.reason, disclosable="", next_steps=about.next_steps,
        innocent=about.innocent, nature=about.nature,
    )  # fmt: skip


def filled(customers: int, transfers: int, seed: int) -> tuple[CustomerBook, Book]:
    dice = np.random.default_rng(seed)
    book, chain = CustomerBook(), Book()
    book.take(customer(number) for number in range(customers))
    told = dice.choice(customers, customers // 20, replace=False).tolist()
    book.learn(alert(n, customer_subject("made-up-exchange", f"c{one:07}")) for n, one in enumerate(told))
    bad = [
        Label(subject=f"{CHAIN}:0x{wallet(10**9 + i)}", category="trafficking", source="made-up-list")
        for i in range(50)
    ]
    chain.learn(bad)
    sides = dice.integers(0, customers, (transfers, 2)).tolist()
    rows = []
    for number, (one, other) in enumerate(sides):
        sender = 10**9 + number % 50 if number % 100 == 0 else one
        rows.append(pay(f"t{number}", f"0x{wallet(sender)}", f"0x{wallet(other)}", 250.0, at=number * 1_000_000))
    chain.take(TransferBlock.of(rows))
    return book, chain


def measured(answer: Callable[[int], object], asked: list[int]) -> dict[str, dict[str, float]]:
    """Milliseconds of the clock, and of the processor alone: half, 99 in 100, and the worst."""
    took: dict[str, list[float]] = {"wall": [], "cpu": []}
    for number in asked:
        began, worked = time.perf_counter_ns(), time.thread_time_ns()
        answer(number)
        took["cpu"].append((time.thread_time_ns() - worked) / 1e6)
        took["wall"].append((time.perf_counter_ns() - began) / 1e6)
    parts = (("p50", 50), ("p99", 99), ("max", 100))
    return {of: {name: round(float(np.percentile(ms, at)), 3) for name, at in parts} for of, ms in took.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=200_000)
    arguments.add_argument("--transfers", type=int, default=200_000)
    arguments.add_argument("--checks", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    book, chain = filled(given.customers, given.transfers, given.seed)
    trial = Trial(Configured(detectors=detectors(), overrides={}))
    now_us = START_US + 900 * DAY

    def known(number: int) -> bytes:
        subject = customer_subject("made-up-exchange", f"c{number:07}")
        return msgspec.json.encode(check(book, subject, screen=lambda address: screen(chain, address), at_us=now_us))

    def tried(number: int) -> bytes:
        one = customer(number)
        events: list[AccountEvent] = [
            did(f"e{i}", one.customer_id, "deposit", 90.0, at=i * DAY, counterparty=f"p{i}")
            for i in range(EVENTS_GIVEN)
        ]
        found = trial.check(book, one, events, screen=lambda address: screen(chain, address), at_us=now_us)
        return msgspec.json.encode(found)

    dice = np.random.default_rng(given.seed + 1)
    asked = dice.integers(0, given.customers, given.checks).tolist()
    known(asked[0])
    tried(asked[0])
    began, worked = time.perf_counter(), time.thread_time()
    rank(book, screen=lambda address: screen(chain, address), at_us=now_us, limit=50)
    ranked = {"wall": round(time.perf_counter() - began, 2), "cpu": round(time.thread_time() - worked, 2)}
    print(
        json.dumps(
            {
                "customers": given.customers,
                "alerts": book.alerts,
                "transfers": given.transfers,
                "check_ms": measured(known, asked),
                "trial_ms": measured(tried, asked[:300]),
                "ranking_s": ranked,
            }
        )
    )


if __name__ == "__main__":
    main()
