"""Files of travel-rule messages: one, a list or one a line, each by itself."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.exchange import messages as room
from manumit.connectors.exchange.messages import messages
from manumit.schemas.errors import ConfigError

ONE = {"originator": {"accountNumber": ["0x1"]}}
WITH = {"message": None, "transfer": {"profile": "us", "amount": 20}}


def write(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\r\n" for row in rows)


@pytest.mark.parametrize(
    ("name", "raw", "numbers"),
    [
        ("one.json", json.dumps(ONE, indent=2).encode(), [1]),
        ("marked.json", b"\xef\xbb\xbf" + json.dumps(ONE).encode(), [1]),
        ("list.json", json.dumps([ONE, WITH, ONE]).encode(), [1, 2, 3]),
        ("lines.ndjson", lines(ONE) + b"\n" + lines(WITH), [1, 3]),
        ("lines.jsonl.gz", gzip.compress(lines(ONE, WITH)), [1, 2]),
        ("lines.txt", lines(ONE, WITH), [1, 2]),
        ("damaged.json", json.dumps(ONE, indent=2).encode()[:-1], [1]),
    ],
)
def test_where_each_stands(tmp_path: Path, name: str, raw: bytes, numbers: list[int]) -> None:
    found = list(messages(write(tmp_path, name, raw)))
    assert [one.number for one in found] == numbers
    assert not any(one.fault for one in found)


def test_a_message_brings_its_own_transfer(tmp_path: Path) -> None:
    bare, own = messages(write(tmp_path, "lines.ndjson", lines(ONE, WITH)))
    assert (json.loads(bare.raw), bare.transfer) == (ONE, None)
    assert own.raw == b"null"
    assert own.transfer is not None
    assert (own.transfer.profile, own.transfer.amount) == ("us", 20)


def test_an_unreadable_transfer_is_a_fault_of_its_line_alone(tmp_path: Path) -> None:
    wrong = {"message": ONE, "transfer": {"profile": "atlantis"}}
    first, second = messages(write(tmp_path, "lines.ndjson", lines(wrong, ONE)))
    assert "atlantis" in first.fault
    assert second.fault == ""


def test_a_file_that_is_empty_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="is empty"):
        messages(write(tmp_path, "empty.json", b" \n"))
    monkeypatch.setattr(room, "LARGEST_WHOLE", 10)
    with pytest.raises(ConfigError, match="ndjson"):
        messages(write(tmp_path, "large.json", json.dumps(ONE).encode()))


def test_deep_nesting_is_left_to_the_reader(tmp_path: Path) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    (found,) = messages(write(tmp_path, "deep.json", deep))
    assert found.raw == deep


@given(st.binary(min_size=1, max_size=80))
def test_whatever_a_file_holds_is_told(raw: bytes) -> None:
    for line in (raw, b'{"message":' + raw, b'{"transfer":' + raw):
        found = room._found(1, line)
        assert bool(found.fault) != bool(found.raw)
