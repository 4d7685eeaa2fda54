"""The bench of campaigns runs, shows what it promises and fails where it misses a bar. Speed is not judged here."""

from __future__ import annotations

import pytest

from bench.adverts import SCRIPTS, Script, made

pytest.importorskip("datasketch", reason="the bench's peers are the extra `bench`")
pytest.importorskip("rensa", reason="the bench's peers are the extra `bench`")


def test_the_run_shows_quality_speed_and_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench import campaigns

    for name, few in (("SCRIPTS", SCRIPTS[3:4]), ("OTHERS", ()), ("SLOTS", (4,)), ("EDITS", (0.05,))):
        monkeypatch.setattr(campaigns, name, few)
    few_adverts = ["--adverts", "600", "--peers", "200", "--cell", "60", "--seed", "3"]
    assert campaigns.main([*few_adverts, "--rate", "1"]) == 0
    shown = capsys.readouterr().out
    for words in ("Thai", "least of all cells", "datasketch", "rensa", "MB per million", "all bars reached"):
        assert words in shown
    assert campaigns.main([*few_adverts, "--rate", "1e12"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_each_bar_is_told_when_it_is_missed() -> None:
    from bench.campaigns import Outcome, missed

    good = Outcome(name="manumit", adverts=50_000, seconds=1.0, precision=0.99, recall=0.99)
    poor = Outcome(name="manumit", adverts=39_999, seconds=1.0, precision=0.98, recall=0.97)
    peer = Outcome(name="datasketch", adverts=10, seconds=1.0, precision=1.0, recall=0.98)
    assert missed(0.99, good, good, [peer], 40_000) == []
    assert [bar.split()[0] for bar in missed(0.9899, poor, poor, [peer], 40_000)] == [
        "least", "precision", "recall", "39,999", "datasketch"
    ]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_quality_keeps_its_bar_in_every_script(script: Script) -> None:
    """The hardest and the easiest cell, at a size that takes a second."""
    from bench import campaigns

    for slots, edits in ((1, 0.0), (8, 0.1)):
        found = campaigns.ours(made(script, 3_000, slots, edits, campaigns.SEED))
        assert min(found.precision, found.recall) >= campaigns.LEAST
