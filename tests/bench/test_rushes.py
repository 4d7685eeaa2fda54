"""The bench of rushes plants what it says and fails where a large one is missed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from bench import rushes
from manumit.detectors.stories import DAY, HOUR
from tests.bench.lets import quiet_lets


def test_rushes_are_planted_and_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stays = quiet_lets(12, every=20 * DAY + HOUR)
    every, made = rushes.planted(stays, (15, 60), 2, 1)
    assert len(every) == len(stays) + 2 * 15 + 2 * 60
    assert [one.at_us for one in every] == sorted(one.at_us for one in every)
    assert len({rush.unit for rush in made}) == 4
    monkeypatch.setattr(rushes, "SIZES", (15, 60))
    assert rushes.show(stays, 2, Console(width=100))
    shown = capsys.readouterr().out
    assert "nothing was planted: 0" in shown
    monkeypatch.setattr(rushes, "alerts_of", lambda stays: [])
    assert not rushes.show(stays, 2, Console(width=100))


def test_without_the_reviews_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rushes.main(lambda: tmp_path / "away") == 0
    assert capsys.readouterr().out.startswith("skipped: ")
