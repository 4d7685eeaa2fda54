from __future__ import annotations

import pytest

from manumit.detectors.catalogue import coverage, detector, detectors
from manumit.detectors.needs import CATEGORY, MARKED_MODEL, MODEL, RECORDS, STREAMING_MODEL, missing, waiting
from manumit.schemas.label import LABEL_CATEGORIES
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
    assert by_domain["transaction"]["implemented"] == by_domain["transaction"]["total"] == 32
    assert by_domain["listing"]["implemented"] >= 2
    assert by_domain["link"]["implemented"] >= 1


def test_coverage_tells_of_every_entry_its_detectors_cases_and_data() -> None:
    entries = coverage()["entries"]
    assert isinstance(entries, list)
    assert [row["entry"] for row in entries] == list(catalogue())
    transactions = [row for row in entries if row["domain"] == "transaction"]
    assert all(row["detectors"] and row["cases"] > row["edges"] > 0 and row["needs"] for row in transactions)
    kiosk = next(row for row in entries if row["entry"] == "tx-kiosk-scatter-same-address")
    assert (kiosk["detectors"], kiosk["needs"]) == (["tx-kiosk-scatter-same-address"], ["account_events"])


def test_needs_are_kinds_of_data_there_are() -> None:
    known = {*RECORDS, MODEL, MARKED_MODEL, STREAMING_MODEL, *(CATEGORY + category for category in LABEL_CATEGORIES)}
    for one in detectors():
        assert one.about.needs, one.about.id
        assert set(one.about.needs) <= known, one.about.id


def test_a_detector_waits_for_what_is_not_there() -> None:
    several = detector("tx-darknet-illicit-service-exposure").about
    assert missing(several, ()) == ("transfers", "labels:darknet", "labels:scam", "labels:trafficking")
    assert missing(several, {"transfers", "labels:scam"}) == ()
    assert missing(detector("tx-kept-depleted").about, {"transfers"}) == ()
    waits = waiting(detectors(), {"transfers", "listings", "labels", "account_events"})
    assert waits["model"] == 1
    assert waits["labels:escort"] == 2
    assert list(waits.values()) == sorted(waits.values(), reverse=True)
    assert "transfers" not in waits


def test_unknown_threshold_is_named() -> None:
    with pytest.raises(KeyError, match="min_nothing"):
        detector("tx-funnel-fan-in").about.values({"min_nothing": 1})
