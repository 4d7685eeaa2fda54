"""Lines of text to rows of named values. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from manumit.connectors.files.stream import LONGEST_RECORD, Record
from manumit.schemas.errors import BadRecord

Fields = Mapping[str, object]

csv.field_size_limit(2 * LONGEST_RECORD)  # Python's own 128 KiB would call a long cell of a sound record malformed
QUOTE = b'"'
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def json_fields(raw: bytes) -> dict[str, object]:
    """One JSON object. Integers stay exact. Raises BadRecord("malformed")."""
    try:
        return msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("malformed", f"not one JSON object ({error})") from error


def csv_cells(raw: bytes) -> list[str]:
    """The cells of one CSV record, quoted newlines and all. Raises BadRecord("malformed")."""
    try:
        rows = list(csv.reader([raw.decode("utf-8")], strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadRecord("malformed", f"not a CSV record in UTF-8 ({error})") from error
    if len(rows) != 1:
        raise BadRecord("malformed", "not one CSV record")
    return rows[0]


def csv_fields(raw: bytes, header: tuple[str, ...]) -> dict[str, object]:
    """Cells by column name. Raises BadRecord("malformed") when the counts differ."""
    cells = csv_cells(raw)
    if len(cells) != len(header):
        raise BadRecord("malformed", f"{len(cells)} cells, but the header names {len(header)}")
    return dict(zip(header, cells, strict=True))


def join_quoted(records: Iterator[Record]) -> Iterator[Record]:
    """CSV records whose quoted cells hold newlines, put together again.

    A quote that is never closed must not swallow the file: after LONGEST_RECORD bytes the line that
    opened it stands alone (and will be malformed), and reading goes on behind it.
    """
    held: list[Record] = []
    size, open_quote = 0, False
    for record in records:
        held.append(record)
        size += len(record.raw)
        open_quote ^= record.raw.count(QUOTE) % 2 == 1
        if not open_quote and record.fault is None:
            yield joined(held)
        elif record.fault or size > LONGEST_RECORD:
            yield from apart(held, ended=record.fault is None)
        else:
            continue
        held, size, open_quote = [], 0, False
    yield from apart(held, ended=False)


def joined(parts: list[Record]) -> Record:
    """One record of several lines; its place is the line it begins on, its stop the last line's."""
    if len(parts) == 1:
        return parts[0]
    raw = b"\n".join(part.raw for part in parts)
    return Record(raw=raw, line=parts[0].line, stop=parts[-1].stop, ended=parts[-1].ended)


def apart(parts: list[Record], *, ended: bool) -> Iterator[Record]:
    """Lines after a quote that does not close, each on its own. Not `ended`: the file broke off in the quote."""
    yield from parts if ended else (replace(part, ended=False) for part in parts)


def unmarked(raw: bytes) -> bytes:
    """Without the byte order mark some editors put before a file."""
    return raw.removeprefix(BYTE_ORDER_MARK)
