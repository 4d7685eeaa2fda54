"""The bench of AMLSim reads the archive's form and needs it to be there."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bench import amlsim
from bench.amlsim import held_out, main, of_partners, per_account, read, replayed

NODES = "nodeid,isFraud,init_balance,fraudStep\n0,0,1.00,-1\n1,1,1.00,3\n2,0,1.00,-1\n"
ROWS = "sourceNodeId,targetNodeId,value,time\n0,1,5.50,2\n2,1,7.00,1\n0,1,5.50,2\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "sample.tgz"
    with tarfile.open(path, "w:gz") as held:
        for name, text in (("nodes.csv", NODES), ("transactions.csv", ROWS)):
            entry = tarfile.TarInfo(f"sample/{name}")
            entry.size = len(text)
            held.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_steps_are_days_and_nothing_of_the_answer_is_read(archive: Path) -> None:
    sample = read(archive)
    assert sample.marked.tolist() == [False, True, False]
    assert sample.sender.tolist() == [2, 0, 0]
    assert [row.amount_usd for row in sample.transfers] == [7.0, 5.5, 5.5]
    times = [row.at_us for row in sample.transfers]
    assert times == sorted(times)
    assert len(set(times)) == 3
    who, rows, more = replayed(sample)["receiver"]
    assert who.tolist() == [1, 1, 1]
    assert more[:, 0].tolist() == [1, 1, 2]  # payments of the pair so far
    assert len(rows) == 3
    assert of_partners(sample, np.array([[1.0], [2.0], [4.0]]))[0].tolist() == [2, 2, 2, 0, 0, -1]


def test_an_account_is_its_largest_and_its_mean_row() -> None:
    assert per_account(3, np.array([0, 0, 2]), np.array([[1.0], [3.0], [5.0]])).tolist() == [[3, 2], [0, 0], [5, 5]]


def test_held_out_scores_rank_what_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = np.arange(200) % 4 == 0
    monkeypatch.setattr(amlsim, "ROUNDS", 20)
    scores = held_out(np.column_stack([marked.astype(float), np.arange(200.0)]), marked)
    assert scores[marked].min() > scores[~marked].max()


def test_without_the_sample_it_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], find=lambda: None) == 2
    assert "MANUMIT_SHARED_DATA" in capsys.readouterr().err
