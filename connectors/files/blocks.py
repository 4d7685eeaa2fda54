"""Times and hashes of blocks, from the blocks or transactions files of an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from manumit.connectors.files.etl import MAX_INT64, BlockTime, hex_text, time_us, whole
from manumit.connectors.files.rows import Fields
from manumit.connectors.files.shapes import FoundFile
from manumit.connectors.files.table import readable_rows
from manumit.schemas.errors import BadRecord


def block_times(found: Iterable[FoundFile]) -> dict[int, BlockTime]:
    """By height. Rows that name no usable block are passed over: their transfers will say so themselves."""
    rows = (file.shape.row(row) for file in found for row in readable_rows(file.path, file.form))
    return dict(known_blocks(rows))


def known_blocks(rows: Iterable[Fields]) -> Iterator[tuple[int, BlockTime]]:
    """(height, time) of the rows that say both. Pure."""
    for row in rows:
        try:
            given = row.get("block_hash")
            block_hash = hex_text(given, "block_hash") if given else ""
            pair = whole(row, "block_number", MAX_INT64), BlockTime(time_us(row.get("block_timestamp")), block_hash)
        except BadRecord:
            continue
        yield pair
