"""Wording of children through the command: hashed terms, a run, the counter, and nothing else in the store."""

from __future__ import annotations

from pathlib import Path

import msgspec

from manumit.detectors.stories import advert
from manumit.schemas.records import TABLES
from manumit.schemas.wire import encode
from tests.cli.program import Program

SECRET = "wobblequux"  # noqa: S105 - stands in the texts that must not be found anywhere


def test_a_run_counts_them_and_shows_the_hotlines(tmp_path: Path) -> None:
    program = Program(tmp_path / "work")
    program.configure(
        child_terms=str(tmp_path / "hashed"), child_hotlines=["a made-up hotline https://hotline.example"]
    )
    (tmp_path / "terms.txt").write_text("florbnik\n")
    assert program.run("child-wording", "hash", str(tmp_path / "terms.txt"), str(tmp_path / "hashed")).code == 0
    rows = [
        advert("good", "escort", "Evenings only, by appointment."),
        advert("coded", "other", f"florbnik {SECRET}, 20 USD", at=1),
        advert("plain", "escort", f"16 years old {SECRET}", at=2),
    ]
    (tmp_path / "listings.ndjson").write_bytes(b"\n".join(map(encode, rows)))
    done = program.run("run", str(tmp_path / "listings.ndjson"), "--json")
    assert done.code == 0, done.err
    assert SECRET not in done.out + done.err
    shown = program.run("child-wording", "show", "--json")
    assert shown.json == {
        "held": 2,
        "days": {"2026-01-01": 2},
        "hotlines": ["a made-up hotline https://hotline.example"],
    }
    assert program.run("child-wording", "reference", "made-up-board", "coded", "--json").json["held"] is True
    tables = program.rows(*(f"SELECT * FROM {table}" for table in TABLES))  # noqa: S608 - names of ours
    assert SECRET not in msgspec.json.encode(tables).decode()
    assert len(tables[list(TABLES).index("listings")]) == 1
