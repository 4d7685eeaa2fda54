"""A replay in several processes says what a replay in one says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import write
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule, Joiner, ListingRule, TextFlag
from manumit.streams.sharing import shares
from tests.cli.program import Program

FILES = ("transfers.parquet", "listings.ndjson", "customers.ndjson", "account_events.ndjson")


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_every_detector_has_one_share_and_what_acts_together_stays_together(count: int) -> None:
    found = shares(detectors(), count)
    joiners = {one.about.id for one in detectors() if isinstance(one, Joiner)}
    ids = [one for share in found for one in share if one not in joiners]
    assert sorted(ids) == sorted({one.about.id for one in detectors()} - joiners)
    assert all(joiners <= set(share) for share in found)
    for kinds in (TextFlag | ListingRule, CustomerRule):
        together = {one.about.id for one in detectors() if isinstance(one, kinds)}
        assert sum(not together.isdisjoint(share) for share in found) == 1


def test_two_processes_give_the_files_of_one(tmp_path: Path) -> None:
    world = tmp_path / "world"
    write(generate(4, 2), world)
    listings = world / "listings.ndjson"
    listings.write_bytes(listings.read_bytes() + b"{}\n")
    arguments = [*(str(world / name) for name in FILES), "--labels", str(world / "labels.ndjson"), "--json"]
    environment = {"MANUMIT_CONFIG": str(Program(tmp_path).configure())}
    said = []
    for cores in ("1", "2"):
        out = ["--out", str(tmp_path / cores), "--cores", cores]
        done = CliRunner().invoke(app, ["replay", *arguments, *out], env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        said.append(msgspec.json.decode(done.stdout))
    assert said[0]["alerts"] > 20
    assert said[0] == said[1]
    for name in ("alerts.parquet", "restricted/alerts.parquet", "dead_letters.parquet"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
