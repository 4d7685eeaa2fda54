"""Customers and their events through the pipeline: the same alerts in any bundles, and after any restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.stories import DAY, MINUTE
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.streams.lanes import END_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

RULES = tuple(one for one in detectors() if isinstance(one, CustomerRule))
CONFIGURED = Configured(detectors=RULES, overrides={})
Record = Customer | AccountEvent


def town() -> list[Record]:
    """One device enters three accounts twice; a firm without due diligence; a plea; a child's account."""
    records: list[Record] = [whole(f"c{i}", at=-DAY) for i in range(1, 4)]
    for again in (0, DAY):
        records += [did(f"l{i}-{again}", f"c{i}", "login", at=again + i * MINUTE, device="device:d") for i in (1, 2, 3)]
    records.append(did("big", "stranger", "deposit", 9_000.0, at=2 * DAY))
    records.append(did("plea", "c1", "fiat-in", 40.0, at=3 * DAY, note="please delete the pics", counterparty="x"))
    records.append(whole("child", at=4 * DAY, age=15, minimum_age=18))
    return sorted(records, key=lambda record: record.at_us)


def bundle(records: list[Record], until_us: int) -> Bundle:
    return Bundle(
        until_us=until_us,
        customers=tuple(r for r in records if isinstance(r, Customer)),
        account_events=tuple(r for r in records if isinstance(r, AccountEvent)),
    )


def moments(records: list[Record], size: int) -> list[list[Record]]:
    """Pieces of about `size`, cut between moments only, as the merging cuts."""
    pieces: list[list[Record]] = [[]]
    for record in records:
        if len(pieces[-1]) >= size and pieces[-1][-1].at_us < record.at_us:
            pieces.append([])
        pieces[-1].append(record)
    return pieces


def standing(pipeline: Pipeline, pieces: list[list[Record]]) -> dict[str, Alert]:
    found: dict[str, Alert] = {}
    for number, piece in enumerate(pieces, start=1):
        until_us = END_US if number == len(pieces) else piece[-1].at_us
        found |= {alert.alert_id: alert for alert in pipeline.take(bundle(piece, until_us)).alerts}
    return found


def unrevised(alerts: dict[str, Alert]) -> dict[str, tuple[object, ...]]:
    return {
        key: (a.detector, a.subject, a.signals, a.evidence, a.values, a.reason, a.nature) for key, a in alerts.items()
    }


def test_what_the_town_is_told() -> None:
    alerts = standing(Pipeline(CONFIGURED), [town()]).values()
    assert {(a.detector, a.subject, a.nature) for a in alerts} == {
        ("kyc-single-controller", "device:d", "suspicion"),
        ("kyc-missing-cdd-fields", "customer:made-up-exchange:stranger", "control"),
        ("kyc-sextortion-notes", "customer:made-up-exchange:c1", "protection"),
        ("kyc-minor-account", "customer:made-up-exchange:child", "protection"),
    }
    assert all(a.roles == {a.subject: "unknown"} for a in alerts)
    shared = next(a for a in alerts if a.detector == "kyc-single-controller")
    assert shared.signals == 1
    assert len(shared.evidence) == 6, "the five entries that led there, and the one that signalled"


@pytest.mark.parametrize("size", [1, 2, 5])
def test_bundles_never_matter(size: int) -> None:
    whole_town = unrevised(standing(Pipeline(CONFIGURED), [town()]))
    assert unrevised(standing(Pipeline(CONFIGURED), moments(town(), size))) == whole_town


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_restart_changes_nothing(cut: int) -> None:
    pieces = moments(town(), 1)
    whole_town = unrevised(standing(Pipeline(CONFIGURED), pieces))
    first = Pipeline(CONFIGURED)
    found: dict[str, Alert] = {}
    for piece in pieces[:cut]:
        found |= {a.alert_id: a for a in first.take(bundle(piece, piece[-1].at_us)).alerts}
    second = Pipeline(CONFIGURED)
    second.load(first.dump(), [])
    found |= standing(second, pieces[cut:])
    assert unrevised(found) == whole_town


def test_other_thresholds_are_another_pipeline() -> None:
    other = replace(CONFIGURED, overrides={"kyc-single-controller": {"min_customers": 2}})
    assert Pipeline(other).digest != Pipeline(CONFIGURED).digest
