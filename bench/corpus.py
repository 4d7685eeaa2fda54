"""Ordinary transfers, and planted cases among them: real blocks where they are, else the shipped sample.

Real transfers keep their order and their distances in time; each export is moved as a whole so that it stands in
the middle of the generated twelve weeks, and planted cases move to the real chain, where real accounts pay part of
their way. So the windows of a rule hold real and planted transfers at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import numpy as np

from manumit.connectors.files.survey import open_files
from manumit.connectors.labels.read import read_labels
from manumit.connectors.rates import Rates, read_rates
from manumit.connectors.world.clock import DAY, START_US
from manumit.connectors.world.hashes import CHAIN
from manumit.connectors.world.truth import PlantedCase
from manumit.connectors.world.world import World
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.addresses import ETHEREUM
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.transfer import Transfer
from manumit.streams.demonstration import BLOCKS, LABELS, undated

MIDDLE_US = START_US + 42 * DAY
ETHER_2017_USD = 19.0  # ours: the price file begins eight months after the blocks of March 2017
DAYS_2017 = range(17_230, 17_235)
MAX_REAL_TRANSFERS = 12  # of an account that may pay a planted one: a person, not a service


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Events in order of time. `real` and `drawn` count ordinary transfers, from blocks and from the generator;
    `truth` says what was planted, `involved` are all accounts and customers that had a part in it."""

    transfers: tuple[Transfer, ...]
    customers: tuple[Customer, ...]
    account_events: tuple[AccountEvent, ...]
    labels: tuple[Label, ...]
    truth: tuple[PlantedCase, ...]
    real: int
    drawn: int
    involved: frozenset[str]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Real transfers and the labels their users would have."""

    transfers: tuple[Transfer, ...]
    labels: tuple[Label, ...] = field(default=())
    name: str = "the shipped sample"


def real_blocks(chains: Path | None) -> Blocks:
    """Everything in the demonstration's list of blocks, or the sample when there is no such folder."""
    if chains is None:
        with as_file(files("manumit.connectors.world") / "sample") as sample:
            labels = undated(read_labels(str(sample / "sanctioned_addresses_ETH.txt"))[0])
            return Blocks(tuple(moved(read(sample / "token_transfers.json", read_rates(())))), labels)
    rates = read_rates([f"ETH={chains / 'raphtory/ETH-USD.csv'}"])
    known = dict.fromkeys(DAYS_2017, ETHER_2017_USD) | dict(rates.daily["ETH"])
    rates = Rates(assets=rates.assets, daily={"ETH": known})
    exports = [chains / name for name in BLOCKS if (chains / name).exists()]
    rows = [row for export in exports for row in moved(read(export, rates))]
    lists = [read_labels(str(chains / name))[0] for name in LABELS if (chains / name).exists()]
    labels = undated(tuple(label for rows in lists for label in rows))
    return Blocks(tuple(rows), (*labels, *tagged(chains)), f"{len(exports)} exports of real Ethereum blocks")


def read(path: Path, rates: Rates) -> list[Transfer]:
    batches = [batch for source in open_files(path, rates) for batch in source.batches(None)]
    blocks = [batch.transfers for batch in batches if batch.transfers is not None]
    return [block.row(i) for block in blocks for i in range(len(block))]


def moved(rows: Sequence[Transfer]) -> Iterator[Transfer]:
    """The rows of one export, so that it begins in the middle of the generated weeks."""
    by = MIDDLE_US - min(row.at_us for row in rows)
    for row in rows:
        yield msgspec.structs.replace(row, at_us=row.at_us + by, seen_us=row.seen_us + by)


TAGS = {"exchange": "exchange", "mining": "service", "gambling": "gambling", "poloniex": "exchange"}
TAGS |= dict.fromkeys(
    ("kraken", "shapeshift", "bittrex", "bitfinex", "gemini", "yunbi", "huobi", "binance"), "exchange"
)
TAGS |= dict.fromkeys(("wallet-app", "payments", "token-contract", "token-sale", "dex", "blockchain"), "service")


def tagged(chains: Path) -> tuple[Label, ...]:
    """What an explorer's public tags say of businesses among the accounts."""
    path = chains / "raphtory" / "etherscan_tags.csv"
    if not path.is_file():
        return ()
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()[1:]]
    return tuple(
        msgspec.convert({"subject": f"{ETHEREUM}:{row[0]}", "category": TAGS[row[2]], "source": "explorer"}, Label)
        for row in rows
        if len(row) > 2 and row[2] in TAGS and row[0].startswith("0x")
    )


def quiet_corpus(blocks: Blocks, world: World) -> Corpus:
    """Nothing planted."""
    return injected(blocks, world, unseen=0.0)


def injected(blocks: Blocks, world: World, *, unseen: float) -> Corpus:
    """The world on the real chain among real transfers, less a share `unseen` of what its cases did.

    A case whose transfers were unseen still counts: that is what makes it weak.
    """
    dice = np.random.default_rng([world.seed, 7])
    planted = {event for case in world.truth for event in case.events}
    rows = list(world.each_transfer())
    names = stand_ins(blocks, world, rows, planted, dice)
    gone = {event for event in sorted(planted) if dice.random() < unseen}
    kept = [(row.event_id in planted, told(row, names)) for row in rows if row.event_id not in gone]
    transfers = sorted([*blocks.transfers, *(row for _, row in kept)], key=lambda row: row.at_us)
    return Corpus(
        transfers=tuple(transfers),
        customers=tuple(
            msgspec.structs.replace(customer, wallets=tuple(map(moved_id, customer.wallets)))
            for customer in world.customers
        ),
        account_events=tuple(
            msgspec.structs.replace(event, counterparty=moved_id(event.counterparty))
            for event in world.account_events
            if event.event_id not in gone
        ),
        labels=(*(on_real_chain(label) for label in world.labels), *blocks.labels),
        truth=tuple(case_on_real_chain(case) for case in world.truth),
        real=len(blocks.transfers),
        drawn=sum(not is_planted for is_planted, _ in kept),
        involved=frozenset(parties(world, names, planted, rows)),
    )


def stand_ins(
    blocks: Blocks, world: World, rows: Sequence[Transfer], planted: set[str], dice: np.random.Generator
) -> Mapping[str, str]:
    """Real accounts for half of those who only pay into cases: address in the world to real address."""
    subjects = {subject.rpartition(":")[2] for case in world.truth for subject in case.subjects}
    labelled = {label.subject.rpartition(":")[2] for label in world.labels}
    received = {row.receiver for row in rows if row.event_id in planted}  # a relay with a life of its own is none
    payers = sorted({row.sender for row in rows if row.event_id in planted} - received - subjects - labelled)
    counts: dict[str, int] = {}
    for row in blocks.transfers:
        for party in (row.sender, row.receiver):
            counts[party] = counts.get(party, 0) + 1
    known = {label.subject.rpartition(":")[2] for label in blocks.labels}
    people = sorted(party for party, count in counts.items() if count <= MAX_REAL_TRANSFERS and party not in known)
    some = [people[i] for i in dice.permutation(len(people))[: len(payers) // 2].tolist()]
    return dict(zip(payers[::2], some, strict=False))


def parties(world: World, names: Mapping[str, str], planted: set[str], rows: Sequence[Transfer]) -> Iterator[str]:
    """Accounts at either end of a planted transfer, customers and wallets of planted account events."""
    for row in rows:
        if row.event_id in planted:
            yield from (f"{ETHEREUM}:{names.get(party, party)}" for party in (row.sender, row.receiver))
    for event in world.account_events:
        if event.event_id in planted:
            yield from (f"customer:{event.exchange}:{event.customer_id}", moved_id(event.counterparty))


def told(row: Transfer, names: Mapping[str, str]) -> Transfer:
    return msgspec.structs.replace(
        row,
        chain=ETHEREUM,
        sender=names.get(row.sender, row.sender),
        receiver=names.get(row.receiver, row.receiver),
    )


def on_real_chain(label: Label) -> Label:
    return msgspec.structs.replace(label, subject=moved_id(label.subject))


def case_on_real_chain(case: PlantedCase) -> PlantedCase:
    return msgspec.structs.replace(
        case,
        subjects=tuple(map(moved_id, case.subjects)),
        expected={rule: tuple(map(moved_id, subjects)) for rule, subjects in case.expected.items()},
    )


def moved_id(subject: str) -> str:
    return subject.replace(f"{CHAIN}:", f"{ETHEREUM}:")
