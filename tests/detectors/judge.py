"""What a detector says about a case, for tests: through an engine, in batches of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from manumit.detectors.books import in_books
from manumit.detectors.contract import (
    Case,
    CustomerRule,
    Detector,
    FeatureBlock,
    Finder,
    Joiner,
    ListingRule,
    Mask,
    Rule,
    Scorer,
    Story,
    TextFlag,
    Values,
)
from manumit.detectors.customers.columns import in_order
from manumit.detectors.customers.judging import CustomerJudge
from manumit.detectors.customers.oracle import Oracle as CustomerOracle
from manumit.detectors.models.isolation_forest import learn, matrix
from manumit.detectors.models.quiet import quiet_block
from manumit.detectors.parties import is_somebody
from manumit.detectors.windows.contract import LabelSpan, WindowEngine
from manumit.detectors.windows.features import Side, duration_us
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import Plan, plan
from manumit.detectors.windows.view import View
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.label import label_bit, names_person
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.streams.customer_lane import CustomerLane
from manumit.streams.label_book import LabelBook
from manumit.streams.movements import Movements, event_id
from manumit.streams.repetition import Repetition
from manumit.streams.searching import stories

Shift = Callable[[Any], Any]
Judged = frozenset[str]
ALL_AT_ONCE = 10**9


def unshifted(feature: Any) -> Any:
    return feature


def judge(
    detector: Detector,
    case: Case,
    values: Values,
    *,
    batch: int = ALL_AT_ONCE,
    engine: Callable[[Plan], WindowEngine] = Oracle,
    shift: Shift = unshifted,
) -> Judged:
    """The ids of the events that signal."""
    if isinstance(detector, TextFlag):
        listings = [event for event in case.events if isinstance(event, Listing)]
        return frozenset(
            listing.event_id
            for listing in listings
            if listing.kind in detector.kinds and detector.find(listing, values)
        )
    if isinstance(detector, ListingRule):
        return _repeated(detector, case, values, batch, shift)
    if isinstance(detector, Finder):
        return _told(detector, case, values, batch=batch, engine=engine)
    if isinstance(detector, CustomerRule):
        return _customers(detector, case, values, batch, engine is Oracle, shift)
    sides: tuple[Side, ...] = ("sender", "receiver") if isinstance(detector, Joiner) else detector.sides
    wanted = {} if isinstance(detector, Joiner) else detector.features(values)
    wanted = {name: shift(feature) for name, feature in wanted.items()}
    spans = [*_case_labels(case), *(_watched(detector, case) if isinstance(detector, Joiner) else ())]
    rows = case_rows(case)
    judged: set[str] = set()
    running = engine(plan((side, feature) for side in sides for feature in wanted.values()))
    running.label(spans)
    for start in range(0, len(rows), batch):
        pushed = running.push(rows.slice(start, min(start + batch, len(rows))))
        stands = in_books(pushed.block, detector.about.books)
        for side in sides:
            mask = _mask(detector, pushed.features(side, wanted), values)
            hits = np.flatnonzero(mask if stands is None else mask & stands)
            own = pushed.block.accounts(hits, sender=side == "sender")
            rows_hit = [i for i, account in zip(hits.tolist(), own, strict=True) if is_somebody(account)]
            judged |= {event_id(pushed.block.row(i)) for i in rows_hit}
    return frozenset(judged)


def case_rows(case: Case) -> TransferBlock:
    """Transfers and account events as the pipeline writes them into the engine."""
    labels = LabelBook()
    labels.add(case.labels)
    moved = Movements(labels).block(
        [event for event in case.events if isinstance(event, AccountEvent)],
        [event for event in case.events if isinstance(event, Customer)],
    )
    transfers = TransferBlock.of([event for event in case.events if isinstance(event, Transfer)])
    return transfers if moved is None else TransferBlock.merged([transfers, moved])


def _repeated(rule: ListingRule, case: Case, values: Values, batch: int, shift: Shift) -> Judged:
    """In batches, through what the pipeline keeps, which is written down and read again between them."""
    shifted = {name: shift(feature) for name, feature in rule.features(values).items()}
    rules, known = [replace(rule, features=lambda _: shifted)], {rule.about.id: values}
    listings = [event for event in case.events if isinstance(event, Listing)]
    running, judged = Repetition(rules, known), set()
    for start in range(0, len(listings), batch):
        judged |= {signal.event_id for signal in running.take(listings[start : start + batch])}
        fresh = Repetition(rules, known)
        fresh.load(running.dump())
        running = fresh
    return frozenset(judged)


def _told(finder: Finder, case: Case, values: Values, *, batch: int, engine: Callable[[Plan], WindowEngine]) -> Judged:
    rows = case_rows(case)
    return frozenset(event_id(rows.row(view.event.sequence)) for view, _ in told(finder, case, values, batch, engine))


def told(
    finder: Finder,
    case: Case,
    values: Values,
    batch: int = ALL_AT_ONCE,
    engine: Callable[[Plan], WindowEngine] = Oracle,
) -> list[tuple[View, Story]]:
    """A finder's stories in a case, in order."""
    rows = case_rows(case)
    running = engine(plan(finder.features(values).values(), remember_us=finder.within_us(values)))
    running.label(_case_labels(case))
    found: list[tuple[View, Story]] = []
    for start in range(0, len(rows), batch):
        pushed = running.push(rows.slice(start, min(start + batch, len(rows))))
        found += stories(finder, values, pushed, running.memory(), pushed.usd())
    return found


def _customers(
    rule: CustomerRule, case: Case, values: Values, batch: int, by_definition: bool, shift: Callable[[Any], Any]
) -> Judged:
    running = CustomerJudge([rule], {rule.about.id: values}, shift)
    oracle = CustomerOracle(running.plan.asks) if by_definition else None
    customers = [event for event in case.events if isinstance(event, Customer)]
    persons = [label for label in case.labels if names_person(label.subject)]
    records = in_order(customers, [event for event in case.events if isinstance(event, AccountEvent)], persons)
    labels = LabelBook()
    labels.add(persons)
    lane = CustomerLane(running, labels)
    judged: set[str] = set()
    for start in range(0, len(records), batch):
        found = running.taken(records[start : start + batch], oracle)
        judged |= {signal.event_id for signal in found if lane.rested(signal) is not None}
    return frozenset(judged)


def _mask(detector: Rule | Joiner | Scorer, block: FeatureBlock, values: Values) -> Mask:
    if isinstance(detector, Scorer):
        mask: Mask = detector.score(quiet_model(), detector.matrix(block)) >= values["min_score"]
        return mask
    return detector.fires(block, values)


@cache
def quiet_model() -> object:
    return learn(matrix(quiet_block()), 7)


def _case_labels(case: Case) -> list[LabelSpan]:
    return [_span(label.subject, label.category, label.valid_from_us, label.valid_to_us) for label in case.labels]


def _watched(joiner: Joiner, case: Case) -> list[LabelSpan]:
    """What the pipeline does for a joiner: the account is an advert wallet `within` before and after the advert."""
    within = duration_us(joiner.within)
    return [
        _span(account, "advert-wallet", event.at_us - within + 1, event.at_us + within)
        for event in case.events
        if isinstance(event, Listing)
        for account in joiner.watch(event)
    ]


def _span(account: str, category: str, start: int, stop: int) -> LabelSpan:
    chain, _, address = account.rpartition(":")
    return LabelSpan(chain=chain, address=address, bits=label_bit(category), valid_from_us=start, valid_to_us=stop)


def by_case(detector: Detector, values: Values, shift: Shift = unshifted) -> Mapping[str, Judged]:
    return {case.name: judge(detector, case, values, shift=shift) for case in detector.about.cases}
