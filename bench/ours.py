"""Our side of the comparison: bytes to alerts through the sources users run, and an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import repeat
from pathlib import Path

import numpy as np

from manumit.connectors.files.json_transfers import transfer_batches
from manumit.connectors.files.parquet_transfers import TransferFile
from manumit.connectors.files.places import TextPlace
from manumit.connectors.files.stream import Block
from manumit.connectors.files.text_source import ROWS_IN_BATCH
from manumit.connectors.rates import Rates
from manumit.connectors.scan import decode_transfer
from manumit.detectors.contract import Rule, Values
from manumit.detectors.windows.contract import Pushed, WindowEngine
from manumit.detectors.windows.features import Feature, Side
from manumit.detectors.windows.plan import Plan, plan
from manumit.schemas.block import TransferBlock

Alert = tuple[str, str, int]
"""Rule, account, number of the event in the stream."""


class Judge:
    """Rules over one engine."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.judged: list[tuple[Rule, Side, Values, Mapping[str, Feature]]] = []
        for rule in rules:
            values = rule.about.values()
            self.judged += [(rule, side, values, rule.features(values)) for side in rule.sides]

    def plan(self) -> Plan:
        return plan((side, feature) for _, side, _, wanted in self.judged for feature in wanted.values())

    def alerts(self, engine: WindowEngine, block: TransferBlock) -> Iterator[Alert]:
        return self.alerts_in(engine.push(block))

    def alerts_in(self, pushed: Pushed) -> Iterator[Alert]:
        usd = pushed.usd()
        for rule, side, values, wanted in self.judged:
            mask = rule.fires(pushed.features(side, wanted, usd), values)
            rows = np.flatnonzero(mask)
            accounts = pushed.block.accounts(rows, sender=side == "sender")
            yield from zip(repeat(rule.about.id), accounts, (rows + pushed.first).tolist(), strict=False)


def record_alerts(judge: Judge, engine: WindowEngine, lines: Iterable[bytes]) -> list[Alert]:
    """As the oracle is fed: every record decoded whole."""
    return list(judge.alerts(engine, TransferBlock.of([decode_transfer(line) for line in lines])))


@cache
def known_rates() -> Rates:
    """Read once, as a run does."""
    return Rates()


def ndjson_blocks(blocks: Iterable[Block], rows: int = ROWS_IN_BATCH) -> Iterator[TransferBlock]:
    """As the file source reads them, addresses checked."""
    for batch in transfer_batches(iter(blocks), TextPlace(), source="bench", rates=known_rates(), size=rows):
        assert batch.transfers is not None
        assert not batch.dead_letters
        yield batch.transfers


def ndjson_alerts(judge: Judge, engine: WindowEngine, blocks: Iterable[Block]) -> list[Alert]:
    alerts: list[Alert] = []
    for block in ndjson_blocks(blocks):
        alerts += judge.alerts(engine, block)
    return alerts


def parquet_alerts(judge: Judge, engine: WindowEngine, path: Path) -> list[Alert]:
    alerts: list[Alert] = []
    for batch in TransferFile(path=path, name="bench", rates=Rates()).batches(None):
        assert batch.transfers is not None
        alerts += judge.alerts(engine, batch.transfers)
    return alerts
