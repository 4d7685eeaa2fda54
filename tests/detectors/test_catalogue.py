from __future__ import annotations

import pytest

from manumit.detectors.catalogue import coverage, detector, detectors
from manumit.schemas.redflag import DOMAINS, catalogue


def test_detectors_come_by_id_and_only_once() -> None:
    ids = [one.about.id for one in detectors()]
    assert ids == sorted(set(ids))
    assert {"tx-funnel-fan-in", "li-job-all-paid-travel", "lk-advert-wallet-on-chain", "tx-isolation-forest"} <= set(
        ids
    )


def test_one_by_its_id() -> None:
    assert detector("tx-kept-depleted").about.id == "tx-kept-depleted"
    with pytest.raises(KeyError, match="tx-nothing"):
        detector("tx-nothing")


def test_coverage_counts_cited_entries_once() -> None:
    got = coverage()
    by_domain = got["by_domain"]
    assert isinstance(by_domain, dict)
    assert list(by_domain) == list(DOMAINS)
    assert got["total"] == len(catalogue()) == sum(row["total"] for row in by_domain.values())
    cited = {entry for one in detectors() for entry in one.about.entries}
    assert got["implemented"] == len(cited) == sum(row["implemented"] for row in by_domain.values())
    assert by_domain["transaction"]["implemented"] >= 9
    assert by_domain["listing"]["implemented"] >= 2
    assert by_domain["link"]["implemented"] >= 1


def test_unknown_threshold_is_named() -> None:
    with pytest.raises(KeyError, match="min_nothing"):
        detector("tx-funnel-fan-in").about.values({"min_nothing": 1})
