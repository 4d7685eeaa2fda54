"""Small streams of invented events, sources that give them in any batches, and runs that keep what came out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from manumit.connectors.contract import Batch, Source
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Detector, Scorer
from manumit.detectors.stories import DAY, HOUR, START_US, account, advert, booked, pay, snapshot
from manumit.detectors.windows.contract import WindowEngine
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.plan import Plan
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.stored import to_stored
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import Suppression
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured
from manumit.streams.runner import PROVISIONAL, Desk, Runner, Totals

Event = Transfer | Listing | AccountEvent | Customer
OVERRIDES: Mapping[str, Mapping[str, float]] = {
    "tx-funnel-fan-in": {"min_senders_week": 2, "min_senders_month": 4, "min_new_share": 0.1},
    "tx-rapid-pass-through": {},
    "tx-night-activity": {"min_events": 2, "min_deviations": 0.1},
    "tx-prepaid-to-crypto-to-ads": {"min_sequences": 1, "tolerance": 9},
    "tx-kiosk-scatter-same-address": {"min_customers": 2, "min_pairs": 1, "min_owners": 1, "min_km": 1},
    "tx-many-origins-one-corridor-beneficiary": {"min_places": 2, "min_payments": 2, "min_usd": 1},
    "tx-vc-small-multiple-purchases": {"min_purchases": 2, "min_share": 0.1, "slack_usd": 1},
    "tx-privacy-coin-conversion": {"min_usd": 1, "min_share": 0.01},
    "tx-foreign-classified-payments": {"min_payments": 1},
    "tx-chain-hop-low-fee-exit": {"min_usd": 50, "min_share": 0.1},
}
PEOPLE = tuple(f"person-{i}" for i in range(6))
TILLS = PEOPLE[:3]
LABELS = (
    Label(subject=account("person-5"), category="sanctions", name="a made-up list", source="made-up"),
    Label(subject=account("advert-site"), category="adult-ads", source="made-up"),
    Label(subject=account("classifieds"), category="classifieds", country="NL", source="made-up"),
    Label(subject="place:9", category="corridor", source="made-up"),
)
PLACES = ("9whx5gt", "9wsw7yt", "u33d")
NOW_US = START_US + 10**15
GAPS = (0, 0, 0, 1, HOUR, 7 * HOUR, DAY, 8 * DAY, 40 * DAY)


@dataclass(slots=True)
class Kept:
    """A store in memory: every row in the order it was written."""

    rows: dict[str, list[msgspec.Struct]] = field(default_factory=dict)
    reorgs: bool = False

    def migrate(self) -> tuple[str, ...]:
        return ()

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        self.rows.setdefault(table, []).extend(rows)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Knows one question: which alerts are provisional."""
        if sql != PROVISIONAL:
            return []
        rows = [alert for alert in self.alerts.values() if alert.state == "provisional"]
        return [
            dict(zip(Alert.__struct_fields__, cells, strict=True))
            for cells in zip(*to_stored(Alert, rows), strict=True)
        ]

    def close(self) -> None:
        return None

    @property
    def alerts(self) -> dict[str, Alert]:
        """The highest revision of each, without the clock. Without reorgs a revision has one content."""
        found: dict[tuple[str, int], Alert] = {}
        for row in self.rows.get("alerts", []):
            assert isinstance(row, Alert)
            plain = msgspec.structs.replace(row, stored_us=0)
            assert self.reorgs or found.get((row.alert_id, row.revision), plain) == plain
            found[row.alert_id, row.revision] = plain
        return {alert_id: found[alert_id, revision] for alert_id, revision in sorted(found)}

    @property
    def dead_letters(self) -> dict[str, DeadLetter]:
        rows = self.rows.get("dead_letters", [])
        return {row.letter_id: row for row in rows if isinstance(row, DeadLetter)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A source of given batches; the position counts them."""

    name: str
    given: Sequence[Batch]
    live: bool = False

    def total(self) -> int | None:
        return None

    def batches(self, after: str | None) -> Iterator[Batch]:
        start = 0 if after is None else int(after) + 1
        for place, batch in enumerate(self.given[start:], start):
            yield replace(batch, position=str(place))


def batch_of(events: Sequence[Event], *, final: Mapping[str, int] | None = None, caught_up: bool = False) -> Batch:
    transfers = [e for e in events if isinstance(e, Transfer)]
    return Batch(
        position="",
        transfers=TransferBlock.of(transfers) if transfers else None,
        listings=tuple(e for e in events if isinstance(e, Listing)),
        customers=tuple(e for e in events if isinstance(e, Customer)),
        account_events=tuple(e for e in events if isinstance(e, AccountEvent)),
        final=final or {},
        caught_up=caught_up,
    )


def source(name: str, events: Sequence[Event], size: int = 1000, *, live: bool = False) -> Listed:
    """The events in batches of `size`."""
    given = [batch_of(events[i : i + size]) for i in range(0, len(events), size)]
    return Listed(name=name, given=given, live=live)


@cache
def chosen() -> tuple[Detector, ...]:
    """Every detector that needs no model."""
    return tuple(one for one in detectors() if not isinstance(one, Scorer))


def new_pipeline(
    *,
    make_engine: Callable[[Plan], WindowEngine] = Engine,
    suppressions: Sequence[Suppression] = (),
    overrides: Mapping[str, Mapping[str, float]] = OVERRIDES,
) -> Pipeline:
    configured = Configured(detectors=chosen(), overrides=overrides)
    return Pipeline(configured, make_engine=make_engine, suppressions=suppressions)


@dataclass(frozen=True, slots=True)
class Ran:
    store: Kept
    totals: Totals
    pipeline: Pipeline


def run(
    *sources: Source,
    pipeline: Pipeline | None = None,
    labels: Sequence[Label] = LABELS,
    suppressions: Sequence[Suppression] = (),
    folder: Path | None = None,
    store: Kept | None = None,
    stop: threading.Event | None = None,
) -> Ran:
    """Runs to the end of the sources, with a frozen clock."""
    store = store or Kept()
    pipeline = pipeline or new_pipeline()
    desk = Desk(
        store=store,
        clock=lambda: NOW_US,
        read=lambda listing: listing,
        seal=lambda letter: letter,
        suppressions=lambda: list(suppressions),
        checkpoint_every_us=0,
        allowed_lateness_us=0,
    )
    checkpoints = Checkpoints(folder) if folder else None
    runner = Runner(sources=sources, pipeline=pipeline, desk=desk, labels=labels, checkpoints=checkpoints)
    return Ran(store, runner.run(stop or threading.Event()), pipeline)


def movement(tag: str, customer: str, usd: float | None, *, at: int, deposit: bool = True) -> AccountEvent:
    return AccountEvent(
        exchange="made-up",
        account_event_id=tag,
        customer_id=customer,
        at_us=START_US + at,
        kind="deposit" if deposit else "withdrawal",
        channel="wire",
        counterparty=f"bank-{tag}",
        amount_usd=usd,
    )


def small_event(tag: str, kind: int, who: tuple[int, int], usd: float, at: int) -> Event:
    first, second = PEOPLE[who[0]], PEOPLE[who[1]]
    if kind == 0:
        wallets = (account(TILLS[who[0] % len(TILLS)]),)
        return advert(tag, "escort", "invented words", at=at, wallets=wallets)
    if kind == 1:
        return movement(tag, f"customer-{who[0]}", usd, at=at, deposit=who[1] % 3 != 0)
    if kind == 2:
        return rich_event(tag, who[0] % 3, who[1], usd, at)
    return pay(tag, first, second, usd, at=at)


def rich_event(tag: str, customer: int, kind: int, usd: float, at: int) -> Event:
    """What the records of an exchange tell beyond an amount: cards, kiosks, coins, places, countries."""
    name, place = f"customer-{customer}", PLACES[customer]
    site = account(("advert-site", "classifieds")[customer % 2])
    if kind == 0:
        return snapshot(name, residence=("NL", "CA")[customer % 2], at=at)
    if kind == 1:
        return booked(tag, "login", at=at, place=place, customer=name)
    if kind == 2:
        return booked(tag, "fiat-in", usd, at=at, channel="prepaid", place=PLACES[round(usd) % 3], customer=name)
    if kind == 3:
        return booked(tag, "trade", usd, at=at, asset=("XMR", "BTC")[customer % 2], direction="buy", customer=name)
    if kind == 4:
        wallet = account("collecting")
        return booked(
            tag, "withdrawal", usd, at=at, channel="kiosk", counterparty=wallet, place=place, own=True, customer=name
        )
    return booked(tag, "withdrawal", usd, at=at, channel="crypto", asset="TRX", counterparty=site, customer=name)


@st.composite
def small_worlds(draw: st.DrawFn, longest: int = 60) -> list[Event]:
    """Events in order with many ties, between few people, so that windows fill and rules fire."""
    count = draw(st.integers(1, longest))
    at = 0
    events: list[Event] = []
    for number in range(count):
        at += draw(st.sampled_from(GAPS))
        who = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
        usd = draw(st.sampled_from((5.0, 80.0, 900.0, 9_500.0, 50_000.0)))
        events.append(small_event(f"e{number}", draw(st.integers(0, 9)), who, usd, at))
    return events


def chain_block(
    height: int, pays: Sequence[tuple[str, str, float]], *, fork: str = "", at: int | None = None
) -> list[Transfer]:
    """The provisional transfers of one block; `fork` makes other ids of the same payments."""
    at = height * 12_000_000 if at is None else at
    rows = []
    for position, (sender, receiver, usd) in enumerate(pays):
        row = pay(f"{fork}b{height}.{position}", sender, receiver, usd, at=at)
        rows.append(
            msgspec.structs.replace(
                row, block_height=height, block_hash=f"0x{fork or 'main'}{height}", finality="provisional"
            )
        )
    return rows


def retracted(rows: Sequence[Transfer]) -> Batch:
    """The batch that takes these back, newest first."""
    gone = [msgspec.structs.replace(row, op=-1) for row in reversed(rows)]
    return Batch(position="", transfers=TransferBlock.of(gone))
