"""kill -9, Ctrl-C and a full disk: the run is resumed and the store holds what an undisturbed run writes."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import msgspec
import pytest

from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import write
from tests.cli.program import Program, Said
from tests.servers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SCALE = 24
KILLS = 20
LATE = 0.8  # of the kills come while the run reads, the others while it starts
KEPT = 0.6  # of those come soon after the run has written a checkpoint
SHORTER = 0.6  # of the time kills are drawn from, after each run that ended before its kill
STATEMENTS = (
    "SELECT * EXCEPT (stored_us) FROM alerts FINAL ORDER BY alert_id",
    "SELECT * FROM dead_letters FINAL ORDER BY letter_id",
    "SELECT detector, subject, event_id, at_us FROM signals FINAL ORDER BY ALL",
    "SELECT count() AS n, sum(cityHash64(chain, tx_hash, position)) AS s FROM transfers FINAL",
    "SELECT count() AS n FROM listings FINAL",
    "SELECT count() AS n FROM account_events FINAL",
)
Rows = list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world whose transfers come as lines, in many batches, a few of them unusable."""
    folder = tmp_path_factory.mktemp("world")
    world = generate(5, SCALE)
    write(world, folder)
    (folder / "transfers.parquet").unlink()
    lines = [msgspec.json.encode(row) for row in world.each_transfer()]
    for place in range(1_000, len(lines), 5_000):
        lines[place] = b'{"chain": "eip155:1", ' + lines[place][1:100]
    (folder / "transfers.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "token.key").touch(mode=0o600)
    (folder / "token.key").write_bytes(bytes(range(32)))
    return folder


EVERYTHING = ("transfers", "listings", "customers", "account_events")


def program(folder: Path, inputs: Path, names: tuple[str, ...] = EVERYTHING) -> Program:
    one = Program(folder)
    one.configure(
        checkpoint_every_s=0.01,
        token_key_file=str(inputs / "token.key"),
        labels=[str(inputs / "labels.ndjson")],
        inputs=[str(inputs / f"{name}.ndjson") for name in names],
    )
    return one


def is_reading(process: subprocess.Popen[str]) -> bool:
    """True from when the input is open; also of a process that has ended."""
    with suppress(OSError):
        links = [link.readlink() for link in Path(f"/proc/{process.pid}/fd").iterdir()]
        return process.poll() is not None or any(link.name == "transfers.ndjson" for link in links)
    return process.poll() is not None


@pytest.fixture(scope="module")
def undisturbed(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Rows, float]:
    """What a run says and stores, and for how many seconds it reads here."""
    one = program(tmp_path_factory.mktemp("undisturbed"), inputs)
    process = one.start("run", "--json")
    wait_until(lambda: is_reading(process), what="the run reads")
    began = monotonic()
    out, err = process.communicate(timeout=120)
    lasted, said = monotonic() - began, Said(process.returncode, out, err)
    assert said.code == 0, said.err
    assert said.json["alerts"] > 50
    assert said.json["dead_letters"] > 2
    return said, one.rows(*STATEMENTS), lasted


def resumed(one: Program) -> Said:
    said = one.run("run", "--json")
    assert said.code == 0, said.err
    return said


def check(said: Said, rows: Rows, undisturbed: tuple[Said, Rows, float]) -> None:
    straight, expected, _ = undisturbed
    assert rows == expected
    assert said.json["digest"] == straight.json["digest"]
    assert said.json == straight.json


def survived(process: subprocess.Popen[str], seconds: float) -> bool:
    """True when the process ended before it was killed."""
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=seconds)
        assert process.returncode == 0
        return True
    process.kill()
    process.communicate()
    return False


def checkpoints(one: Program) -> set[tuple[Path, int]]:
    """Those that stand in the state folder, each with the inode a new one changes."""
    return {(path, path.stat().st_ino) for path in one.folder.glob("state/*.checkpoint")}


def test_killed_at_twenty_random_moments(inputs: Path, undisturbed: tuple[Said, Rows, float], tmp_path: Path) -> None:
    dice = Random(20)  # noqa: S311 - a test's dice
    kills, rounds, resumes = 0, 0, 0
    one, span = program(tmp_path / "0", inputs), 0.9 * undisturbed[2]
    while kills < KILLS:
        kept = checkpoints(one)
        process, within = one.start("run", "--json"), span
        if dice.random() < LATE:
            wait_until(lambda: is_reading(process), what="the run reads")  # noqa: B023 - asked at once
            if dice.random() < KEPT:
                within = span / 8
                wait_until(lambda: process.poll() is not None or checkpoints(one) != kept, what="a checkpoint")  # noqa: B023
        if survived(process, dice.uniform(0, within)):
            check(resumed(one), one.rows(*STATEMENTS), undisturbed)
            rounds, span = rounds + 1, SHORTER * span
            one = program(tmp_path / str(rounds), inputs)
        else:
            kills, resumes = kills + 1, resumes + bool(kept)
    check(resumed(one), one.rows(*STATEMENTS), undisturbed)
    assert resumes > 3


def test_ctrl_c_leaves_a_checkpoint_to_resume_from(
    inputs: Path, undisturbed: tuple[Said, Rows, float], tmp_path: Path
) -> None:
    one = program(tmp_path / "one", inputs)
    process = one.start("run", "--json")
    wait_until(lambda: bool(list(one.folder.glob("state/*.checkpoint"))), what="the first checkpoint")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "a checkpoint is written" in err
    assert msgspec.json.decode(out)["events"] < undisturbed[0].json["events"]
    check(resumed(one), one.rows(*STATEMENTS), undisturbed)


def test_a_disk_that_is_full_for_checkpoints(inputs: Path, tmp_path: Path) -> None:
    """Without adverts: the model that tells their language is unpacked into a file larger than the limit."""
    names = ("transfers", "account_events")
    straight = program(tmp_path / "straight", inputs, names)
    expected = straight.run("run", "--json"), straight.rows(*STATEMENTS), 0.0
    one = program(tmp_path / "one", inputs, names)
    limit = (2_000_000, 2_000_000)
    said = one.run("run", "--json", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert said.code == 4
    assert "no checkpoint can be written in" in said.err
    assert "make room or give another state_dir" in " ".join(said.err.split())
    assert not list(one.folder.glob("state/*.draft"))
    check(resumed(one), one.rows(*STATEMENTS), expected)


@pytest.fixture(autouse=True)
def tidy(tmp_path: Path) -> Iterator[None]:
    """Stores are large."""
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)
