"""What the finders add: the whole pack of rules with every finder, against the rules alone, on the same blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.ours import Alert, Judge, ndjson_blocks
from bench.results import Result, more_is_better
from bench.rounds import medians
from bench.throughput import RATE, pieces_of
from bench.transfers import Stream
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Finder, Rule, Values
from manumit.detectors.windows.contract import Pushed
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.plan import plan
from manumit.detectors.windows.view import Memory
from manumit.schemas.block import TransferBlock
from manumit.streams.searching import stories

ALONE, BOTH = "the rules alone", "rules and finders"


class Pack:
    """Rules and finders over one engine, as a pipeline runs them."""

    def __init__(self, finders: tuple[Finder, ...]) -> None:
        self.judge = Judge(one for one in detectors() if isinstance(one, Rule))
        self.finders: list[tuple[Finder, Values]] = [(one, one.about.values()) for one in finders]

    def run(self, blocks: list[TransferBlock]) -> list[Alert]:
        wanted = [(side, feature) for _, side, _, features in self.judge.judged for feature in features.values()]
        wanted += [request for one, values in self.finders for request in one.features(values).values()]
        engine = Engine(plan(wanted, remember_us=max((one.within_us(v) for one, v in self.finders), default=0)))
        alerts: list[Alert] = []
        for block in blocks:
            pushed = engine.push(block)
            alerts += self.judge.alerts_in(pushed)
            alerts += self._stories(pushed, engine.memory())
        return alerts

    def _stories(self, pushed: Pushed, memory: Memory) -> Iterator[Alert]:
        usd = pushed.usd()
        for finder, values in self.finders:
            for view, story in stories(finder, values, pushed, memory, usd):
                yield finder.about.id, memory.name(story.subject), view.event.sequence


def beside_rules(stream: Stream, rounds: int) -> Iterator[Result]:
    """Below 1: so many times as fast are the rules without the finders."""
    blocks = list(ndjson_blocks(pieces_of(stream.ndjson)))
    finders = tuple(one for one in detectors() if isinstance(one, Finder))
    runs = {ALONE: partial(Pack(()).run, blocks), BOTH: partial(Pack(finders).run, blocks)}
    wanted = set(runs[ALONE]())
    assert wanted <= set(runs[BOTH]()), "the finders changed what the rules say"
    rates = {name: len(stream) / seconds for name, seconds in medians(runs, rounds).items()}
    yield more_is_better(f"blocks -> alerts, rules and {len(finders)} finders", rates[BOTH], rates[ALONE], ALONE, RATE)
