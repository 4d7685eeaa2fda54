"""The bench of campaigns runs and shows what it promises. Speed is not judged here."""

from __future__ import annotations

import pytest

from bench.adverts import SCRIPTS

pytest.importorskip("datasketch", reason="the bench's peers are the extra `bench`")
pytest.importorskip("rensa", reason="the bench's peers are the extra `bench`")


def test_the_run_shows_quality_speed_and_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench import campaigns

    for name, few in (("SCRIPTS", SCRIPTS[3:4]), ("OTHERS", ()), ("SLOTS", (4,)), ("EDITS", (0.05,))):
        monkeypatch.setattr(campaigns, name, few)
    assert campaigns.main(["--adverts", "600", "--peers", "200", "--cell", "60", "--seed", "3"]) == 0
    shown = capsys.readouterr().out
    for words in ("Thai", "least of all cells", "datasketch", "rensa", "MB per million"):
        assert words in shown
