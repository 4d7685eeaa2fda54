"""How alerts name the parties of their stories: each once, each with a number of its own, and no key from inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Case, Finder
from manumit.detectors.parties import called, numbered
from manumit.detectors.transactions.kiosk_scatter_same_address import FINDER as KIOSKS
from manumit.schemas.alert import Alert
from manumit.streams.case_check import case_bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

FINDERS = tuple(one for one in detectors() if isinstance(one, Finder))
KEY = re.compile(r"(?<![0-9a-fx])[0-9a-f]{32}(?![0-9a-f])")


def alerts_of(finder: Finder, case: Case) -> Iterator[Alert]:
    pipeline = Pipeline(Configured(detectors=(finder,), overrides={}))
    pipeline.learn_labels(case.labels)
    yield from pipeline.take(case_bundle(case)).alerts


@pytest.mark.parametrize("finder", FINDERS, ids=lambda finder: finder.about.id)
def test_no_party_is_told_twice_and_no_number_is_given_twice(finder: Finder) -> None:
    found = [alert for case in finder.about.cases if case.kind == "fires" for alert in alerts_of(finder, case)]
    assert found
    for alert in found:
        parties = alert.reason.partition("Parties: ")[2].rstrip(".").split("; ")
        roles = [party.rpartition(" ")[0] for party in parties if re.search(r"\d ", party)]
        assert len(set(parties)) == len(parties)
        assert len(set(roles)) == len(roles)
        assert "~" not in alert.reason


def test_the_same_account_keeps_one_number_over_all_signals() -> None:
    told = ("collects A", "worker ~ B", "worker ~ C", "collects A", "worker ~ C", "worker ~ D", "payer ~ it pays B")
    assert numbered(told) == ("collects A", "worker 1 B", "worker 2 C", "worker 3 D", "payer 1 it pays B")
    assert numbered(("pays customer:made-up:~bank",)) == ("pays customer:made-up:~bank",)


def test_a_customer_at_a_kiosk_is_told_by_the_place() -> None:
    case = next(case for case in KIOSKS.about.cases if case.kind == "fires")
    alert = next(alerts_of(KIOSKS, case))
    parties = alert.reason.partition("Parties: ")[2].rstrip(".").split("; ")
    customers = [party for party in parties if "customer" in party]
    assert customers
    assert all(party.startswith("a customer at a kiosk in ") for party in customers)
    assert not KEY.search(" ".join((alert.reason, *alert.roles, *alert.spans, *alert.label_sources)))
    key = "0123456789abcdef" * 2
    assert called(f"kiosk:eip155:1:~u33d~o~{key}") == "in the cell u33d, who calls the address their own"
    assert called(f"kiosk:eip155:1:~~~{key}") == "in an unknown place"
    assert called("kiosk:eip155:1:0xabc") == "eip155:1:0xabc"
