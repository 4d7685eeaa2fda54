"""`python -m bench.exchange`: a generated exchange through all customer rules, from Parquet on several processes.

One table of recall by typology, one of alerts about innocents by rule, one by population; then the speed of the replay
against plain Python on one customer in a hundred, in the same run. The seed was never tuned on.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from bench.exchange_score import BUDGET, noise_table, noises, per_10_000, population_table, recall_table, recalls
from bench.plain_customers import PlainWindows
from manumit.connectors.world.exchange.generate import Census, exchange, write
from manumit.connectors.world.exchange.plan import ExchangeCase, number_of
from manumit.connectors.world.exchange.seeds import EVALUATION_SEEDS, TUNING_SEEDS
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule, Values
from manumit.detectors.customers.columns import in_order
from manumit.detectors.customers.judging import CustomerJudge
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow
from manumit.schemas.customer import Customer
from manumit.streams.exchange_parts import PartFiles, parts_of
from manumit.streams.exchange_replay import Replayed, replay, replay_parts

SAMPLE = 100  # one customer in so many for plain Python
GOAL_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    rules: list[CustomerRule]
    values: dict[str, Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    replayed: Replayed
    wall_s: float
    processor_s: float


def pack() -> Pack:
    """Every customer rule with its own thresholds."""
    rules = [one for one in detectors() if isinstance(one, CustomerRule)]
    return Pack(rules=rules, values={rule.about.id: rule.about.values() for rule in rules})


def _processor_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(folder: Path, known: Pack, *, alone: bool) -> Timed:
    """The whole replay: files opened, processes started, alerts worded."""
    parts = parts_of(folder)
    wall, processor = perf_counter(), _processor_s()
    done = (replay if alone else replay_parts)(parts, known.rules, known.values)
    return Timed(replayed=done, wall_s=perf_counter() - wall, processor_s=_processor_s() - processor)


def sampled(parts: tuple[PartFiles, ...], folder: Path) -> None:
    """One customer in a hundred, in a folder of its own."""
    for kind in ("customers", "account_events"):
        (folder / kind).mkdir(parents=True)
    for part in parts:
        for path, kind in ((part.customers, "customers"), (part.events, "account_events")):
            with pq.ParquetFile(path) as file, pq.ParquetWriter(folder / kind / path.name, file.schema_arrow) as out:
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group)
                    numbers = np.array([number_of(one) for one in table["customer_id"].to_pylist()])
                    out.write_table(table.take(pa.array(np.flatnonzero(numbers // len(parts) % SAMPLE == 0))))


def plainly(parts: tuple[PartFiles, ...], known: Pack) -> tuple[int, float, int]:
    """Events, processor seconds and signals of the sample in plain Python: a record a row, a deque a window."""
    start = process_time()
    customers: list[Customer] = []
    events: list[AccountEvent] = []
    for part in parts:
        customers += from_arrow(Customer, pq.read_table(part.customers))
        events += from_arrow(AccountEvent, pq.read_table(part.events))
    judge = CustomerJudge(known.rules, known.values)
    customers.sort(key=lambda one: one.at_us)
    events.sort(key=lambda one: one.at_us)
    signals = judge.taken(in_order(customers, events), PlainWindows(judge.plan.asks))
    return len(events), process_time() - start, len(signals)


def speed(console: Console, folder: Path, known: Pack) -> Timed:
    """Prints the replay's numbers; returns it."""
    whole = timed(folder, known, alone=False)
    events = whole.replayed.events
    cores = len(os.sched_getaffinity(0))
    console.print(
        f"{events:,} events, {len(parts_of(folder))} processes on {cores} cores: {whole.wall_s:.1f} s by the clock, "
        f"{whole.processor_s:.1f} s of processor time ({whole.processor_s / events * 1e6:.2f} us an event); "
        f"load {os.getloadavg()[0]:.1f} when it ended"
    )
    reached = "reached" if whole.wall_s <= GOAL_S * events / 20e6 else "missed"
    console.print(f"goal 20 M events in {GOAL_S} s on two cores: {reached} by the clock at this size")
    with TemporaryDirectory() as small:
        sampled(parts_of(folder), Path(small))
        ours = timed(Path(small), known, alone=True)
        count, seconds, signals = plainly(parts_of(Path(small)), known)
    if signals != sum(ours.replayed.signals.values()):
        raise SystemExit(f"plain Python says {signals} signals, ours {ours.replayed.signals}")
    plain, rate = seconds / count * 1e6, whole.processor_s / events * 1e6
    console.print(
        f"plain Python on 1 customer in {SAMPLE} ({count:,} events, the same {signals:,} signals): {plain:.1f} us an "
        f"event of processor time, ours on all {rate:.2f}: x{plain / rate:.1f}"
    )
    return whole


def quality(console: Console, folder: Path, alerts: list[Alert], known: Pack) -> bool:
    """Prints the tables; True when every typology with a rule keeps recall and budget."""
    census = msgspec.json.decode((folder / "census.json").read_bytes(), type=Census)
    cases = msgspec.json.decode((folder / "cases.json").read_bytes(), type=list[ExchangeCase])
    found, loud = recalls(alerts, cases, known.rules), noises(alerts, census, cases, known.rules)
    for table in (recall_table(found), noise_table(loud, census), population_table(loud, census)):
        console.print(table)
    console.print("Control findings are gaps of the exchange's own knowledge: counted apart, outside the budget.")
    blind = [one.entry for one in found if one.detectors and one.share < 0.9]
    noisy = [
        one.detector for one in loud if one.nature != "control" and per_10_000(one.alerts, census.customers) > BUDGET
    ]
    console.print(f"recall below 0.9: {blind or 'none'}; more than {BUDGET:.0f} alerts per 10,000: {noisy or 'none'}")
    return not blind and not noisy


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.exchange", description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000, help="about a hundred events each (default 200000)")
    parser.add_argument("--seed", type=int, default=EVALUATION_SEEDS[0])
    parser.add_argument("--folder", type=Path, help="keep the files here, or use those that are here")
    wanted = parser.parse_args(arguments)
    console, known = Console(width=160), pack()
    kind = "tuned on" if wanted.seed in TUNING_SEEDS else "never tuned on"
    console.print(f"{wanted.customers:,} customers, seed {wanted.seed} ({kind})")
    with TemporaryDirectory() as folder:
        place = wanted.folder or Path(folder)
        if not (place / "census.json").is_file():
            start = process_time()
            census = write(exchange(wanted.seed, wanted.customers), place)
            console.print(f"generated {census.events:,} events in {process_time() - start:.0f} s of processor time")
        done = speed(console, place, known)
        kept = quality(console, place, list(done.replayed.alerts.values()), known)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
