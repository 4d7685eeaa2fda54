"""The cases beside a detector, run through the very pipeline that live and replay use."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from manumit.detectors.contract import Case, Detector, Scorer, TextFlag
from manumit.detectors.models.isolation_forest import learn, matrix
from manumit.detectors.models.quiet import quiet_block
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.streams.lanes import END_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

MODEL_SEED = 7


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a case's events made the detector say."""

    detector: str
    case: str
    kind: str
    holds: bool
    fired: tuple[str, ...]


def check_cases(detector: Detector) -> list[CaseResult]:
    """Every case of one detector, each through a pipeline of its own."""
    model = learn(matrix(quiet_block()), MODEL_SEED) if isinstance(detector, Scorer) else None
    configured = Configured(detectors=(detector,), overrides={}, model=model)
    return [_checked(configured, detector, case) for case in detector.about.cases]


def _checked(configured: Configured, detector: Detector, case: Case) -> CaseResult:
    fired = _guarded(detector, case) if isinstance(detector, TextFlag) and detector.guard else _judged(configured, case)
    return CaseResult(
        detector=detector.about.id,
        case=case.name,
        kind=case.kind,
        holds=fired == case.fires,
        fired=tuple(sorted(fired)),
    )


def _judged(configured: Configured, case: Case) -> frozenset[str]:
    pipeline = Pipeline(configured)
    pipeline.learn_labels(case.labels)
    return frozenset(signal.event_id for signal in pipeline.take(case_bundle(case)).signals)


def _guarded(guard: TextFlag, case: Case) -> frozenset[str]:
    """A guard is asked at the edge, before there is a pipeline."""
    values = guard.about.values()
    return frozenset(e.event_id for e in case.events if isinstance(e, Listing) and guard.find(e, values))


def case_bundle(case: Case) -> Bundle:
    """All events of a case at once, in event-time order."""
    transfers = sorted((e for e in case.events if isinstance(e, Transfer)), key=lambda e: e.at_us)
    bundle = Bundle(
        until_us=END_US,
        listings=tuple(sorted((e for e in case.events if isinstance(e, Listing)), key=lambda e: e.at_us)),
        customers=tuple(sorted((e for e in case.events if isinstance(e, Customer)), key=lambda e: e.at_us)),
        account_events=tuple(sorted((e for e in case.events if isinstance(e, AccountEvent)), key=lambda e: e.at_us)),
    )
    return replace(bundle, transfers=((False, TransferBlock.of(transfers)),)) if transfers else bundle
