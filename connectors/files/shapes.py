"""The shapes of files manumit reads, told apart by their columns, never by their names. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from manumit.connectors.files.etl import Reading, log_transfer, native_transfer, token_transfer
from manumit.connectors.files.own import OWN_KINDS, TRANSFER, Event, OwnKind
from manumit.connectors.files.rows import Fields

FileForm = Literal["ndjson", "csv", "parquet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`needs` are the columns that tell it. `columns` maps ethereum-etl's names to the file's own."""

    name: str
    needs: frozenset[str]
    parse: Callable[[Fields, Reading], Event | None] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    own: OwnKind | None = None
    blocks: bool = False
    refused: str = ""

    @property
    def schema(self) -> str:
        """The record its rows become."""
        return TRANSFER.schema if self.own is None else self.own.schema

    def row(self, fields: Fields) -> Fields:
        """The row under ethereum-etl's names."""
        if not self.columns:
            return fields
        return {name: fields.get(column) for name, column in self.columns.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file whose form and shape are known. `columns` are those seen in its header or first rows."""

    path: Path
    form: FileForm
    shape: Shape
    columns: frozenset[str]


GRAPHSENSE_PLACE = {
    "block_number": "blockId",
    "block_hash": "blockHash",
    "block_timestamp": "blockTimestamp",
    "transaction_index": "transactionIndex",
    "transaction_hash": "txHash",
}

ETL_TRANSACTIONS = Shape(
    name="ethereum-etl transactions",
    needs=frozenset(("hash", "block_number", "transaction_index", "from_address", "to_address", "value")),
    parse=native_transfer,
    columns={
        "transaction_hash": "hash",
        **{n: n for n in ("block_number", "block_hash", "block_timestamp", "transaction_index", "receipt_status")},
        **{n: n for n in ("from_address", "to_address", "value")},
    },
)
ETL_TOKEN_TRANSFERS = Shape(
    name="ethereum-etl token_transfers",
    needs=frozenset(
        ("token_address", "from_address", "to_address", "value", "transaction_hash", "log_index", "block_number")
    ),
    parse=token_transfer,
)
ETL_LOGS = Shape(
    name="ethereum-etl logs",
    needs=frozenset(("log_index", "transaction_hash", "address", "data", "topics", "block_number")),
    parse=log_transfer,
)
GRAPHSENSE_TRANSACTIONS = Shape(
    name="GraphSense transactions",
    needs=frozenset(("txHash", "blockId", "transactionIndex", "fromAddress", "value", "blockTimestamp")),
    parse=native_transfer,
    columns={
        **GRAPHSENSE_PLACE,
        "from_address": "fromAddress",
        "to_address": "toAddress",
        "value": "value",
        "receipt_status": "receiptStatus",
    },
)
GRAPHSENSE_TOKEN_TRANSFERS = Shape(
    name="GraphSense token_transfers",
    needs=frozenset(("txHash", "blockId", "logIndex", "tokenAddress", "from", "to", "value")),
    parse=token_transfer,
    columns={
        **GRAPHSENSE_PLACE,
        "log_index": "logIndex",
        "token_address": "tokenAddress",
        "from_address": "from",
        "to_address": "to",
        "value": "value",
    },
)
GRAPHSENSE_LOGS = Shape(
    name="GraphSense logs",
    needs=frozenset(("txHash", "blockId", "logIndex", "address", "data", "topics")),
    parse=log_transfer,
    columns={**GRAPHSENSE_PLACE, "log_index": "logIndex", "address": "address", "data": "data", "topics": "topics"},
)
ETL_BLOCKS = Shape(
    name="ethereum-etl blocks",
    needs=frozenset(("number", "hash", "parent_hash", "timestamp")),
    columns={"block_number": "number", "block_hash": "hash", "block_timestamp": "timestamp"},
    blocks=True,
)
GRAPHSENSE_BLOCKS = Shape(
    name="GraphSense blocks",
    needs=frozenset(("blockId", "blockHash", "parentHash", "timestamp")),
    columns={"block_number": "blockId", "block_hash": "blockHash", "block_timestamp": "timestamp"},
    blocks=True,
)
REFUSED = (
    Shape(
        name="transfers without ids",
        needs=frozenset(("block_number", "transaction_index", "time_stamp", "contract_address", "value")),
        refused="its rows carry neither transaction hash nor log index and round values to whole tokens: no event id "
        "and no exact amount can be made of them; export logs or token_transfers instead",
    ),
    Shape(
        name="traces",
        needs=frozenset(("trace_type", "trace_address", "from_address", "to_address")),
        refused="internal transfers are not read; export transactions and logs instead",
    ),
    Shape(
        name="GraphSense traces",
        needs=frozenset(("traceIndex", "txHash")),
        refused="internal transfers are not read; export transactions and logs instead",
    ),
)
OWN_SHAPES = tuple(Shape(name=kind.schema, needs=kind.required, own=kind) for kind in OWN_KINDS)
SHAPES = (
    *OWN_SHAPES,
    *REFUSED,
    ETL_LOGS,
    ETL_TOKEN_TRANSFERS,
    ETL_TRANSACTIONS,
    GRAPHSENSE_LOGS,
    GRAPHSENSE_TOKEN_TRANSFERS,
    GRAPHSENSE_TRANSACTIONS,
    ETL_BLOCKS,
    GRAPHSENSE_BLOCKS,
)


def recognise(columns: frozenset[str]) -> Shape | None:
    """The first shape whose needed columns are all there."""
    return next((shape for shape in SHAPES if shape.needs <= columns), None)
