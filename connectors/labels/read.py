"""Reads a label list of any known form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from manumit.connectors.files.rows import csv_fields, join_quoted
from manumit.connectors.files.stream import split_lines
from manumit.connectors.files.survey import open_files
from manumit.connectors.labels.categories import category_of
from manumit.connectors.labels.ftm import parse_ftm
from manumit.connectors.labels.ofac import currency_of, parse_ofac
from manumit.connectors.labels.subjects import LabelRow, Unusable, usable
from manumit.connectors.labels.tagpack import parse_tagpack
from manumit.connectors.rates import Rates
from manumit.schemas.addresses import ETHEREUM
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import BadRecord, ConfigError, EdgeDown
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label

YAML_ENDINGS = (".yaml", ".yml")
ETHERSCAN_COLUMNS = frozenset(("address", "name", "family", "type"))
FTM_MARKS = (b'"schema"', b'"properties"')
SNIFFED_BYTES = 65_536
WEB_CRAWL = 0.2
ETHERSCAN_FAMILIES = {
    "exchange": "exchange",
    "phish-hack": "phishing",
    "phish": "phishing",
    "scam": "scam",
    "heist": "service_hack",
    "gambling": "gambling",
    "tornado-cash": "mixing_service",
    "mining": "mining_service",
    "ofac-sanctions-lists": "sanction",
    "blocked": "black_list",
}

Labels = tuple[tuple[Label, ...], tuple[DeadLetter, ...]]


def read_labels(
    path: Path | str, *, listed_us: int = YEAR_1970_US, evm_chains: tuple[str, ...] = (ETHEREUM,)
) -> Labels:
    """Labels of one list, or of every list in a folder, and a dead letter for each row that gives none.

    Read are OFAC address lists, GraphSense TagPacks, FollowTheMoney entities, Etherscan tags as CSV and
    label.v1. `listed_us` dates lists that carry no date; an Ethereum address is watched on each of
    `evm_chains`. Raises ConfigError for a file of another form, EdgeDown when it cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise ConfigError(f"label list {path} does not exist")
    files = [p for p in sorted(path.iterdir()) if p.is_file() and is_list(p)] if path.is_dir() else [path]
    if not files:
        raise ConfigError(f"{path} holds no label list")
    read = [row for file in files for row in read_list(file, listed_us, evm_chains)]
    return tuple(r for r in read if isinstance(r, Label)), tuple(r for r in read if isinstance(r, DeadLetter))


def is_list(path: Path) -> bool:
    """True for the files of a folder that are taken for label lists; a `.json` twin of a `.txt` is left out."""
    twin = path.suffix == ".json" and path.with_suffix(".txt").exists()
    return not twin and (currency_of(path.name) is not None or path.suffix in (*YAML_ENDINGS, ".ndjson", ".jsonl"))


def read_list(path: Path, listed_us: int, evm_chains: tuple[str, ...]) -> Iterator[Label | DeadLetter]:
    """One file. Raises ConfigError, EdgeDown."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EdgeDown(f"label list {path}: cannot be read ({error})") from error
    rows = foreign_rows(raw, path.name, listed_us)
    if rows is None:
        return own_labels(path)
    return usable(rows, source=f"labels:{path.name[-200:]}", evm_chains=evm_chains)


def foreign_rows(raw: bytes, file_name: str, listed_us: int) -> Iterable[LabelRow | Unusable] | None:
    """The rows of a list of another's form; None when it may be one of ours. Pure."""
    if currency_of(file_name):
        return parse_ofac(raw.decode("utf-8", "replace"), file_name=file_name, listed_us=listed_us)
    if file_name.endswith(YAML_ENDINGS):
        return parse_tagpack(raw.decode("utf-8", "replace"), file_name=file_name, listed_us=listed_us)
    head = raw[:SNIFFED_BYTES]
    if head.lstrip().startswith(b"{") and all(mark in head for mark in FTM_MARKS):
        return parse_ftm((line for line in raw.splitlines() if line.strip()), file_name=file_name, listed_us=listed_us)
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if frozenset(first.split(",")) >= ETHERSCAN_COLUMNS:
        return parse_etherscan(raw, file_name=file_name, listed_us=listed_us)
    return None


def parse_etherscan(raw: bytes, *, file_name: str, listed_us: int) -> Iterator[LabelRow | Unusable]:
    """Etherscan's label cloud as CSV: address, name, family, … Pure."""
    records = join_quoted(split_lines(iter([raw])))
    header = tuple(next(records).raw.decode("utf-8", "replace").strip().split(","))
    for record in records:
        place = f"{file_name}:{record.line}"
        try:
            row = csv_fields(record.raw, header)
        except BadRecord as error:
            yield Unusable(place, str(error), record.raw.decode("utf-8", "backslashreplace"))
            continue
        family = str(row["family"])
        label = Label(
            subject=str(row["address"]),
            category=category_of([ETHERSCAN_FAMILIES.get(family, "")]),
            name=str(row["name"]) or family,
            source="etherscan-tags",
            source_url="https://etherscan.io/labelcloud",
            listed_us=listed_us,
            confidence=WEB_CRAWL,
            valid_from_us=listed_us,
        )
        yield LabelRow(place=place, address=str(row["address"]), currency="ETH", label=label)


def own_labels(path: Path) -> Iterator[Label | DeadLetter]:
    """A file of label.v1. Raises ConfigError when it holds none."""
    found = 0
    for source in open_files(path, Rates(assets={})):
        for batch in source.batches(None):
            found += len(batch.labels) + len(batch.dead_letters)
            yield from batch.labels
            yield from batch.dead_letters
    if not found:
        raise ConfigError(f"{path} holds no labels")
