"""What a path holds: each file known by its columns, or refused with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from manumit.connectors.contract import Source
from manumit.connectors.files.own import TRANSFER
from manumit.connectors.files.parquet_source import ParquetSource
from manumit.connectors.files.parquet_transfers import TransferFile, is_fast
from manumit.connectors.files.shapes import (
    ETL_LOGS,
    ETL_TOKEN_TRANSFERS,
    GRAPHSENSE_LOGS,
    GRAPHSENSE_TOKEN_TRANSFERS,
    FileForm,
    FoundFile,
    Shape,
    recognise,
)
from manumit.connectors.files.stream import read_chunks
from manumit.connectors.files.table import csv_header, open_parquet, readable_rows
from manumit.connectors.files.text_source import TextSource
from manumit.connectors.rates import Rates
from manumit.schemas.errors import BadRecord, ConfigError

PARQUET_MAGIC = b"PAR1"
ROWS_LOOKED_AT = 100
LONGEST_NAME = 200
PATH_DIGITS = 8
READABLE = "transfers, listings, customers, account events or labels of manumit; transactions, logs or "
READABLE += "token_transfers of ethereum-etl or GraphSense"
LOGS = (ETL_LOGS, GRAPHSENSE_LOGS)
TOKEN_TRANSFERS = (ETL_TOKEN_TRANSFERS, GRAPHSENSE_TOKEN_TRANSFERS)
LOGS_ARE_BETTER = "the logs beside it hold the same transfers, and tell ERC-20 from ERC-721, which this file does not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`refused` says, for every other file of the path, why it is not read."""

    sources: tuple[Source, ...]
    refused: Mapping[Path, str]


def open_files(path: Path | str, rates: Rates, *, chain: str = "eip155:1") -> list[Source]:
    """Every readable file of a folder, or one file, in order of their names.

    `chain` is the chain of exports that do not name theirs. Raises ConfigError when there is none,
    saying for each file why.
    """
    found = survey(Path(path), rates, chain=chain)
    if not found.sources:
        reasons = "; ".join(f"{p.name}: {reason}" for p, reason in found.refused.items()) or "the folder is empty"
        raise ConfigError(f"{path} holds nothing manumit can read ({reasons})")
    return list(found.sources)


def survey(path: Path, rates: Rates, *, chain: str = "eip155:1") -> Survey:
    """Looks at every file. Raises ConfigError when the path does not exist, EdgeDown when it cannot be read."""
    if not path.exists():
        raise ConfigError(f"{path} does not exist")
    wanted = listing(path) if path.is_dir() else [path]
    looks = {p: look(p) for p in wanted}
    found = [f for f in looks.values() if isinstance(f, FoundFile)]
    refused = {p: reason for p, reason in looks.items() if isinstance(reason, str)}
    refused |= {f.path: reason for f in found if (reason := refusal(f, found))}
    beside = found if path.is_dir() else siblings(path, found)
    sources = [source_of(f, rates, chain, times_for(f, beside)) for f in found if f.path not in refused]
    return Survey(sources=tuple(sources), refused=refused)


def listing(folder: Path) -> list[Path]:
    """Plain files of a folder by name, hidden ones left out."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def look(path: Path) -> FoundFile | str:
    """The file's form and shape, or why it has none. Raises EdgeDown."""
    try:
        form = form_of(path)
        columns, shape = (frozenset[str](), None) if form is None else shape_of(path, form)
    except BadRecord as error:
        return str(error)
    if form is None:
        return "it is empty, or no Parquet, CSV or file of one JSON object per line"
    if shape is None:
        return f"its columns ({', '.join(sorted(columns)[:12]) or 'none'}) are none of: {READABLE}"
    return FoundFile(path=path, form=form, shape=shape, columns=columns)


def form_of(path: Path) -> FileForm | None:
    """By the first bytes. Raises BadRecord where gzip data break off at once."""
    with path.open("rb") as stream:
        if stream.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC:
            return "parquet"
    start = next((c for c in read_chunks(path) if c.strip()), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start or start.startswith(b"["):
        return None
    return "ndjson" if start.startswith(b"{") else "csv"


def shape_of(path: Path, form: FileForm) -> tuple[frozenset[str], Shape | None]:
    """The columns that tell the shape, and the shape they tell."""
    if form == "parquet":
        columns = frozenset(open_parquet(path).schema_arrow.names)
    elif form == "csv":
        columns = frozenset(csv_header(path)[0])
    else:
        looked_at = [frozenset(row) for row in islice(readable_rows(path, form), ROWS_LOOKED_AT)]
        columns = next((c for c in looked_at if recognise(c)), looked_at[0] if looked_at else frozenset[str]())
    return columns, recognise(columns)


def refusal(file: FoundFile, found: Iterable[FoundFile]) -> str:
    """Why a known file is not read, or ""."""
    own = file.shape.own
    if file.shape.blocks:
        return "it holds no events; its block times serve the files beside it"
    if own is not None and file.form != "ndjson" and file.columns - own.names:
        return f"{own.schema} has no column {', '.join(sorted(file.columns - own.names))}; rename or drop it"
    if file.shape in TOKEN_TRANSFERS and any(f.shape in LOGS for f in found):
        return LOGS_ARE_BETTER
    return file.shape.refused


def siblings(path: Path, found: list[FoundFile]) -> list[FoundFile]:
    """Files beside one that needs block times."""
    if not found or not needs_times(found[0]):
        return []
    return [f for p in listing(path.parent) if isinstance(f := look(p), FoundFile)]


def needs_times(file: FoundFile) -> bool:
    """True for exports whose rows do not say when their block was made."""
    stamp = file.shape.columns.get("block_timestamp", "block_timestamp")
    return file.shape in (*LOGS, *TOKEN_TRANSFERS) and stamp not in file.columns


def times_for(file: FoundFile, beside: Iterable[FoundFile]) -> tuple[FoundFile, ...]:
    """The files that give block times: blocks, else transactions."""
    if not needs_times(file):
        return ()
    others = [f for f in beside if f.path != file.path]
    blocks = tuple(f for f in others if f.shape.blocks)
    stamp = "block_timestamp"
    return blocks or tuple(f for f in others if f.shape.columns.get(stamp, stamp) in f.columns)


def source_name(path: Path) -> str:
    """Folder and file name to read, and digits that no file of another path shares."""
    resolved = path.resolve()
    digits = sha256(os.fsencode(resolved)).hexdigest()[:PATH_DIGITS]
    return f"file:{f'{resolved.parent.name}/{path.name}'[-LONGEST_NAME:]}#{digits}"


def source_of(file: FoundFile, rates: Rates, chain: str, block_files: tuple[FoundFile, ...]) -> Source:
    """The source that reads this form and shape."""
    name = source_name(file.path)
    if file.form == "parquet" and file.shape.own == TRANSFER and is_fast(open_parquet(file.path).schema_arrow):
        return TransferFile(path=file.path, name=name, rates=rates)
    if file.form == "parquet":
        return ParquetSource(file=file, name=name, chain=chain, rates=rates, block_files=block_files)
    return TextSource(file=file, name=name, chain=chain, rates=rates, block_files=block_files)
