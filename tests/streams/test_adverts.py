"""From adverts to alerts: signs of one contact add up, through the pipeline and over restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.detectors.stories import DAY, HOUR, advert
from manumit.schemas.listing import Listing, ListingKind
from manumit.schemas.signal import Signal
from tests.streams.flow import Kept, run, source

FEE = "Registration fee 200 USD, payable before you start."
PAPERS = "We hold your passport for the whole contract."
HIDDEN = "Evenings. [tel in words]"
VOUCHING = "Evenings, you can trust me. [tel in words]"
MOVING = "New in town."


def post(tag: str, text: str, *, at: int = 0, kind: ListingKind = "job", contact: str = "one") -> Listing:
    return advert(tag, kind, text, at=at, contact=contact)


def alerted(store: Kept) -> set[str]:
    return {alert.detector for alert in store.alerts.values() if alert.detector.startswith("li-")}


def signed(store: Kept) -> set[str]:
    return {row.detector for row in store.rows.get("signals", []) if isinstance(row, Signal)}


@pytest.mark.parametrize("size", [1, 1000])
def test_two_signs_in_two_adverts_alert_both(size: int) -> None:
    adverts = [post("a", f"{FEE} {PAPERS}"), post("b", f"{FEE} {PAPERS} Ask soon.", at=HOUR)]
    ran = run(source("board", adverts, size))
    assert alerted(ran.store) == {"li-job-fee-or-debt", "li-job-document-retention"}
    alert = next(a for a in ran.store.alerts.values() if a.detector == "li-job-fee-or-debt")
    assert "beside it: li-job-document-retention" in alert.spans
    assert (alert.values["signs"], alert.values["score_of_signs"]) == (2, 7)


def test_one_sign_in_many_adverts_is_kept_and_alerts_nobody() -> None:
    ran = run(source("board", [post(f"a{i}", PAPERS, at=i * HOUR) for i in range(9)]))
    assert alerted(ran.store) == set()
    assert signed(ran.store) == {"li-job-document-retention"}


def test_every_sign_in_one_advert_alerts_nobody() -> None:
    ran = run(source("board", [post("a", f"{FEE} {PAPERS}")]))
    assert alerted(ran.store) == set()
    assert signed(ran.store) == {"li-job-fee-or-debt", "li-job-document-retention"}


def test_signs_of_two_contacts_stay_apart() -> None:
    adverts = [post("a", FEE), post("b", FEE, at=1), post("c", PAPERS, at=2, contact="two")]
    assert alerted(run(source("board", [*adverts, post("d", PAPERS, at=3, contact="two")])).store) == set()


def test_moving_on_counts_down() -> None:
    def escort(*texts: str) -> set[str]:
        rows = [post(f"a{i}", text, at=i * HOUR, kind="escort") for i, text in enumerate(texts)]
        return alerted(run(source("board", rows)).store)

    assert escort(VOUCHING, f"{VOUCHING} Ask soon.") == {"li-obscured-phone", "li-trustworthy-language"}
    assert escort(f"{VOUCHING} {MOVING}", f"{VOUCHING} Ask soon.") == set()
    assert "li-movement-language-counter" not in escort(*[f"{VOUCHING} {MOVING} {FEE}"] * 9)


def test_a_sign_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """The first advert before a checkpoint, the second after it."""
    first = [post("a", f"{FEE} {PAPERS}")]
    rest = [post("b", f"{FEE} {PAPERS} Ask soon.", at=DAY)]
    store = Kept()
    run(source("board", first, 1), folder=tmp_path, store=store)
    run(source("board", [*first, *rest], 1), folder=tmp_path, store=store)
    assert store.alerts == run(source("board", [*first, *rest])).store.alerts
    assert len(store.alerts) == 2
