"""A checkpoint takes one file up again: not another one, and not behind what it could not read."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.wire import encode
from tests.connectors.files.events import (
    START_US,
    events_of,
    letters_of,
    transfer,
    write_csv,
    write_ndjson,
    write_parquet,
)

FORMS = ["t.ndjson", "t.ndjson.gz", "t.csv", "t.parquet"]
NO_RATES = Rates(assets={})


def source_of(path: Path) -> Source:
    return open_files(path, NO_RATES)[0]


def write(path: Path, rows: Sequence[msgspec.Struct]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = {".csv": write_csv, ".parquet": write_parquet}.get(path.suffix, write_ndjson)
    return writer(path, rows)


def customers(first: int, count: int) -> list[Customer]:
    return [Customer(exchange="x", customer_id=f"c{i}", at_us=START_US + i) for i in range(first, first + count)]


def test_equal_folder_and_file_names_elsewhere_are_another_source(tmp_path: Path) -> None:
    january = write(tmp_path / "jan/export/t.ndjson", [transfer(0)])
    february = write(tmp_path / "feb/export/t.ndjson", [transfer(1)])
    names = {source_of(january).name, source_of(february).name}
    assert len(names) == 2
    assert {name.partition("#")[0] for name in names} == {"file:export/t.ndjson"}


def test_the_name_does_not_depend_on_how_the_path_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "export/t.ndjson", [transfer(0)])
    monkeypatch.chdir(tmp_path)
    assert source_of(Path("export/../export/t.ndjson")).name == source_of(path).name


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("count", [1, 40])
def test_another_file_at_the_same_path_is_refused(name: str, count: int, tmp_path: Path) -> None:
    path = write(tmp_path / name, [transfer(i) for i in range(count)])
    position = list(source_of(path).batches(None))[-1].position
    write(path, [transfer(i) for i in range(100, 100 + 2 * count)])
    with pytest.raises(ConfigError, match=rf"{name}: another file stands at this path.*fresh state_dir"):
        list(source_of(path).batches(position))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ["transfers", "customers"])
@pytest.mark.parametrize("count", [1, 40])
def test_a_file_that_grew_is_taken_up_where_it_ended(name: str, kind: str, count: int, tmp_path: Path) -> None:
    rows: Sequence[msgspec.Struct] = [transfer(i) for i in range(100)] if kind == "transfers" else customers(0, 100)
    path = write(tmp_path / name, rows[:count])
    position = list(source_of(path).batches(None))[-1].position
    write(path, rows)
    assert events_of(source_of(path).batches(position)) == rows[count:]


def test_a_position_without_a_digest_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.ndjson", [transfer(0)])
    with pytest.raises(ConfigError, match="another file"):
        source_of(path).batches("10:1:0:1")


@pytest.mark.parametrize("rows", [[transfer(i) for i in range(500)], customers(0, 500)], ids=["fast", "slow"])
@pytest.mark.parametrize("name", ["t.ndjson", "t.ndjson.gz"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_file_that_broke_off_and_was_repaired_loses_nothing(
    rows: list[msgspec.Struct], name: str, share: float, tmp_path: Path
) -> None:
    path = write(tmp_path / name, rows)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    broken = list(source_of(path).batches(None))
    assert [reason for _, reason in letters_of(broken)] == ["truncated"]
    again = list(source_of(path).batches(broken[-1].position))
    assert (events_of(again), letters_of(again)) == ([], letters_of(broken)), "the letter is the same, not a new one"
    path.write_bytes(whole)
    assert events_of(broken) + events_of(source_of(path).batches(broken[-1].position)) == rows


def test_a_cell_of_several_lines_that_broke_off(tmp_path: Path) -> None:
    start = b'exchange,customer_id,at_us\n"x","c0","%d"\n' % START_US
    last = b'"x","c\n\n1","%d"\n' % (START_US + 1)
    for cut in range(1, len(last) - 1):
        path = tmp_path / f"{cut}.csv"
        path.write_bytes(start + last[:cut])
        broken = list(source_of(path).batches(None))
        path.write_bytes(start + last)
        found = events_of(broken) + events_of(source_of(path).batches(broken[-1].position))
        assert [c.customer_id for c in found if isinstance(c, Customer)] == ["c0", "c\n\n1"], cut


def test_a_whole_last_line_without_newline_is_not_given_twice(tmp_path: Path) -> None:
    raw = encode(transfer(0)) + b"\n" + encode(transfer(1))
    for name, kept in (("t.ndjson", raw), ("t.ndjson.gz", gzip.compress(raw))):
        (tmp_path / name).write_bytes(kept)
        batches = list(source_of(tmp_path / name).batches(None))
        assert events_of(batches) == [transfer(0), transfer(1)]
        assert list(source_of(tmp_path / name).batches(batches[-1].position)) == []
