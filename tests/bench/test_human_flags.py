"""The benches over labelled adverts run on made ones, and say so where the real ones are not here."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from bench import emscad, human_flags
from bench.agreement import agreement, kappa
from bench.human_flags import FLAGS, HUMAN, is_open
from manumit.connectors.world.labelled_adverts import made_adverts, write_adverts


def test_kappa_is_cohens() -> None:
    """The example of Cohen's paper's kind: 20 yes-yes, 15 no-no, 5 and 10 apart, of 50."""
    one = np.array([True] * 25 + [False] * 25)
    other = np.array([True] * 20 + [False] * 5 + [True] * 10 + [False] * 15)
    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa(one, one) == 1.0
    assert np.isnan(kappa(one | True, one | True))
    found = agreement(one, other, 1)
    assert found.low < 0.4 < found.high
    assert agreement(one, other, 1) == found
    assert str(agreement(one | True, one | True, 1)) == "undefined"


def test_the_halves_are_told_by_the_hash_of_the_id_alone() -> None:
    sides = [is_open({"job_id": str(i)}) for i in range(400)]
    assert 150 < sum(sides) < 250


def test_flags_are_laid_beside_peoples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made adverts in the columns of the real file, labelled by a coin."""
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "emscad-flags50"
    folder.mkdir()
    marks = [flag.column for flag in FLAGS]
    rows = [{**row, **{HUMAN + m: str(i % 2) for m in marks}} for i, row in enumerate(made_adverts(1, 24))]
    machine = [{"job_id": row["job_id"], **{m: row[HUMAN + m] for m in marks}} for row in rows]
    for name, table in ((human_flags.ADVERTS, rows), (human_flags.MACHINE, machine)):
        with (folder / name).open("w", newline="") as out:
            written = csv.DictWriter(out, list(table[0]))
            written.writeheader()
            written.writerows(table)
    assert human_flags.main(lambda: tmp_path) == 0
    shown = capsys.readouterr().out
    assert "24 job adverts" in shown
    assert "1.00" in shown
    assert "none: not in" in shown


def test_without_the_labelled_adverts_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert human_flags.main(lambda: tmp_path) == 0
    assert capsys.readouterr().out.startswith("skipped: ")


def test_emscad_runs_on_a_file_and_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MANUMIT_EMSCAD", raising=False)
    monkeypatch.setattr(emscad, "MADE", {"seed": 3, "adverts": 240})
    assert emscad.main(["--splits", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("skipped: ")
    assert "groups of near-copies" in shown
    write_adverts(made_adverts(3, 240), tmp_path / "made.csv")
    assert emscad.main([str(tmp_path / "made.csv"), "--splits", "1"]) == 0
    assert "published: AP 0.756" in capsys.readouterr().out
    assert emscad.main([str(tmp_path / "away.csv")]) == 2
