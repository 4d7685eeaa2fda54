"""Alerts about minors and people under pressure never stand beside the others, as the store's veil has it."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.commands import exchange_replay
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert, Nature
from manumit.schemas.arrow import from_arrow, to_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.subject import customer_subject
from manumit.streams.exchange_replay import Replayed
from manumit.streams.minors_of_files import names_of_minors
from manumit.streams.parting import Minors, parted
from tests.connectors.store.records import alert


def some_alert(subject: str, nature: Nature = "suspicion", number: int = 1) -> Alert:
    return msgspec.structs.replace(alert(number), subject=subject, nature=nature, stored_us=0)


def snapshot(at_us: int, age: int, who: str = "c", **more: object) -> Customer:
    given = {"exchange": "x", "customer_id": who, "at_us": at_us, "age": age, "devices": (f"device:{who}",)}
    return msgspec.convert({**given, **more}, Customer)


@pytest.mark.parametrize(
    ("snapshots", "hidden"),
    [
        ([snapshot(1, 16)], True),
        ([snapshot(1, 16), snapshot(2, 0)], True),
        ([snapshot(1, 16), snapshot(2, 18)], False),
        ([snapshot(1, 18), snapshot(2, 17)], True),
        ([snapshot(1, 19, minimum_age=21)], True),
        ([snapshot(1, 16), snapshot(1, 30)], True),
        ([snapshot(1, 0)], False),
        ([snapshot(1, 16, "other"), snapshot(1, 40)], False),
        ([snapshot(1, 16, exchange="y"), snapshot(1, 40)], False),
    ],
)
def test_the_latest_age_decides(tmp_path: Path, snapshots: list[Customer], hidden: bool) -> None:
    path = tmp_path / "00.parquet"
    pq.write_table(to_arrow(Customer, snapshots), path)
    about = some_alert(customer_subject("x", "c"))
    assert parted([about], names_of_minors([path])) == (([], [about]) if hidden else ([about], []))
    for order in permutations(snapshots):
        minors = Minors()
        for one in order:
            minors.learn(one)
        assert minors.names() == names_of_minors([path])


def test_what_a_minor_gave_is_hidden_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    pq.write_table(to_arrow(Customer, [snapshot(1, 16)]), path)
    about = some_alert("device:c")
    assert parted([about], names_of_minors([path])) == ([], [about])


def test_a_file_without_ages_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    pq.write_table(to_arrow(Customer, [snapshot(1, 16)]).drop_columns(["age"]), path)
    about = some_alert(customer_subject("x", "c"))
    assert len(parted([about], names_of_minors([path]))[0]) == 1


def test_the_command_writes_two_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules themselves are tried in `test_exchange_replay`; here it is where their alerts go."""
    people, out = [snapshot(1, 16), snapshot(1, 40, "adult")], tmp_path / "out"
    for kind, table in (("customers", to_arrow(Customer, people)), ("account_events", to_arrow(AccountEvent, []))):
        (tmp_path / kind).mkdir()
        pq.write_table(table, tmp_path / kind / "00.parquet")
    adult, minor = (some_alert(customer_subject("x", who), number=i) for i, who in enumerate(("adult", "c")))
    pressed = some_alert(customer_subject("x", "adult"), "protection", 2)
    done = Replayed({one.alert_id: one for one in (adult, minor, pressed)}, 0, {})
    monkeypatch.setattr(exchange_replay, "replay", lambda *_: done)
    (out / "restricted").mkdir(parents=True, mode=0o755)
    said = CliRunner().invoke(app, ["exchange", "replay", str(tmp_path), "--out", str(out), "--one-process", "--json"])
    assert said.exit_code == 0, said.output
    counts = msgspec.json.decode(said.stdout)
    assert (counts["alerts"], counts["restricted"]) == (1, 2)
    assert read(out) == {adult.alert_id}
    assert read(out / "restricted") == {minor.alert_id, pressed.alert_id}
    assert (out / "restricted").stat().st_mode & 0o077 == 0


def read(folder: Path) -> set[str]:
    return {one.alert_id for one in from_arrow(Alert, pq.read_table(folder / "alerts.parquet"))}
