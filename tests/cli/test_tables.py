"""Tables of the command line on narrow terminals: no id is ever broken, no number loses its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.commands.terminal import put_table
from manumit.connectors.store.opening import open_store
from manumit.detectors.catalogue import detectors
from tests.cli.program import Program
from tests.console.invented import alert

SUBJECT = "bip122:000000000019d6689c085ae165831e93:bc1" + "q" * 59
WORDS = st.text("abc-0:", min_size=1, max_size=70)
PROSE = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)


@given(width=st.sampled_from((40, 80, 132)), rows=st.lists(st.tuples(WORDS, PROSE, WORDS), min_size=1, max_size=4))
def test_words_that_stand_alone_are_never_broken(width: int, rows: list[tuple[str, str, str]]) -> None:
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setattr("sys.stdout.write", written.append)
        put_table(("one", "prose", "another"), rows)
    told = "".join(written)
    assert all(one in told and another in told for one, _, another in rows)


def test_a_narrow_table_names_its_numbers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    put_table(("id", "version", "title", "full"), [("tx-a-rule-with-a-long-name", 2, "What it looks for here", True)])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["tx-a-rule-with-a-long-name  version 2", "  full True", "  What it looks for here"]


def test_ids_of_alerts_and_rules_are_whole_on_80_columns(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    kept = [alert(1, subject=SUBJECT), alert(2)]
    store = open_store(f"embedded:{tmp_path / 'store'}")
    store.migrate()
    store.write("alerts", kept)
    store.close()
    narrow = {"COLUMNS": "80"}
    listed = program.run("alerts", environment={**narrow, "MANUMIT_STORE_URL": f"embedded:{tmp_path / 'store'}"})
    assert listed.code == 0
    assert listed.out.index(kept[1].alert_id) < listed.out.index(kept[0].alert_id)
    assert all(name in listed.out for one in kept for name in (one.subject, one.detector, one.alert_id))
    rules = program.run("rules", "list", environment=narrow).out
    assert all(one.about.id in rules.replace("\n", " ").split() for one in detectors())
