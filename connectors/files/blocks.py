"""Times and hashes of blocks, from the blocks or transactions files of an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from manumit.connectors.files.etl import MAX_INT64, BlockTime, hex_text, time_us, whole
from manumit.connectors.files.rows import Fields
from manumit.connectors.files.table import read_table
from manumit.schemas.errors import BadRecord


def block_times(paths: Iterable[Path]) -> dict[int, BlockTime]:
    """By height. Rows that name no usable block are passed over: their transfers will say so themselves."""
    return dict(pair for path in paths for pair in known_blocks(read_table(path)))


def known_blocks(rows: Iterable[Fields]) -> Iterator[tuple[int, BlockTime]]:
    """(height, time) of the rows that say both. Pure."""
    for row in rows:
        try:
            given = row.get("block_hash")
            block_hash = hex_text(given, "block_hash") if given else ""
            yield whole(row, "block_number", MAX_INT64), BlockTime(time_us(row.get("block_timestamp")), block_hash)
        except BadRecord:
            continue
