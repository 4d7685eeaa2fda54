"""A list at the command line: to numbers and a report, or told what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from manumit.detectors.stories import START_US, address, label, pay
from manumit.schemas.assessment import Assessment
from manumit.schemas.wire import encode
from tests.cli.program import Program

MAPPING = """record = "customer.v1"
exchange = "made-up-buyer"
[fields]
customer_id = { column = "supplier_no" }
name = { column = "name", form = "token" }
residence = { column = "land", form = "country" }
sector = { column = "branch", form = "word" }
[constants]
at_us = 1767225600000000
kind = "legal"
"""


def test_suppliers_through_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "suppliers.csv").write_text("supplier_no,name,land,branch\n1,Made Up Ltd,NL,cleaning\n2,,TH,cleaning\n")
    (tmp_path / "mapping.toml").write_text(MAPPING)
    program = Program(tmp_path)
    program.configure()
    out = tmp_path / "out"
    given = ("assess", str(tmp_path / "suppliers.csv"), "-m", str(tmp_path / "mapping.toml"), "-o", str(out))
    said = program.run(*given, "--json")
    assert said.code == 0, said.err
    assert said.json == json.loads((out / "assessment.json").read_text())
    assert {cell["datum"]: cell["parties"] for cell in said.json["by_gap"]}["name"] == 1
    assert [gap["row"] for gap in said.json["gaps"] if gap["datum"] == "name"] == [3]
    text = (out / "assessment.html").read_text()
    assert "<!doctype html>" in text and "Made Up Ltd" not in text


def test_wallets_against_transfers_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "wallets.csv").write_text(f"wallet,country\n{address('a')},NL\n{address('b')},NL\n")
    (tmp_path / "transfers.ndjson").write_bytes(encode(pay("t", "bad", "a", 500.0, at=0)) + b"\n")
    (tmp_path / "labels.ndjson").write_bytes(encode(label("bad", "trafficking")) + b"\n")
    program = Program(tmp_path)
    program.configure()
    files = ("--from", str(tmp_path / "transfers.ndjson"), "--labels", str(tmp_path / "labels.ndjson"))
    said = program.run("assess", str(tmp_path / "wallets.csv"), *files, "-o", str(tmp_path / "out"), "--json")
    assert said.code == 0, said.err
    found = msgspec.convert(said.json, Assessment)
    (one,) = found.findings
    assert (one.row, one.party, one.typology) == (2, address("a"), "trafficking-unspecified")
    assert found.findings[0].evidence[0].endswith(address("a"))
    assert found.without == (3,)
    assert found.gaps == ()
    shown = program.run("assess", str(tmp_path / "wallets.csv"), *files, "-o", str(tmp_path / "out"))
    assert "trafficking-unspecified" in shown.out


def test_a_damaged_list_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "list.ndjson"
    path.write_text(json.dumps({"exchange": "x", "customer_id": "", "at_us": START_US}) + "\n")
    program = Program(tmp_path)
    program.configure()
    said = program.run("assess", str(path), "-o", str(tmp_path / "out"), "--json")
    assert (said.code, said.json["damage"][0]["kind"]) == (3, "missing-id")
    assert not (tmp_path / "out").exists()
