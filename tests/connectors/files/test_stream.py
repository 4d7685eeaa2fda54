from __future__ import annotations

import csv
import gzip
import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.files.rows import csv_cells, csv_fields, join_quoted, json_fields
from manumit.connectors.files.stream import LONGEST_RECORD, Record, inflate, split_lines
from manumit.schemas.errors import BadRecord


def records(*chunks: bytes) -> list[Record]:
    return list(split_lines(iter(chunks)))


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(raw), *(p % (len(raw) + 1) for p in places)})
    return [raw[a:b] for a, b in pairwise(edges)]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_lines_do_not_depend_on_how_bytes_arrive(raw: bytes, places: list[int]) -> None:
    assert records(*cut(raw, places)) == records(raw)


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b)))
def test_lines_come_back_with_their_places(lines: list[bytes]) -> None:
    raw = b"".join(line + b"\n" for line in lines)
    found = records(raw)
    assert [r.raw for r in found] == lines
    assert [r.line for r in found] == list(range(1, len(lines) + 1))
    assert all(raw[: r.stop].count(b"\n") == r.line for r in found)


def test_a_last_line_without_newline_says_so() -> None:
    assert [(r.raw, r.ended) for r in records(b"a\r\nb")] == [(b"a\r", True), (b"b", False)]


def test_a_line_that_is_too_long_is_cut_and_reading_goes_on() -> None:
    long = b"x" * (3 * LONGEST_RECORD)
    found = records(*cut(long + b"\nok\n", list(range(0, len(long), LONGEST_RECORD // 3))))
    assert [r.fault is None for r in found] == [False, True]
    assert found[0].stop == len(long) + 1
    assert len(found[0].raw) < LONGEST_RECORD
    assert found[1].raw == b"ok"


@given(st.lists(st.binary(max_size=300), max_size=4), st.lists(st.integers(0, 1000)))
def test_gzip_members_end_to_end(parts: list[bytes], places: list[int]) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    assert b"".join(inflate(cut(packed, places))) == b"".join(parts)


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1), st.integers(1, 10_000), st.booleans())
def test_a_gzip_file_that_breaks_off_keeps_its_good_lines(lines: list[bytes], at: int, spoil: bool) -> None:
    raw = b"".join(line.hex().encode() + b"\n" for line in lines)
    packed = gzip.compress(raw)
    keep = at % len(packed)
    broken = packed[:keep] + (b"\xff" * (len(packed) - keep) if spoil else b"")
    found = list(split_lines(inflate([broken]))) if broken else []
    good = [r for r in found if r.fault is None]
    if spoil:  # broken data may read as other data until the checksum at the end
        assert all(r.fault is None or r.fault.reason == "truncated" for r in found)
        return
    assert raw.startswith(b"".join(r.raw + b"\n" for r in good if r.ended))
    if keep:
        assert found[-1].fault is not None
        assert found[-1].fault.reason == "truncated"


@given(st.binary(max_size=300))
def test_any_bytes_inflate_or_break_off(raw: bytes) -> None:
    for record in split_lines(inflate([raw])):
        assert record.fault is None or record.fault.reason == "truncated"


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_bad_records(raw: bytes) -> None:
    for record in join_quoted(split_lines(iter([raw]))):
        for parse in (json_fields, csv_cells, lambda b: csv_fields(b, ("a", "b"))):
            try:
                parse(record.raw)
            except BadRecord as error:
                assert error.reason == "malformed"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))), min_size=1))
def test_csv_cells_with_newlines_and_quotes(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["head", *row] for row in rows])
    found = list(join_quoted(split_lines(iter([text.getvalue().encode()]))))
    assert [csv_cells(r.raw) for r in found] == [["head", *row] for row in rows]


def test_a_quote_that_never_closes_does_not_swallow_the_file() -> None:
    lines = [b'a,"open', *(b"b,c" for _ in range(3))]
    found = list(join_quoted(split_lines(iter([b"\n".join(lines) + b"\n"]))))
    assert [r.raw for r in found] == lines
    assert [r.line for r in found] == [1, 2, 3, 4]
