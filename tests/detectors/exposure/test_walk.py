"""A walk from one account finds what the whole stream says of it, back in time and, in the mirror, forward."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.exposure.contract import Standing
from manumit.detectors.exposure.engine import Engine, standing_of
from manumit.detectors.exposure.follow import arrived, forward
from manumit.detectors.exposure.log import Log
from manumit.detectors.exposure.oracle import destinations
from manumit.detectors.exposure.terms import Terms
from manumit.detectors.exposure.walk import Walked, back
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.block import MICRO_USD
from tests.detectors.exposure.streams import CHAINS, NAMES, label_spans, streams
from tests.detectors.windows.streams import Row, block, cut

EXAMPLES = settings(max_examples=40, deadline=None)
TERMS = (Terms(), Terms(hops=1), Terms(hops=2, dust_micro=0), Terms(hops=3, dust_micro=MICRO_USD))
ACCOUNTS = [(chain, name) for chain in CHAINS for name in NAMES]


def between_two(rows: Sequence[Row]) -> list[Row]:
    """A book leaves out what moves nothing."""
    return [row for row in rows if row.sender != row.receiver]


def logged(rows: Sequence[Row], spans: Sequence[LabelSpan], terms: Terms) -> tuple[Engine, Log]:
    engine, log = Engine(terms, undo_depth=0), Log()
    engine.label(spans)
    for part in cut(rows, 7):
        log.append(part, engine.take(part), engine.accounts)
    return engine, log


def came(engine: Engine, log: Log, account: tuple[str, str], *, most: int = 10_000) -> tuple[Walked, Standing] | None:
    number = engine.number(*account)
    if number < 0:
        return None
    found, local = back(log, engine.state, engine.terms, number, most=most)
    return found, standing_of(local.accounts, local.entries, 1)


def went(engine: Engine, log: Log, account: tuple[str, str], *, most: int = 10_000) -> Walked | None:
    number = engine.number(*account)
    return None if number < 0 else forward(log, engine.state, number, most=most)


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), terms=st.sampled_from(TERMS))
def test_back(rows: list[Row], spans: list[LabelSpan], terms: Terms) -> None:
    """The walk stands where the engine stands, and its pieces add up to it."""
    rows = between_two(rows)
    engine, log = logged(rows, spans, terms)
    for account in ACCOUNTS:
        found = came(engine, log, account)
        if found is None:
            assert engine.standing(*account) is None
            continue
        walked, standing = found
        assert standing == engine.standing(*account)
        mine = np.repeat(walked.payee == 1, np.diff(walked.first))
        assert int(walked.amounts[mine].sum()) == sum(standing.gained.values())
        assert not walked.cut


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), terms=st.sampled_from(TERMS))
def test_forward(rows: list[Row], spans: list[LabelSpan], terms: Terms) -> None:
    rows = between_two(rows)
    engine, log = logged(rows, spans, terms)
    for account in ACCOUNTS:
        walked = went(engine, log, account)
        wanted = destinations(terms, spans, block(rows), account)
        assert (arrived(walked) if walked else {}) == wanted
        known = engine.standing(*account)
        assert {c: v for (c, hops), v in wanted.items() if hops == 1} == (known.paid if known else {})


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6))
def test_labels_of_now(rows: list[Row], spans: list[LabelSpan]) -> None:
    """After a recount the log remembers the balances of the new labels."""
    rows = between_two(rows)
    engine, log = logged(rows, (), Terms())
    engine.relabel(spans)
    log.recount(engine)
    for account in ACCOUNTS:
        walked = went(engine, log, account)
        assert (arrived(walked) if walked else {}) == destinations(Terms(), spans, block(rows), account)


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), most=st.integers(1, 12))
def test_a_walk_ends_where_it_must(rows: list[Row], spans: list[LabelSpan], most: int) -> None:
    engine, log = logged(between_two(rows), spans, Terms())
    for account in ACCOUNTS:
        found = came(engine, log, account, most=most)
        if found is not None:
            assert len(found[0].sequence) <= most
        walked = went(engine, log, account, most=most)
        assert walked is None or len(walked.sequence) <= most


def test_the_chain_of_an_account() -> None:
    pairs = [("a", "b"), ("c", "a"), ("b", "c"), ("a", "c")]
    rows = [Row(10 + i, 5, CHAINS[0], sender, receiver) for i, (sender, receiver) in enumerate(pairs)]
    engine, log = logged(rows, (), Terms())
    assert log.of(engine.number(CHAINS[0], "a"), 9) == [3, 1, 0]
    assert log.of(engine.number(CHAINS[0], "a"), 2) == [3, 1]
    assert log.at_us.tolist() == [10, 11, 12, 13]
    assert log.accounts.shape == (2, 4)
