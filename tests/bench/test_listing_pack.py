"""The bench of the listing pack counts what the pipeline says, skips where real adverts are not, and has its budget."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from bench import listing_pack, ordinary
from bench.ordinary import Ordinary
from manumit.detectors.listings.rental_turnover_burst import stays
from manumit.detectors.stories import DAY, HOUR, advert

LURES = (
    "Sihanoukville data entry, easy work, details in private, high salary",
    "Easy work abroad, customer service in Myawaddy, details in private",
)


def test_signals_and_alerts_are_counted_by_flag_and_shown_with_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    lures = [advert(f"l{i}", "job", text, at=i * DAY, contact="one") for i, text in enumerate(LURES)]
    quiet = [advert(f"q{i}", "rental", f"Sunny flat number {i} by the park", at=i * HOUR) for i in range(198)]
    made = Ordinary(
        name="made up",
        adverts=tuple(sorted((*lures, *quiet), key=lambda row: row.at_us)),
        stays=stays("r", 24),
    )
    told = listing_pack.spoken(made, listing_pack.pack())
    assert told.adverts == 200
    assert told.signals["li-job-hotspot-destination"] == told.signals["li-job-vague-employer"] == 2
    assert told.signals["li-rental-turnover-burst"] == 3
    assert {a.detector for a in told.alerts} >= {"li-job-hotspot-destination", "li-rental-turnover-burst"}
    worst = listing_pack.show([made], Console(width=200))
    assert worst == len(told.alerts) * 50
    shown = capsys.readouterr().out
    for words in ("made up: 200 adverts, 24 stays", "li-smuggling-crossing-offer", "innocent: ", "a fair, a festival"):
        assert words in shown


def test_where_real_adverts_are_not_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MANUMIT_SHARED_DATA", str(tmp_path / "nowhere"))
    assert listing_pack.main() == 0
    assert "skipped: real adverts are not here" in capsys.readouterr().out


def test_real_adverts_stay_within_the_budget(shared_data: Path) -> None:
    """Craigslist whole, of the larger sets one in eight; `make bench-listings` reads all."""
    told = [listing_pack.spoken(one, listing_pack.pack()) for one in ordinary.sets(shared_data / "listings", every=8)]
    assert [one.adverts for one in told] == [558, 1_263, 697]
    reasons = [alert.reason for one in told for alert in one.alerts]
    assert len(reasons) * 10_000 / sum(one.adverts for one in told) < listing_pack.MOST, reasons
    assert {alert.detector for one in told for alert in one.alerts} <= {"li-rental-turnover-burst"}, reasons
