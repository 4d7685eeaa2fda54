"""An exchange's files at the command line: a whole check, and all or nothing is loaded."""

from __future__ import annotations

import json
from pathlib import Path

from manumit.connectors.exchange.damage import REMEDIES
from manumit.detectors.stories import START_US
from tests.cli.program import Program
from tests.connectors.exchange.exports import COLUMNS, good, line, write_damaged
from tests.servers import REPOSITORY

COUNT = "SELECT count() AS n FROM customers FINAL"
MAPPING = """record = "customer.v1"
exchange = "invented-exchange"
[fields]
customer_id = { column = "client_no" }
at_us = { column = "exported_at", form = "time" }
name = { column = "full_name", form = "token" }
jurisdiction = { column = "country", form = "country" }
"""


def mapping(folder: Path) -> str:
    path = folder / "mapping.toml"
    path.write_text(MAPPING)
    return str(path)


def test_a_damaged_file_is_told_whole_and_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    write_damaged(path, 400, every=10)
    program = Program(tmp_path)
    program.configure()
    checked = program.run("exchange", "check", str(path), "-m", mapping(tmp_path), "--json")
    assert checked.code == 3
    assert checked.json["rows"] == 400
    for damage in checked.json["damage"]:
        assert damage["remedy"] == REMEDIES[damage["kind"]]
        assert len(damage["places"]) == damage["times"]
    loaded = program.run("exchange", "load", str(path), "-m", mapping(tmp_path))
    assert loaded.code == 3
    assert "nothing was loaded" in loaded.err
    assert not (tmp_path / "store").exists()


def test_a_good_file_is_loaded_and_twice_is_once(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("\n".join((",".join(COLUMNS), *(line(good(number)) for number in range(30)))) + "\n")
    program = Program(tmp_path)
    program.configure()
    for _ in range(2):
        loaded = program.run("exchange", "load", str(path), "-m", mapping(tmp_path), "--json")
        assert (loaded.code, loaded.json) == (0, {"loaded": 30, "judged": 30, "alerts": 0})
    assert program.rows(COUNT) == [[{"n": 30}]]
    assert not any(b"Invented Person" in p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())


def test_our_own_columns_need_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "customers.ndjson"
    path.write_text((REPOSITORY / "schemas" / "examples" / "customer.v1.json").read_text().replace("\n", "") + "\n")
    program = Program(tmp_path)
    program.configure()
    assert program.run("exchange", "check", str(path), "--json").json == {
        "rows": 1,
        "bad": 0,
        "damage": [],
        "remarks": [],
        "unread": [],
    }
    path.write_text(json.dumps({"client": 1}) + "\n")
    refused = program.run("exchange", "check", str(path))
    assert refused.code == 2
    assert "--mapping" in refused.err


def test_what_is_loaded_is_judged_ranked_and_answered_for(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    told = {"exchange": "invented-exchange", "at_us": START_US, "jurisdiction": "NL"}
    customers = [{**told, "customer_id": "child", "age": 15, "minimum_age": 18}, {**told, "customer_id": "c1"}]
    paid = {"exchange": "invented-exchange", "at_us": START_US + 1, "kind": "deposit", "amount_usd": 5000.0}
    events = [{**paid, "customer_id": "c1", "account_event_id": "e1"}]
    for name, rows in (("customers", customers), ("events", events)):
        path = tmp_path / f"{name}.ndjson"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        loaded = program.run("exchange", "load", str(path), "--json")
        assert loaded.code == 0, loaded.err
    assert loaded.json == {"loaded": 1, "judged": 3, "alerts": 2}
    answer = program.run("exchange", "customer", "c1", "--json").json
    assert {gap["datum"] for gap in answer["gaps"]} >= {"name", "kyc-missing-cdd-fields"}
    assert "Directive (EU) 2015/849" in {cited["ref"] for gap in answer["gaps"] for cited in gap["cited"]}
    ranking = program.run("exchange", "rank", "--json").json
    assert [person["accounts"][0]["customer_id"] for person in ranking["persons"]] == ["c1"]
    assert ranking["restricted"] == 1
    assert "child" not in program.run("exchange", "rank").out
    events[0] |= {"customer_id": "child", "account_event_id": "e2", "amount_usd": 6000.0}
    path.write_text(f"{json.dumps(events[0])}\n")
    assert program.run("exchange", "load", str(path), "--json").code == 0
    alerts = program.run("alerts", "--json")
    assert {row["subject"] for row in alerts.json} == {"customer:invented-exchange:c1"}
    assert {row["detector"] for row in alerts.json} == {"kyc-missing-cdd-fields"}
    assert "2 findings are for restricted eyes" in alerts.err
    assert program.run("exchange", "customer", "nobody").code == 3
    assert "gap" in program.run("exchange", "customer", "c1").out


def test_columns_that_the_first_line_lacks_are_loaded_and_unknown_ones_told(tmp_path: Path) -> None:
    told = {"exchange": "invented-exchange", "at_us": START_US}
    rows = [{**told, "customer_id": "c1"}, {**told, "customer_id": "child", "age": 15, "minimum_age": 18, "shoe": 9}]
    path = tmp_path / "customers.ndjson"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    program = Program(tmp_path)
    program.configure()
    assert program.run("exchange", "check", str(path), "--json").json["unread"] == ["shoe"]
    assert "not loaded: shoe" in program.run("exchange", "check", str(path)).err
    loaded = program.run("exchange", "load", str(path), "--no-judge")
    assert loaded.code == 0
    assert "not loaded: shoe" in loaded.err
    kept = program.rows("SELECT age, minimum_age FROM customers FINAL ORDER BY customer_id")
    assert kept == [[{"age": 0, "minimum_age": 0}, {"age": 15, "minimum_age": 18}]]


def test_placeholders_are_a_gap_and_nothing_that_customers_share(tmp_path: Path) -> None:
    told = {"exchange": "invented-exchange", "at_us": START_US, "jurisdiction": "NL", "documents": ["N/A"]}
    rows = [{**told, "customer_id": f"c{i}", "name": f"name:{i}", "address": "n/a", "birth": "-"} for i in range(12)]
    path = tmp_path / "customers.ndjson"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    program = Program(tmp_path)
    program.configure()
    checked = program.run("exchange", "check", str(path), "--json")
    assert (checked.code, checked.json["bad"]) == (0, 0)
    remark = checked.json["remarks"][0]
    assert (remark["kind"], remark["times"], remark["remedy"]) == ("placeholder", 36, REMEDIES["placeholder"])
    assert "placeholder" in program.run("exchange", "check", str(path)).out
    loaded = program.run("exchange", "load", str(path), "--json")
    assert loaded.json == {"loaded": 12, "judged": 12, "alerts": 0}
    assert "36 cells hold a placeholder" in loaded.err
    answer = program.run("exchange", "customer", "c1", "--json").json
    assert {gap["datum"] for gap in answer["gaps"]} >= {"birth", "address", "national-id"}
    assert answer["shared"] == []
