"""Labelled job adverts in the columns of EMSCAD, from a file the user has (Employment Scam Aegean Dataset; Vidros,
Kolias, Kambourakis & Akoglu 2017, doi:10.3390/fi9010006). manumit ships no copy.

Contacts, introduced names and addresses are masked as in every advert, before anything is learned.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from manumit.connectors.listings.plain import plain_text
from manumit.schemas.errors import ConfigError

TEXTS = ("title", "company_profile", "description", "requirements", "benefits")
LABEL = "fraudulent"
YES, NO = ("1", "t", "true"), ("0", "f", "false")
LARGEST_CELL = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledAdverts:
    """n adverts as one text each; `is_fraud` bool[n]; `refused` rows had no text or no label."""

    texts: tuple[str, ...]
    is_fraud: npt.NDArray[np.bool_]
    refused: int


def read_emscad(path: Path) -> LabelledAdverts:
    """Raises ConfigError for a file that is away, is no CSV in UTF-8 or lacks EMSCAD's columns."""
    try:
        with path.open(encoding="utf-8", errors="strict", newline="") as lines:
            return labelled(_rows(lines, path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"labelled adverts {path}: {error}") from error


def labelled(rows: Iterator[Mapping[str, str]]) -> LabelledAdverts:
    """Pure."""
    texts: list[str] = []
    marks: list[bool] = []
    refused = 0
    for row in rows:
        text, mark = advert_text(row), (row.get(LABEL) or "").strip().lower()
        if not text or mark not in (*YES, *NO):
            refused += 1
            continue
        texts.append(text)
        marks.append(mark in YES)
    return LabelledAdverts(texts=tuple(texts), is_fraud=np.array(marks, np.bool_), refused=refused)


def advert_text(row: Mapping[str, str]) -> str:
    """The advert's words, without markup."""
    return "\n".join(told for name in TEXTS if (told := plain_text(row.get(name) or "").strip()))


def _rows(lines: Iterator[str], path: Path) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.DictReader(lines)
    missing = {*TEXTS, LABEL} - set(reader.fieldnames or ())
    if missing:
        raise ConfigError(f"labelled adverts {path} lack the columns {', '.join(sorted(missing))} of EMSCAD")
    return reader
